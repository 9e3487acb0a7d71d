"""Measures over the analyses' series: curves of functions, statistics of data, counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from claims.claim import ClaimError
from claims.measure import Measured, MissingResult, measure
from claims.tables import series_rows
from proofs.verdict import Evidence

_CHOICES: dict[str, Callable[[np.ndarray], int]] = {
    "lowest": lambda values: int(np.argmin(values)),
    "highest": lambda values: int(np.argmax(values)),
    "farthest": lambda values: int(np.argmax(np.abs(values))),
}
_EXTENTS = _CHOICES | {f"where {word}": choose for word, choose in _CHOICES.items()}


@measure
def series_value(
    results: Path, analysis: str, figure: str, series: str, metric: str,
    at: float | None = None, label: str | None = None, evidence: Evidence = "exact",
    dataset: str = "",
) -> Measured:  # fmt: skip
    """Value of a series at the point x nearest to `at`, or called `label`; its last if neither."""
    rows = series_rows(results, analysis, figure, series, metric)
    if label is not None:
        rows = rows[rows.label == label]
        if rows.empty:
            raise MissingResult(f"{analysis}, {figure}, {series}: there is no point {label!r}")
    row = rows.iloc[-1] if at is None else rows.iloc[int(np.argmin(np.abs(rows.x - at)))]
    value = float(row.value)
    details = {"found": value, "x": float(row.x), "unit": row.unit}
    return Measured(value, evidence, details | _of(dataset))


@measure
def series_extent(
    results: Path, analysis: str, figure: str, series: str, metric: str, extent: str,
    evidence: Evidence = "exact", dataset: str = "",
) -> Measured:  # fmt: skip
    """A series' "lowest" or "highest" value, or "farthest" from 0; its x for "where lowest" etc."""
    if extent not in _EXTENTS:
        raise ClaimError(f"there is no extent {extent!r}; there are {', '.join(_EXTENTS)}")
    rows = series_rows(results, analysis, figure, series, metric)
    row = rows.iloc[_EXTENTS[extent](rows.value.to_numpy())]
    found = float(row.x if extent.startswith("where") else row.value)
    details = {"found": found, "x": float(row.x), "value": float(row.value)}
    return Measured(found, evidence, details | _of(dataset))


@measure
def series_direction(
    results: Path, analysis: str, figure: str, series: str, metric: str,
    evidence: Evidence = "exact", dataset: str = "",
) -> Measured:  # fmt: skip
    """Whether a series is "rising", "falling", "constant" or "mixed" from point to point."""
    values = series_rows(results, analysis, figure, series, metric).value.to_numpy()
    steps = np.diff(values)
    if (steps == 0).all():
        direction = "constant"
    else:
        direction = "rising" if (steps >= 0).all() else "falling" if (steps <= 0).all() else "mixed"
    details = {"first": float(values[0]), "last": float(values[-1]), "points": len(values)}
    return Measured(direction, evidence, details | _of(dataset), trials=len(values))


@measure
def series_ratio(
    results: Path, analysis: str, figure: str, metric: str, one: dict[str, Any],
    other: dict[str, Any], evidence: Evidence = "exact", dataset: str = "",
) -> Measured:  # fmt: skip
    """A point's value over another's; each is given by `series`, and `at` or `label`."""
    a, b = (
        series_value(results, analysis, figure, metric=metric, **point).value
        for point in (one, other)
    )
    ratio = a / b if b else float("nan")
    details = {"one": a, "other": b, "ratio": ratio}
    return Measured(ratio, evidence, details | _of(dataset), decided=b != 0)


def _of(dataset: str) -> dict[str, Any]:
    """The dataset that an analysis was made from, where the claim names it: a stand-in tells."""
    return {"dataset": dataset} if dataset else {}
