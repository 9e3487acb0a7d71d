"""How a measured quantity grows with a size: an exponent, a straight line, and where it holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy import stats

CONFIDENCE = 0.95
"""Of the interval for the exponent: that of least squares with independent normal errors."""

NEAR = 0.1
"""A line holds at a size where it misses what was measured by no more than this share of it."""


@dataclasses.dataclass(frozen=True)
class Fit:
    """A quantity against a size, both positive.

    `exponent` is the slope in log-log coordinates, `exponent_low` to `exponent_high` its interval
    at CONFIDENCE. The straight line is `start + per_unit * size`, with the least relative squares;
    it holds from the size `straight_from` on, of three or more: None where of no three.
    """

    exponent: float
    exponent_low: float
    exponent_high: float
    start: float
    per_unit: float
    straight_from: float | None

    def at(self, size: float) -> float:
        """The line's value."""
        return self.start + self.per_unit * size


def fit(sizes: Sequence[float], values: Sequence[float]) -> Fit:
    """Fit values that were measured at rising sizes; ValueError for fewer than three."""
    x, y = np.asarray(sizes, np.float64), np.asarray(values, np.float64)
    if x.size < 3 or x.size != y.size or not (np.diff(x) > 0).all() or not (y > 0).all():
        raise ValueError(f"{x.size} sizes and {y.size} values: expected three or more, positive")
    slope = stats.linregress(np.log(x), np.log(y))
    margin = float(stats.t.ppf((1 + CONFIDENCE) / 2, x.size - 2)) * slope.stderr
    # Timings are off by a share of themselves: each weighs by its own size.
    start, per_unit = np.linalg.lstsq(np.column_stack([1 / y, x / y]), np.ones(x.size))[0]
    near = np.abs(start + per_unit * x - y) <= NEAR * y
    holds = [float(size) for at, size in enumerate(x[:-2]) if near[at:].all()]
    return Fit(
        exponent=float(slope.slope),
        exponent_low=float(slope.slope - margin),
        exponent_high=float(slope.slope + margin),
        start=float(start),
        per_unit=float(per_unit),
        straight_from=holds[0] if holds else None,
    )
