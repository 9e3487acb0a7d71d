"""What momentum and Adam make of past gradients, by hand."""

import numpy as np
import pandas as pd
import pytest
import torch

from experiments.analyses.moving_averages import analyse, states
from optim.registry import rule

PROTOCOL = {
    "betas": [0.5, 0.9], "steps": 60, "coordinates": 2000, "mean": 1.0, "deviation": 0.1, "seed": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.concat(analyse(PROTOCOL), ignore_index=True)


def values(table: pd.DataFrame, figure: str, series: str, metric: str) -> np.ndarray:
    chosen = (table.figure == figure) & (table.series == series) & (table.metric == metric)
    return table[chosen].value.to_numpy()


def test_the_velocity_is_the_sum_and_not_the_average(table):
    figure = "momentum is a sum"
    sums = values(table, figure, "velocity", "largest difference from the sum")
    averages = values(table, figure, "velocity", "largest difference from the moving average")
    assert (sums < 1e-13).all()  # rounding of sixty float64 terms of order one
    assert (averages > 1).all()


def test_the_ten_newest_gradients_weigh_two_thirds_at_a_momentum_of_nine_tenths(table):
    weights = values(table, "what past gradients weigh", "beta 0.9", "weight")
    np.testing.assert_allclose(weights, 0.9 ** np.arange(60), rtol=1e-12)
    shares = values(table, "what past gradients weigh", "beta 0.9", "share of the newest")
    assert shares[9] == pytest.approx(1 - 0.9**10)


def test_a_constant_gradient_becomes_ten_times_itself_or_itself(table):
    figure, t = "a constant gradient of 1", np.arange(1, 61)
    expected = {
        "momentum's velocity": (1 - 0.9**t) / 0.1,
        "Adam's first moment": 1 - 0.9**t,
        "Adam's first moment, corrected": np.ones(60),
    }
    for metric, by_hand in expected.items():
        found = values(table, figure, "beta 0.9", metric)
        np.testing.assert_allclose(found, by_hand, rtol=1e-12)


@pytest.mark.parametrize("series", ["Adam's first moment", "momentum's velocity"])
def test_the_noise_that_an_average_leaves_is_as_predicted(table, series):
    figure = "noise that an average leaves"
    measured, predicted = (
        values(table, figure, series, f"variance {kind}") for kind in ("measured", "predicted")
    )
    # A variance from 2000 normal numbers has a relative standard error of sqrt(2 / 2000).
    np.testing.assert_allclose(measured, predicted, rtol=4 * np.sqrt(2 / 2000))
    by_hand = {"Adam's first moment": 0.1 / 1.9, "momentum's velocity": 1 / 0.19}[series]
    assert predicted[1] == pytest.approx(by_hand, rel=1e-5)  # 0.9^120 is 3e-6


def test_without_its_bias_correction_adam_s_first_step_is_3_16_times_as_long(table):
    """(1 - 0.9) / sqrt(1 - 0.999), and (1 - 0.9^t) / sqrt(1 - 0.999^t) at step t."""
    figure, series = "Adam's first steps", "constant gradient"
    kept = values(table, figure, series, "step length with bias correction")
    np.testing.assert_allclose(kept, 1, rtol=1e-7)  # eps over the gradient is 1e-8
    without = values(table, figure, series, "step length without bias correction")
    t = np.arange(1, 61)
    np.testing.assert_allclose(without, (1 - 0.9**t) / np.sqrt(1 - 0.999**t), rtol=1e-6)
    assert without[0] == pytest.approx(np.sqrt(10), rel=1e-6)
    predicted = values(table, figure, series, "step length without bias correction, predicted")
    np.testing.assert_allclose(without, predicted, rtol=1e-6)


def test_the_uncorrected_state_is_the_corrected_one():
    """The correction is of the step, not of the moments."""
    gradients = np.random.default_rng(0).normal(size=(5, 3))
    one, other = (states(rule("adam"), gradients, corrected=each)[1] for each in (True, False))
    np.testing.assert_array_equal(one[0], other[0])


def test_the_second_moment_holds_the_squared_mean(table):
    series = "mean 1, deviation 0.1"
    found = values(table, "what Adam's second moment is", series, "second moment measured")
    # The average of 2000 coordinates over 60 steps of 1.01 with a deviation of about 0.2 each.
    assert found == pytest.approx([1.01], abs=4 * 0.2 / np.sqrt(2000 * 60))


def test_gradients_that_add_up_are_those_of_torch_without_zero_grad(table):
    rows = table[table.figure == "gradients that are never set to zero"]
    rows = rows[rows.metric == "weight"]
    for series, zeroed in (("gradients set to zero", True), ("gradients added up", False)):
        weight = torch.ones(1, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([weight], lr=0.1)
        path = [1.0]
        for _ in range(30):
            if zeroed:
                optimizer.zero_grad()
            (weight**2 / 2).sum().backward()
            optimizer.step()
            path.append(weight.item())
        found = rows[rows.series == series].value.to_numpy()[:31]
        np.testing.assert_allclose(found, path[: len(found)], rtol=1e-12)


def test_the_largest_weight_to_come_is_the_largest_from_there_on(table):
    rows = table[table.figure == "gradients that are never set to zero"]
    added = rows[rows.series == "gradients added up"]
    path = added[added.metric == "weight"].value.abs().to_numpy()
    found = added[added.metric == "largest weight still to come"].value.to_numpy()
    for step in (0, 3, len(path) - 1):
        assert found[step] == path[step:].max()
