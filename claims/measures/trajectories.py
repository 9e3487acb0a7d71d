"""Measures along runs: values on the way, when a loss is reached, how restless it is, time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from claims.measure import Measured, MissingResult, measure
from claims.measures.runs import dataset_of, median_interval
from claims.tables import run_rows


@measure
def value_at(
    results: Path, experiment: str, optimizer: str, variant: str, metric: str,
    epoch: int | None = None, step: int | None = None,
) -> Measured:  # fmt: skip
    """Median over seeds of a metric at the end of an epoch, or after so many steps."""
    rows = run_rows(results, experiment, optimizer, variant, metric)
    rows = rows[rows.epoch == epoch] if epoch is not None else rows[rows.step == step]
    if rows.empty:
        place = f"epoch {epoch}" if epoch is not None else f"step {step}"
        raise MissingResult(f"{experiment}, {optimizer}: there is no record of {metric} at {place}")
    values = rows.drop_duplicates("seed", keep="first").value.to_numpy()
    return _median(values, dataset_of(results, experiment, optimizer))


@measure
def share_of_first(
    results: Path, experiment: str, optimizer: str, variant: str, metric: str, epoch: int = -1
) -> Measured:
    """Median over seeds of a metric at an epoch (the last if not given) over its first value."""
    rows = run_rows(results, experiment, optimizer, variant, metric)
    first = rows.drop_duplicates("seed", keep="first").set_index("seed").value
    at = rows if epoch < 0 else rows[rows.epoch == epoch]
    last = at.drop_duplicates("seed", keep="last").set_index("seed").value
    return _median((last / first).to_numpy(), dataset_of(results, experiment, optimizer))


@measure
def restlessness(
    results: Path, experiment: str, optimizer: str, variant: str, metric: str, epoch: int
) -> Measured:
    """Median over seeds of a metric's standard deviation within one epoch."""
    rows = run_rows(results, experiment, optimizer, variant, metric)
    spread = rows[rows.epoch == epoch].groupby("seed").value.std(ddof=1).to_numpy()
    return _median(spread, dataset_of(results, experiment, optimizer))


@measure
def steadier(
    results: Path, experiment: str, metric: str, epoch: int, one: dict[str, str],
    other: dict[str, str],
) -> Measured:  # fmt: skip
    """Whether run `one` is "steadier" than `other` within an epoch, "restless" or "undecided".

    Compares standard deviations within the epoch, paired by seed, by the interval of a median.
    """
    spreads = []
    for run in (one, other):
        rows = run_rows(results, experiment, metric=metric, **run)
        spreads.append(rows[rows.epoch == epoch].groupby("seed").value.std(ddof=1))
    seeds = spreads[0].index.intersection(spreads[1].index)
    a, b = (spread[seeds].to_numpy() for spread in spreads)
    found = median_interval(a - b)
    decided = found.confidence >= 0.95 and (found.high < 0 or found.low > 0)
    value = "undecided" if not decided else "steadier" if found.high < 0 else "restless"
    return Measured(
        value,
        "statistical",
        {
            "one": float(np.median(a)), "other": float(np.median(b)), "low": found.low,
            "high": found.high, "confidence": found.confidence, "seeds": len(seeds),
            "dataset": dataset_of(results, experiment, one["optimizer"]),
        },
        decided=decided,
        trials=len(seeds),
    )  # fmt: skip


@measure
def first_to_reach(
    results: Path, experiment: str, metric: str, target: float, one: dict[str, str],
    other: dict[str, str],
) -> Measured:  # fmt: skip
    """Which run, "one" or "other", first takes a falling metric to `target`, by steps.

    Paired by seed; never reached is infinity. "undecided" where the seeds do not agree enough.
    """
    a, b = (
        _steps_to(run_rows(results, experiment, metric=metric, **run), target)
        for run in (one, other)
    )
    seeds = a.index.intersection(b.index)
    with np.errstate(invalid="ignore"):
        found = median_interval((a[seeds] - b[seeds]).to_numpy())
    decided = found.confidence >= 0.95 and (found.high < 0 or found.low > 0)
    value = "undecided" if not decided else "one" if found.high < 0 else "other"
    return Measured(
        value,
        "statistical",
        {
            "one": float(np.median(a[seeds])), "other": float(np.median(b[seeds])),
            "target": target, "confidence": found.confidence, "seeds": len(seeds),
            "dataset": dataset_of(results, experiment, one["optimizer"]),
        },
        decided=decided,
        trials=len(seeds),
    )  # fmt: skip


def _steps_to(rows: pd.DataFrame, target: float) -> pd.Series:
    """By seed, the first step at which the metric is at or below `target`; infinity for none."""
    reached = rows[rows.value <= target].groupby("seed").step.min()
    return reached.reindex(rows.seed.unique()).astype(float).fillna(np.inf)


@measure
def never_rises(
    results: Path, experiment: str, optimizer: str, variant: str, metric: str, after: int = 0
) -> Measured:
    """Whether a metric falls from one record to the next on every seed, from epoch `after` on."""
    rows = run_rows(results, experiment, optimizer, variant, metric)
    rows = rows[rows.epoch >= after]
    steps = rows.groupby("seed").value.diff().dropna().to_numpy()
    return Measured(
        bool((steps <= 0).all()),
        "searched",
        {
            "rises": int((steps > 0).sum()), "records": len(steps),
            "largest_rise": float(max(steps.max(initial=0.0), 0.0)),
            "dataset": dataset_of(results, experiment, optimizer),
        },
        trials=len(steps),
    )  # fmt: skip


@measure
def seconds_ratio(
    results: Path, experiment: str, one: dict[str, str], other: dict[str, str], metric: str
) -> Measured:
    """Training time of run `one` over that of `other`, medians over seeds, both of this run."""
    a, b = (
        run_rows(results, experiment, metric=metric, **run).groupby("seed").seconds.max()
        for run in (one, other)
    )
    ratio = float(np.median(a) / np.median(b))
    return Measured(
        ratio,
        "statistical",
        {"one": float(np.median(a)), "other": float(np.median(b)), "ratio": ratio,
         "dataset": dataset_of(results, experiment, one["optimizer"])},
        decided=bool(np.isfinite(ratio)),
        trials=min(len(a), len(b)),
    )  # fmt: skip


def _median(values: np.ndarray, dataset: str) -> Measured:
    found = median_interval(values)
    median = float(np.median(values))
    return Measured(
        median,
        "statistical",
        {"median": median, "low": found.low, "high": found.high, "confidence": found.confidence,
         "seeds": len(values), "dataset": dataset},
        trials=len(values),
    )  # fmt: skip
