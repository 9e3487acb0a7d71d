"""The assignment's paths on quadratics: figure 7, and what exercise 2 asks to keep."""

import numpy as np
import pandas as pd
import pytest

from experiments.runs import quadratics, quadratics_figure_7


def of(table: pd.DataFrame, metric: str) -> np.ndarray:
    return table[table.metric == metric].value.to_numpy()


def figure_7(optimizer: str, given: dict, steps: int) -> pd.DataFrame:
    protocol = {
        "start": [-5.0, -2.0], "steps": steps, "optimizers": {optimizer: {"as printed": given}}
    }  # fmt: skip
    return pd.concat(quadratics_figure_7.run(optimizer, protocol), ignore_index=True)


def test_figure_7_s_path_is_adagrad_by_hand():
    """Both gradients have their coordinate's sign, so the first step is the rate in each."""
    table = figure_7("adagrad_eps_inside", {"lr": 0.4, "eps": 0.0}, 2)
    g1, g2 = np.array([0.2 * -5, 4 * -2]), np.array([0.2 * -4.6, 4 * -1.6])
    second = np.array([-4.6, -1.6]) - 0.4 * g2 / np.sqrt(g1**2 + g2**2)
    np.testing.assert_allclose(of(table, "x1"), [-5, -4.6, second[0]], rtol=1e-14)
    np.testing.assert_allclose(of(table, "x2"), [-2, -1.6, second[1]], rtol=1e-14)
    np.testing.assert_allclose(of(table, "s2"), [0, 64, 64 + 6.4**2], rtol=1e-14)
    np.testing.assert_allclose(
        of(table, "objective")[:2], [0.1 * 25 + 8, 0.1 * 4.6**2 + 2 * 1.6**2]
    )
    np.testing.assert_allclose(of(table, "distance")[0], np.sqrt(29))


def test_descent_at_figure_7_s_rate_swings_across_the_steep_coordinate_and_shrinks():
    """x2 is multiplied by 1 - 0.4 * 4 = -0.6 a step, x1 by 1 - 0.4 * 0.2 = 0.92."""
    table = figure_7("sgd", {"lr": 0.4}, 20)
    np.testing.assert_allclose(of(table, "x2"), -2 * (-0.6) ** np.arange(21), rtol=1e-12)
    np.testing.assert_allclose(of(table, "x1"), -5 * 0.92 ** np.arange(21), rtol=1e-12)


def test_a_path_that_diverges_is_kept_with_its_first_step_that_is_not_finite():
    """1 - 4 lr is some -4e154: its square is beyond double precision, x2 itself one step later."""
    table = figure_7("sgd", {"lr": 1e154}, 4)
    assert of(table, "diverged_at").tolist() == [1.0]
    assert len(of(table, "objective")) == 5


@pytest.mark.parametrize("function", quadratics.FUNCTIONS)
def test_exercise_2_keeps_accumulators_that_sum_the_squared_gradients(function):
    protocol = {
        "start": [3.0, 1.0], "steps": 30,
        "optimizers": {"adagrad": {"as printed": {"lr": 0.2, "eps": 1e-8}}},
    }  # fmt: skip
    table = pd.concat(quadratics.run("adagrad", protocol), ignore_index=True)
    table = table[table.variant == function]
    points = np.stack([of(table, "x1"), of(table, "x2")], axis=1)
    gradients = points @ quadratics.FUNCTIONS[function].hessian
    sums = np.cumsum(gradients**2, axis=0)
    for coordinate in (0, 1):
        found = of(table, f"s{coordinate + 1}")
        assert found[0] == 0
        np.testing.assert_allclose(found[1:], sums[:-1, coordinate], rtol=1e-12)
    np.testing.assert_allclose(of(table, "distance"), np.hypot(*points.T), rtol=1e-14)
