"""Airfoil's tables, and the runs of it retraced step by step."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
import yaml
from click.testing import CliRunner

from data.prepare import prepare
from data.settings import Settings
from experiments.__main__ import main
from experiments.least_squares import prepared_problem
from experiments.runs.airfoil import retrace, run
from experiments.table import Run

CONFIG = Path(__file__).resolve().parents[2] / "config" / "experiments" / "airfoil.yaml"
PROTOCOL = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["experiments"]["airfoil"]


@pytest.fixture(scope="module")
def airfoil(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "airfoil"
    prepare("airfoil", Settings(source="stand-in"), folder)
    return folder


@pytest.mark.slow
def test_the_claimed_runs_end_near_the_least_squares_optimum(airfoil, tmp_path):
    for optimizer, variant in (
        ("adagrad_eps_inside", "the book's rate"), ("sgd", "small rate"), ("adam", "small rate"),
    ):  # fmt: skip
        output = tmp_path / f"{optimizer}.parquet"
        arguments = ["run", "airfoil", optimizer, "--data", str(airfoil), "--output", str(output)]
        config = ["--config", str(CONFIG)]
        done = CliRunner().invoke(main, arguments + config, catch_exceptions=False)
        assert done.exit_code == 0
        table = pq.read_table(output).to_pandas()
        table = table[table.variant == variant]
        ends = table[(table.metric == "train_loss") & (table.epoch == 20)].value
        optimum = table[table.metric == "least_squares_loss"].value.iloc[0]
        assert len(ends) == PROTOCOL["seeds"]
        steps = table[table.metric == "train_loss"].step.unique()
        assert steps.tolist() == list(range(0, 3001, 150))  # 1,500 rows in batches of ten
        assert set(table.batch) == {10}
        assert (ends >= optimum - 1e-6).all()  # nothing is below the optimum but rounding
        assert (ends <= optimum * 1.01).all()


@pytest.mark.parametrize("optimizer", PROTOCOL["optimizers"])
@pytest.mark.slow
def test_the_curve_in_float64_meets_the_engine_s_losses_at_the_ends_of_epochs(airfoil, optimizer):
    """Ten epochs of 150 updates; every fifth of the points 300 samples apart is at an end."""
    protocol = {**PROTOCOL, "epochs": 10, "seeds": 1, "curve_every": 300}
    table = pd.concat(run(optimizer, protocol, airfoil), ignore_index=True)
    for variant in protocol["optimizers"][optimizer]:
        of = table[table.variant == variant]
        engine = of[of.metric == "train_loss"].set_index("step").value
        curve = of[of.metric == "train_loss_every_300_samples"]
        assert curve.step.tolist() == list(range(0, 1501, 30))
        at_ends = curve[curve.step % 150 == 0].set_index("step").value
        # The engine adds 1,500 updates up in single precision.
        np.testing.assert_allclose(at_ends, engine, rtol=2e-4)


@pytest.mark.slow
def test_the_retraced_path_is_torch_s_own_along_the_same_batches(airfoil):
    """torch.optim.Adam in float64 on the mean half squared error that the document trains on."""
    problem = prepared_problem(airfoil)
    inputs, target = problem.inputs, problem.targets
    given = {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-6}
    path = retrace(Run("airfoil", "airfoil", "adam", "a", given, 3, 10), problem, 1).points
    w = torch.tensor(path[0], requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=0.01, eps=1e-6)
    order = np.random.default_rng([3, 1]).permutation(1500)
    for first in range(0, 1500, 10):
        rows = order[first : first + 10]
        optimizer.zero_grad()
        loss = ((torch.tensor(inputs[rows]) @ w - torch.tensor(target[rows])) ** 2 / 2).mean()
        loss.backward()
        optimizer.step()
    np.testing.assert_allclose(path[-1], w.detach().numpy(), rtol=1e-9)


def test_points_of_the_curve_inside_a_batch_are_refused(airfoil):
    with pytest.raises(
        ValueError, match=r"curve_every is 25 samples, expected a multiple .* of 10"
    ):
        list(run("sgd", {**PROTOCOL, "curve_every": 25}, airfoil))
