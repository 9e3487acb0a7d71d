"""Variances through layers and symmetry, against closed forms and torch."""

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from experiments.analyses.initialisation import (
    VARIANCES,
    distinct_units,
    mean_squares,
    train_hidden_layer,
)

CONFIG = Path(__file__).resolve().parents[2] / "config" / "analyses" / "initialisation.yaml"
PROTOCOL = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["analyses"]["initialisation"]


def averaged(scheme: str, activation: str, widths: list[int]) -> np.ndarray:
    return np.mean([mean_squares(scheme, activation, widths, 16, seed) for seed in range(200)], 0)


def test_he_s_variance_keeps_the_mean_square_through_relus_and_lecun_s_halves_it():
    """z's mean square is 2 of the input's at the first layer, whose input has no ReLU yet."""
    widths = [100] * 5
    # 200 networks; the mean square of a layer varies by some 25 % between them, 2 % of the mean.
    he, _ = averaged("He, 2/inputs", "ReLU", widths)
    np.testing.assert_allclose(he, [2, 2, 2, 2], rtol=0.1)
    lecun, _ = averaged("LeCun, 1/inputs", "ReLU", widths)
    np.testing.assert_allclose(lecun, [1, 1 / 2, 1 / 4, 1 / 8], rtol=0.1)


def test_going_backward_it_is_the_outputs_that_count():
    """A gradient's mean square gains variance times outputs a layer, times half for the ReLU."""
    widths = [200, 100, 50]
    _, he = averaged("He, 2/inputs", "ReLU", widths)
    _, glorot = averaged("Glorot, 2/(inputs + outputs)", "ReLU", widths)
    np.testing.assert_allclose(he, [2 / 100 * 50 / 2, 1], rtol=0.1)
    np.testing.assert_allclose(glorot, [2 / 150 * 50 / 2, 1], rtol=0.1)


def test_the_schemes_are_torch_s_of_the_same_names():
    weight = torch.empty(300, 500)  # outputs, inputs
    generator = torch.Generator().manual_seed(0)
    for make, scheme in (
        (torch.nn.init.kaiming_normal_, "He, 2/inputs"),
        (torch.nn.init.xavier_normal_, "Glorot, 2/(inputs + outputs)"),
    ):
        make(weight, generator=generator)
        # 150,000 draws: the variance is estimated to 0.4 % a deviation.
        assert weight.var().item() == pytest.approx(VARIANCES[scheme](500, 300), rel=0.02)


def test_units_that_start_alike_stay_alike_and_random_ones_do_not():
    few = {**PROTOCOL, "steps": 50}
    alike, _ = train_hidden_layer("all ones", few)
    apart, _ = train_hidden_layer("random", few)
    assert distinct_units(alike) == 1
    assert distinct_units(apart) == PROTOCOL["hidden"]
    assert not np.allclose(alike, 1.0)  # it did train


def test_the_hidden_layer_s_training_is_torch_s_adagrad():
    weights, loss = train_hidden_layer("random", {**PROTOCOL, "steps": 20})
    generator = np.random.default_rng(0)
    x = np.column_stack([generator.uniform(-1, 1, (200, 2)), np.ones(200)])
    first = generator.normal(0, np.sqrt(1 / 3), 4 * PROTOCOL["hidden"])
    w = torch.tensor(first, requires_grad=True)
    optimizer = torch.optim.Adagrad([w], lr=PROTOCOL["learning_rate"], eps=1e-8)
    inputs, target = torch.tensor(x), torch.tensor(x[:, 0] * x[:, 1])
    units = PROTOCOL["hidden"]

    def half_squares() -> torch.Tensor:
        hidden = torch.tanh(inputs @ w[: 3 * units].reshape(units, 3).T)
        return ((hidden @ w[3 * units :] - target) ** 2).mean() / 2

    for _ in range(20):
        optimizer.zero_grad()
        half_squares().backward()
        optimizer.step()
    np.testing.assert_allclose(weights.ravel(), w.detach()[: 3 * units], rtol=1e-9)
    assert loss == pytest.approx(half_squares().item(), rel=1e-9)
