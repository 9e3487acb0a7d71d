"""The notebook's landscapes: points, ends of descent and random Hessians by hand."""

import numpy as np
import pandas as pd
import pytest

from experiments.analyses.landscapes import LANDSCAPES, analyse, critical_points, kind

PROTOCOL = {
    "interval": [-5.0, 5.0], "points": 11, "learning_rate": 0.01, "steps": 1000,
    "largest_matrix": 3, "matrices": 4000, "seed": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.concat(analyse(PROTOCOL), ignore_index=True)


def test_the_curves_are_the_printed_formulas(table):
    curves = table[table.figure == "the notebook's two loss curves"]
    for name, formula in (
        ("x^2", lambda x: x**2),
        ("x^4 - 5x^2 + 4", lambda x: x**4 - 5 * x**2 + 4),
    ):
        rows = curves[curves.series == name]
        np.testing.assert_allclose(rows.value, formula(rows.x), rtol=1e-12, atol=1e-12)


def test_the_minima_are_at_the_root_of_5_over_2_and_zero_is_a_maximum():
    quartic = LANDSCAPES[1].loss
    np.testing.assert_allclose(
        critical_points(quartic), [-np.sqrt(2.5), 0, np.sqrt(2.5)], atol=1e-12
    )
    assert [kind(quartic, x) for x in (-np.sqrt(2.5), 0.0, np.sqrt(2.5))] == [
        "minimum", "maximum", "minimum",
    ]  # fmt: skip


def test_the_marked_saddle_point_is_said_to_be_a_maximum(table):
    marked = table[table.figure == "what the marked points are"]
    assert "marked a saddle point at 0: a local maximum" in set(marked.label)
    at = marked[marked.label.str.startswith("marked a local minimum at 1.58")]
    at = at.set_index("metric").value
    assert at["truly at"] == pytest.approx(np.sqrt(2.5))
    assert at["loss where it truly is"] == pytest.approx(-2.25)
    # 4 * 1.58^3 - 10 * 1.58
    assert at["slope where marked"] == pytest.approx(-0.022752)


def test_descent_ends_in_one_place_or_in_two_or_on_the_top(table):
    ends = table[table.figure == "where gradient descent ends"]
    convex = ends[ends.series == "x^2"]
    np.testing.assert_allclose(convex.value, convex.x * 0.98**1000, atol=1e-15)
    other = ends[ends.series == "x^4 - 5x^2 + 4"].set_index("x").value
    assert other[0.0] == 0
    assert other[2.0] == pytest.approx(np.sqrt(2.5))
    assert other[-2.0] == pytest.approx(-np.sqrt(2.5))


def test_few_random_symmetric_matrices_have_positive_eigenvalues_only(table):
    shares = table[table.figure == "critical points with random Hessians"]
    minima = shares[shares.series == "minimum"].set_index("x").value
    # Exact for the Gaussian orthogonal ensemble: 1/2 and (2 - sqrt(2)) / 4; four standard errors.
    for size, exact in ((1, 0.5), (2, (2 - np.sqrt(2)) / 4)):
        error = np.sqrt(exact * (1 - exact) / PROTOCOL["matrices"])
        assert minima[size] == pytest.approx(exact, abs=4 * error)
    saddles = shares[shares.series == "saddle point"].set_index("x").value
    assert saddles[1] == 0
    assert saddles[2] == pytest.approx(np.sqrt(2) / 2, abs=4 * np.sqrt(0.21 / 4000))
