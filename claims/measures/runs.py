"""Measures over the tidy tables of runs.

Medians are NumPy's, which a diverged run turns into not-a-number; pandas would leave it out.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import bdtr

from claims.measure import Measured, measure
from claims.tables import run_rows, run_table

CONFIDENCE = 0.95


def final_values(
    results: Path, experiment: str, optimizer: str, variant: str, metric: str
) -> pd.Series:
    """Last value of `metric` of every run, by seed."""
    chosen = run_rows(results, experiment, optimizer, variant, metric)
    # Not groupby().last(), which would pass over the not-a-number of a diverged run.
    return chosen.drop_duplicates("seed", keep="last").set_index("seed").value


@measure
def final_value(
    results: Path, experiment: str, optimizer: str, variant: str, metric: str
) -> Measured:
    """Median over seeds of a run's last value, with an interval of at least 95 %."""
    values = final_values(results, experiment, optimizer, variant, metric).to_numpy()
    interval = median_interval(values)
    return Measured(
        float(np.median(values)),
        "statistical",
        {
            "median": float(np.median(values)),
            "low": interval.low,
            "high": interval.high,
            "confidence": interval.confidence,
            "seeds": len(values),
            "dataset": dataset_of(results, experiment, optimizer),
        },
        trials=len(values),
    )


@measure
def final_difference(
    results: Path, experiment: str, metric: str, one: dict[str, str], other: dict[str, str]
) -> Measured:
    """Whether run `one` ends "lower", "higher" or "undecided" against `other`, paired by seed.

    Decided where the interval of the median difference leaves zero out and has a confidence of
    95 %, which takes six seeds at least. A seed on which a run diverged counts as infinitely high
    for it; where both did, the comparison is undecided.
    """
    a, b = (final_values(results, experiment, metric=metric, **run) for run in (one, other))
    seeds = a.index.intersection(b.index)
    ends = [np.where(np.isfinite(v[seeds]), v[seeds], np.inf) for v in (a, b)]
    with np.errstate(invalid="ignore"):
        differences = ends[0] - ends[1]
    interval = median_interval(differences)
    value = "undecided"
    if interval.confidence >= CONFIDENCE:
        value = "lower" if interval.high < 0 else "higher" if interval.low > 0 else "undecided"
    return Measured(
        value,
        "statistical",
        {
            "one": float(np.median(a)),
            "other": float(np.median(b)),
            "difference": float(np.median(differences)),
            "low": interval.low,
            "high": interval.high,
            "confidence": interval.confidence,
            "seeds": len(seeds),
            "diverged": int((~np.isfinite(ends[0])).sum() + (~np.isfinite(ends[1])).sum()),
            "dataset": dataset_of(results, experiment, one["optimizer"]),
        },
        decided=value != "undecided",
        trials=len(seeds),
    )


@measure
def final_differences(
    results: Path, experiment: str, metric: str, pairs: list[dict[str, dict[str, str]]]
) -> Measured:
    """The outcomes of several comparisons at once, as a list of "lower", "higher", "undecided".

    Each pair has `one` and `other`; their medians are $one1, $other1, $one2, ...
    """
    found = [final_difference(results, experiment, metric, **pair) for pair in pairs]
    details: dict[str, Any] = {"dataset": found[0].details["dataset"]}
    for number, each in enumerate(found, start=1):
        details |= {f"{key}{number}": each.details[key] for key in ("one", "other")}
    return Measured(
        [each.value for each in found],
        "statistical",
        details,
        decided=all(each.decided for each in found),
        trials=min(each.trials for each in found),
    )


@dataclasses.dataclass(frozen=True)
class Interval:
    """An interval and the confidence that it really has."""

    low: float
    high: float
    confidence: float


def median_interval(values: np.ndarray) -> Interval:
    """Interval of a median from order statistics, of the least confidence that reaches 95 %.

    The sign test turned round (Conover, Practical Nonparametric Statistics, section 3.2): between
    the r-th smallest and the r-th largest of n values, the confidence is 1 - 2 P(B < r) with B
    binomial (n, 1/2), whatever the distribution. With fewer than six values 95 % cannot be had;
    the range is returned with the confidence that it has. Not-a-number makes both ends so.
    """
    ordered = np.sort(values)
    n = len(ordered)
    if np.isnan(ordered).any():
        return Interval(float("nan"), float("nan"), 0.0)
    reaching = [r for r in range(1, n // 2 + 1) if 1 - 2 * bdtr(r - 1, n, 0.5) >= CONFIDENCE]
    r = max(reaching, default=1)
    confidence = max(0.0, float(1 - 2 * bdtr(r - 1, n, 0.5)))
    return Interval(float(ordered[r - 1]), float(ordered[n - r]), confidence)


@measure
def every_run_ends_near(
    results: Path, experiment: str, metric: str, runs: list[dict[str, str]], target: str,
    within: float,
) -> Measured:  # fmt: skip
    """Whether all seeds of all `runs` end within `within` of the metric `target` of the first."""
    ends = [final_values(results, experiment, metric=metric, **run) for run in runs]
    reached = float(np.median(final_values(results, experiment, metric=target, **runs[0])))
    worst = [float(np.abs(each.to_numpy() - reached).max()) for each in ends]
    details: dict[str, Any] = {
        f"end{number}": float(np.median(each)) for number, each in enumerate(ends, start=1)
    }
    return Measured(
        all(distance <= within for distance in worst),
        "searched",
        {
            **details,
            "target": reached,
            "within": within,
            "worst": max(worst),
            "dataset": dataset_of(results, experiment, runs[0]["optimizer"]),
        },
        trials=sum(len(each) for each in ends),
    )


def dataset_of(results: Path, experiment: str, optimizer: str) -> str:
    """Name of the dataset that a run table was made from."""
    return str(run_table(results, experiment, optimizer).dataset.iloc[0])
