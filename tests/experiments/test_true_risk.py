"""Figure 1 and the simulated risks, against numerical integration and the document's own code."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from experiments.analyses.true_risk import (
    TRUE_FREQUENCY,
    analyse,
    draw,
    empirical_risk,
    risk_of,
)

PROTOCOL = {
    "interval": [-1.5, 2.0], "points": 1000, "frequencies": [0.0, 6.0], "noise": 0.5,
    "samples": [10, 300], "draws": 20, "seed": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.concat(analyse(PROTOCOL), ignore_index=True)


@pytest.mark.parametrize("a", [0.0, 0.7, 2.0, 5.5])
def test_the_true_risk_is_the_integral_over_inputs_and_noise(a):
    def integrand(x: float) -> float:
        density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
        return (np.sin(a * x) - np.sin(TRUE_FREQUENCY * x)) ** 2 * density / 2

    # Beyond ten deviations the density is below 1e-22.
    expected = quad(integrand, -10, 10, limit=200)[0] + 0.5**2 / 2
    assert risk_of(np.array([a]), 0.5)[0] == pytest.approx(expected, abs=1e-8)


def test_the_empirical_risk_of_many_samples_is_near_the_true_one():
    x, y = draw(np.random.default_rng(0), 200_000, 0.5)
    a = np.array([0.5, 2.0, 4.0])
    # The half squared errors' deviation is below 1; five standard errors of their mean.
    np.testing.assert_allclose(empirical_risk(a, x, y), risk_of(a, 0.5), atol=5 / 200_000**0.5)


def test_figure_1_s_minima_are_the_lowest_points_of_the_printed_curves(table):
    places = table[
        (table.figure == "figure 1, minima") & (table.metric == "place of the minimum")
    ].set_index("label").value  # fmt: skip
    # Where the derivative of x cos(pi x) is zero: cot(pi x) = pi x, near x = 1.09.
    x = places["true risk"]
    assert np.cos(np.pi * x) == pytest.approx(np.pi * x * np.sin(np.pi * x), abs=0.02)
    assert places["empirical risk"] != x
    curve = table[(table.figure == "figure 1") & (table.series == "empirical risk")]
    middle = curve[np.isclose(curve.x, 2.0)].value.iloc[0]
    assert middle == pytest.approx(2.0 + 0.2)  # cos(2 pi) = cos(10 pi) = 1


def test_more_samples_bring_the_minima_together_and_the_risk_is_never_below_its_minimum(table):
    found = table[table.figure == "minimum of the empirical risk, simulated"]
    for metric in found.metric.unique():
        few, many = found[found.metric == metric].value
        assert few > many >= 0
