"""Figures 2 and 3: extrema, Hessians, and where descent goes, against calculus by hand."""

import numpy as np
import pandas as pd
import pytest
from numpy.polynomial import Polynomial

from experiments.analyses.critical_points import HESSIANS, analyse, extrema

PROTOCOL = {
    "interval": [-2.2, 2.2], "points": 11, "starts": 45, "learning_rate": 0.02, "steps": 400,
    "saddle_interval": [-2, 2], "sections": [0, 1], "offsets": [0.1, 1e-4],
}  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.concat(analyse(PROTOCOL), ignore_index=True)


def test_extrema_are_told_by_the_second_derivative_and_the_lowest_minimum_is_the_global_one():
    # x (x - 1) (x + 2) integrated: minima at 1 and -2, the latter lower; a maximum at 0.
    found = extrema(Polynomial.fromroots([0.0, 1.0, -2.0]).integ())
    assert [kind for kind, _ in found] == ["global minimum", "local maximum", "local minimum"]
    np.testing.assert_allclose([x for _, x in found], [-2, 0, 1], atol=1e-12)


def test_the_quartic_s_extrema_solve_its_derivative(table):
    rows = table[(table.figure == "figure 2, extrema") & (table.metric == "place")]
    assert list(rows.label) == ["global minimum", "local maximum", "local minimum"]
    x = rows.value.to_numpy()
    np.testing.assert_allclose(4 * x**3 - 6 * x + 1, 0, atol=1e-12)


def test_descent_ends_in_the_minimum_on_its_side_of_the_maximum(table):
    places = table[(table.figure == "figure 2, extrema") & (table.metric == "place")]
    lowest, top, local = places.value
    ends = table[table.figure == "where descent ends on figure 2's curve"]
    ends = ends[ends.series == "gradient descent"]
    expected = np.where(ends.x < top, lowest, local)
    np.testing.assert_allclose(ends.value, expected, atol=1e-6)  # 400 steps of it
    share = table[table.figure == "share of starts that miss the global minimum"].value.iloc[0]
    assert share == pytest.approx(np.mean(np.linspace(-2.2, 2.2, 45) > top))


def test_descent_leaves_the_saddle_the_later_the_nearer_its_ridge_it_starts(table):
    """y grows by 1 + 2 * 0.02 a step, x shrinks by 1 - 2 * 0.02."""
    rows = table[table.figure == "distance from the saddle while on figure 3"]
    for offset in PROTOCOL["offsets"]:
        found = rows[rows.series == f"start (1, {offset:g})"]
        y = offset * 1.04**found.x
        np.testing.assert_allclose(found.value, np.hypot(0.96**found.x, y), rtol=1e-10)
        assert y.iloc[-1] <= 2 < y.iloc[-1] * 1.04


def test_the_hessians_are_those_of_the_functions_by_differences():
    def cubic(x: np.ndarray) -> float:
        return x[0] ** 3 + x[1] ** 3 - 3 * x[0] * x[1]

    def saddle(x: np.ndarray) -> float:
        return x[0] ** 2 - x[1] ** 2

    cases = ((saddle, (0, 0)), (cubic, (1, 1)), (cubic, (0, 0)))
    for (function, at), expected in zip(cases, HESSIANS.values(), strict=True):
        h, basis, point = 1e-4, np.eye(2), np.array(at, float)
        found = np.zeros((2, 2))
        for i in range(2):
            for j in range(2):
                corners = [
                    a * b * function(point + h * (a * basis[i] + b * basis[j]))
                    for a in (1, -1)
                    for b in (1, -1)
                ]
                found[i, j] = sum(corners) / (4 * h * h)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_momentum_s_ends_are_counted_by_the_side_that_it_starts_on(table):
    ends = table[table.figure == "where descent ends on figure 2's curve"]
    momentum = ends[ends.series == "momentum 0.9"]
    places = table[(table.figure == "figure 2, extrema") & (table.metric == "place")]
    lowest, top, _ = places.value
    missed = np.abs(momentum.value - lowest) > 1e-3
    by_side = table[table.figure == "share of starts that miss the global minimum, by side"]
    found = by_side[by_side.series == "momentum 0.9"].set_index("label").value
    assert found["shallow"] == pytest.approx(missed[momentum.x > top].mean())
    assert found["deep"] == pytest.approx(missed[momentum.x < top].mean())
    # It rolls on: from the top's right edge momentum does not simply repeat gradient descent's end.
    plain = ends[ends.series == "gradient descent"]
    assert not np.allclose(momentum.value, plain.value)
