"""Measures over the tidy tables of runs.

Medians are NumPy's, which a diverged run turns into not-a-number; pandas would leave it out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from claims.measure import Measured, MissingResult, measure, require

RESAMPLES = 10_000
RESAMPLING_SEED = 0
CONFIDENCE = 0.95


def final_values(
    results: Path, experiment: str, optimizer: str, variant: str, metric: str
) -> pd.Series:
    """Last value of `metric` of every run, by seed."""
    path = require(
        results / "runs" / experiment / f"{optimizer}.parquet",
        f"snakemake results/runs/{experiment}/{optimizer}.parquet",
    )
    table = pd.read_parquet(path)
    chosen = table[(table.variant == variant) & (table.metric == metric)]
    if chosen.empty:
        raise MissingResult(f"{path} has no {metric!r} of the variant {variant!r}")
    # Not groupby().last(), which would pass over the not-a-number of a diverged run.
    return chosen.sort_values("step").drop_duplicates("seed", keep="last").set_index("seed").value


@measure
def final_value(
    results: Path, experiment: str, optimizer: str, variant: str, metric: str
) -> Measured:
    """Median over seeds of a run's last value."""
    values = final_values(results, experiment, optimizer, variant, metric).to_numpy()
    median = float(np.median(values))
    return Measured(
        median,
        "statistical",
        {"median": median, "lowest": float(values.min()), "highest": float(values.max())},
        trials=len(values),
    )


@measure
def final_difference(
    results: Path, experiment: str, metric: str, one: dict[str, str], other: dict[str, str]
) -> Measured:
    """Whether run `one` ends "lower", "higher" or "undecided" against `other`, paired by seed.

    Decided by the bootstrap interval of the median difference (BCa would need more seeds than a
    handful; percentile, 95 %): it must leave zero out.
    """
    a, b = (final_values(results, experiment, metric=metric, **run) for run in (one, other))
    seeds = a.index.intersection(b.index)
    differences = (a[seeds] - b[seeds]).to_numpy()
    low, high = median_interval(differences)
    value = "lower" if high < 0 else "higher" if low > 0 else "undecided"
    return Measured(
        value,
        "statistical",
        {
            "one": float(np.median(a)),
            "other": float(np.median(b)),
            "difference": float(np.median(differences)),
            "difference_low": low,
            "difference_high": high,
            "seeds": len(seeds),
        },
        trials=len(seeds),
    )


def median_interval(values: np.ndarray) -> tuple[float, float]:
    """95 % bootstrap interval of the median of `values`, by percentiles, with a fixed seed."""
    if len(values) < 2:
        return float(values.min()), float(values.max())
    interval = stats.bootstrap(
        (values,), np.median, confidence_level=CONFIDENCE, n_resamples=RESAMPLES,
        method="percentile", rng=np.random.default_rng(RESAMPLING_SEED),
    ).confidence_interval  # fmt: skip
    return float(interval.low), float(interval.high)


@measure
def every_optimizer_ends_near(
    results: Path, experiment: str, metric: str, runs: list[dict[str, str]], target: str,
    within: float,
) -> Measured:  # fmt: skip
    """Whether all `runs` end within `within` of the metric `target` that the first one carries."""
    ends = {
        run["optimizer"]: float(np.median(final_values(results, experiment, metric=metric, **run)))
        for run in runs
    }
    reached = float(np.median(final_values(results, experiment, metric=target, **runs[0])))
    details: dict[str, Any] = {f"{name}": value for name, value in ends.items()}
    return Measured(
        all(abs(value - reached) <= within for value in ends.values()),
        "statistical",
        {**details, "target": reached, "within": within},
        trials=len(ends),
    )
