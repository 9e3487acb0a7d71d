"""Measures over the numbers that a document itself prints: of a log, of a table's column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from claims.claim import ClaimError
from claims.measure import Measured, measure

_STATISTICS: Mapping[str, Callable[[np.ndarray], float]] = {
    "count": lambda numbers: float(len(numbers)),
    "lowest": np.min,
    "highest": np.max,
    "range": np.ptp,
    "mean": np.mean,
    "median": np.median,
    "deviation": lambda numbers: float(np.std(numbers, ddof=1)),
}


@measure
def stated_numbers(results: Path, numbers: list[float], statistic: str) -> Measured:  # noqa: ARG001
    """The count, lowest, highest, range, mean, median or deviation of numbers that are printed."""
    return Measured(
        _statistic(numbers, statistic),
        "exact",
        {name: _statistic(numbers, name) for name in _STATISTICS if len(numbers) > 1},
        trials=len(numbers),
    )


@measure
def stated_ratio(
    results: Path,  # noqa: ARG001
    one: list[float],
    other: list[float],
    statistic: str,
) -> Measured:
    """A statistic of one list of printed numbers over the same statistic of another list."""
    a, b = (_statistic(numbers, statistic) for numbers in (one, other))
    ratio = a / b if b else float("nan")
    return Measured(
        ratio,
        "exact",
        {"one": a, "other": b, "ratio": ratio, "numbers": len(one) + len(other)},
        decided=b != 0,
    )


def _statistic(numbers: list[float], name: str) -> float:
    """One statistic of at least one number, two for a deviation; ClaimError for what is none."""
    if name not in _STATISTICS:
        known = ", ".join(_STATISTICS)
        raise ClaimError(f"there is no statistic {name!r} of printed numbers; there are {known}")
    needed = 2 if name == "deviation" else 1
    if len(numbers) < needed:
        raise ClaimError(f"the {name} of {len(numbers)} printed numbers, expected {needed} or more")
    return float(_STATISTICS[name](np.array(numbers, np.float64)))
