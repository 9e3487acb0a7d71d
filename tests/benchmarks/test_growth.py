"""Exponents and lines are those of the numbers given, and every part of the bench measures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from benchmarks.growth_fits import fit


def test_an_exact_power_and_an_exact_line_are_found_again() -> None:
    sizes = [1, 2, 4, 8, 16]
    power = fit(sizes, [3 * size**1.5 for size in sizes])
    # Doubles carry sixteen digits; logarithms lose a few of them.
    assert power.exponent == pytest.approx(1.5, rel=1e-12)
    assert power.exponent_low == pytest.approx(1.5, rel=1e-6)
    line = fit(sizes, [5 + 0.25 * size for size in sizes])
    assert (line.start, line.per_unit) == pytest.approx((5, 0.25), rel=1e-12)
    assert line.straight_from == 1
    assert line.at(1000) == pytest.approx(255, rel=1e-12)


def test_the_interval_is_that_of_least_squares() -> None:
    sizes, values = np.array([1.0, 2, 4, 8]), np.array([1.1, 1.9, 4.3, 7.6])
    found = fit(sizes, values)
    x, y = np.log(sizes), np.log(values)
    spread = np.sum((x - x.mean()) ** 2)
    slope = np.sum((x - x.mean()) * y) / spread
    rest = y - y.mean() - slope * (x - x.mean())
    margin = stats.t(2).ppf(0.975) * np.sqrt(np.sum(rest**2) / 2 / spread)
    measured = (found.exponent, found.exponent_low, found.exponent_high)
    assert measured == pytest.approx((slope, slope - margin, slope + margin), rel=1e-9)


def test_the_line_has_the_least_relative_squares() -> None:
    """Against scipy's own, each value's deviation being a share of it."""
    sizes, values = np.array([1.0, 2, 4, 40]), np.array([1.1, 1.9, 4.3, 30])
    expected, _ = optimize.curve_fit(lambda x, a, b: a + b * x, sizes, values, sigma=values)
    found = fit(sizes, values)
    # An iteration that ends near the least, against a closed form.
    assert (found.start, found.per_unit) == pytest.approx(tuple(expected), rel=1e-5)


def test_a_straight_line_holds_only_from_where_it_does() -> None:
    """What is fixed costs a quarter more at the first size than the line has it."""
    sizes = [1, 2, 4, 8, 16, 32, 64]
    values = [13.75, 12, 14, 18, 26, 42, 74]
    found = fit(sizes, values)
    assert abs(found.at(1) / 13.75 - 1) > 0.1
    for size, value in zip(sizes[1:], values[1:], strict=True):
        assert abs(found.at(size) / value - 1) < 0.1
    assert found.straight_from == 2
    assert fit([1, 2, 4], [1, 100, 1]).straight_from is None


@pytest.mark.parametrize(
    ("sizes", "values"), [([1, 2], [1, 2]), ([1, 2, 2], [1, 2, 3]), ([1, 2, 3], [1, 0, 3])]
)
def test_what_has_no_logarithm_or_no_slope_is_refused(sizes: list, values: list) -> None:
    with pytest.raises(ValueError, match="three or more, positive"):
        fit(sizes, values)
