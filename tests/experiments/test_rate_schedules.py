"""Schedules as a protocol describes them, against torch's and by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from experiments.analyses.schedule_curves import analyse
from experiments.parquet import metadata, write_frames
from experiments.schedule_choice import described
from experiments.table import SCHEMA, Run, measurements

ROOT = Path(__file__).resolve().parents[2]
T = np.arange(1.0, 101)


def torch_factors(make, steps: int = 100) -> np.ndarray:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, factors = make(optimizer), []
    for _ in range(steps):
        factors.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return np.array(factors)


lr_scheduler = torch.optim.lr_scheduler


@pytest.mark.parametrize(
    ("description", "make"),
    [
        (
            {"shape": "step", "step_size": 0.25, "gamma": 0.3},
            lambda o: lr_scheduler.StepLR(o, 25, 0.3),
        ),
        ({"shape": "cosine"}, lambda o: lr_scheduler.CosineAnnealingLR(o, 100)),
        (
            {"shape": "cosine_with_restarts", "period": 0.2},
            lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 20),
        ),
        ({"shape": "polynomial", "power": 2.0}, lambda o: lr_scheduler.PolynomialLR(o, 100, 2.0)),
        (
            {"shape": "exponential", "final": 0.01},
            lambda o: lr_scheduler.ExponentialLR(o, 0.01 ** (1 / 99)),
        ),
    ],
)
def test_a_share_of_a_hundred_steps_is_torch_s_count(description, make):
    np.testing.assert_allclose(described(description, 100)(T), torch_factors(make), atol=1e-12)


def test_the_warm_up_takes_its_share_of_the_steps_and_the_shape_what_is_left():
    warmed = described({"shape": "cosine", "warmup": 0.1}, 100)(T)
    np.testing.assert_allclose(warmed[:11], np.append(np.arange(10) / 10, 1.0), atol=1e-12)
    np.testing.assert_allclose(warmed[10:], described({"shape": "cosine"}, 90)(T[:90]))


def test_an_exponential_ends_at_its_final_factor():
    factors = described({"shape": "exponential", "final": 0.01}, 100)(T)
    assert (factors[0], factors[-1]) == (1, pytest.approx(0.01))


@pytest.mark.parametrize(
    ("description", "told"),
    [({"shape": "cosin"}, "did you mean 'cosine'"), ({"shape": "step", "gama": 1}, "'gamma'")],
)
def test_a_misspelt_schedule_is_refused_with_the_nearest_name(description, told):
    with pytest.raises(ValueError, match=told):
        described(description, 100)


def test_every_configured_schedule_is_one_and_none_is_above_its_largest_rate():
    path = ROOT / "config" / "experiments" / "rate_schedules.yaml"
    protocol = yaml.safe_load(path.read_text(encoding="utf-8"))["experiments"]["rate_schedules"]
    for description in protocol["schedules"].values():
        factors = described(description, 3000)(np.arange(1.0, 3001))
        assert factors.max() == pytest.approx(1)
        assert factors.min() >= 0


def test_the_curves_are_those_trained_under_and_the_losses_medians(tmp_path):
    path = tmp_path / "runs" / "rate_schedules" / "sgd.parquet"
    frames = [
        measurements(
            Run("rate_schedules", "airfoil", "sgd", f"cosine, largest rate {lr}", {"lr": lr}, seed),
            "excess_train_loss", np.array([1.0, lr * (1 + seed)]),
            epoch=np.arange(2), step=np.arange(2),
        )
        for lr in (0.1, 0.3)
        for seed in range(3)
    ]  # fmt: skip
    schedules = {"cosine": {"shape": "cosine"}}
    write_frames(frames, SCHEMA, path, metadata({"schedules": schedules}, "full"))
    table = pd.concat(analyse({"steps": 4, "averaged": 2}, None, tmp_path))
    curve = table[table.figure == "learning-rate schedules"]
    half = np.sqrt(0.5) / 2
    np.testing.assert_allclose(curve.value, [1, 0.5 + half, 0.5, 0.5 - half], atol=1e-12)
    ends = table[table.figure == "excess training loss under each schedule, sgd"]
    assert ends.x.tolist() == [0.1, 0.3]
    np.testing.assert_allclose(ends.value, [0.2, 0.6])
