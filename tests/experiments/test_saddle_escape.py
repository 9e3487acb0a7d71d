"""Leaving a saddle point: the function by differences, the stuck run by hand, noise by its seed."""

import numpy as np
import pandas as pd
import pytest

from experiments.runs.saddle_escape import gradient, loss, run


def escapes(optimizer: str = "sgd", given: dict | None = None, **changed) -> pd.DataFrame:
    protocol = {
        "start_x": 1.0, "start_y": [0.0, 1e-3], "noise": [1e-3], "seeds": 3, "steps": 300,
        "thin": 1, "optimizers": {optimizer: {"a": given or {"lr": 0.05}}},
    }  # fmt: skip
    return pd.concat(run(optimizer, protocol | changed), ignore_index=True)


def test_the_gradient_is_the_slope_of_the_loss():
    at = np.array([[0.3, -0.7], [1.0, 0.0], [-2.0, 1.5]])
    for axis in range(2):
        aside = np.zeros(2)
        aside[axis] = 1e-6
        slope = (loss(at + aside) - loss(at - aside)) / 2e-6
        np.testing.assert_allclose(gradient(at)[:, axis], slope, atol=1e-8)  # differences' error


def test_the_origin_is_a_saddle_and_its_minima_are_zero():
    np.testing.assert_array_equal(gradient(np.array([[0.0, 0], [0, 1], [0, -1]])), np.zeros((3, 2)))
    assert loss(np.array([0.0, 0.0])) == 0.25
    assert loss(np.array([0.1, 0.0])) > 0.25 > loss(np.array([0.0, 0.1]))
    np.testing.assert_array_equal(loss(np.array([[0.0, 1.0], [0.0, -1.0]])), [0, 0])


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adam"])
def test_on_the_stable_line_a_rule_without_noise_never_leaves(optimizer):
    table = escapes(optimizer)
    stuck = table[table.variant == "a, from y = 0"]
    assert (stuck[stuck.metric == "y"].value == 0).all()
    assert stuck[stuck.metric == "escape_step"].value.tolist() == [np.inf]
    ends = stuck[stuck.metric == "objective"].value
    assert ends.iloc[-1] == pytest.approx(0.25, abs=1e-3)


def test_sgd_beside_the_line_grows_by_its_rate_and_then_escapes():
    table = escapes()
    beside = table[table.variant == "a, from y = 0.001"]
    y = beside[beside.metric == "y"].value.to_numpy()
    assert y[1] == pytest.approx(1e-3 * 1.05 - 0.05 * 1e-9)
    first = int(np.flatnonzero(np.abs(y) > 0.5)[0])
    assert beside[beside.metric == "escape_step"].value.tolist() == [first]
    assert abs(y[-1]) == pytest.approx(1, abs=1e-4)


def test_noise_frees_every_seed_and_the_same_seed_goes_the_same_way():
    first, again = escapes(), escapes()
    pd.testing.assert_frame_equal(first, again)
    noisy = first[first.variant == "a, from y = 0, noise 0.001"]
    assert np.isfinite(noisy[noisy.metric == "escape_step"].value).all()
    assert sorted(noisy.seed.unique()) == [0, 1, 2]
    second = noisy[(noisy.metric == "y") & (noisy.step == 1)].set_index("seed").value
    by_hand = -0.05 * 1e-3 * np.random.default_rng(2).normal(size=(300, 2))[0, 1]
    assert second[2] == pytest.approx(by_hand, rel=1e-12)
