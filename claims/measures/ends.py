"""Measures that hold two runs' ends against each other: of different experiments, in steps."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from claims.measure import Measured, measure
from claims.measures.runs import CONFIDENCE, dataset_of, final_values, median_interval
from claims.tables import run_rows


@measure
def ends_ratio(results: Path, metric: str, one: dict[str, str], other: dict[str, str]) -> Measured:
    """Last value of run `one` over that of `other`, medians over seeds; runs of any experiments.

    Each run has `experiment`, `optimizer` and `variant`. Decided where no seed of one run ends
    among the other's and that would happen by chance in less than one case of twenty (the rank-sum
    test's extreme: 2 / C(n + m, n)); or where nothing is random, one run without data each.
    """
    a, b = (final_values(results, metric=metric, **run).to_numpy() for run in (one, other))
    apart = bool(a.max() < b.min() or a.min() > b.max())
    confidence = 1 - 2 / math.comb(len(a) + len(b), len(a))
    dataset = dataset_of(results, one["experiment"], one["optimizer"])
    fixed = dataset == "none" and len(a) == len(b) == 1
    ratio = float(np.median(a) / np.median(b)) if np.median(b) else float("nan")
    return Measured(
        ratio,
        "exact" if fixed else "statistical",
        {
            "one": float(np.median(a)), "other": float(np.median(b)), "ratio": ratio,
            "seeds": min(len(a), len(b)), "confidence": confidence, "dataset": dataset,
        },
        decided=bool(np.isfinite(ratio)) and (fixed or (apart and confidence >= CONFIDENCE)),
        trials=min(len(a), len(b)),
    )  # fmt: skip


@measure
def times_sooner(
    results: Path, experiment: str, metric: str, one: dict[str, str], other: dict[str, str]
) -> Measured:
    """Steps that run `other` takes to its last value of a falling metric, over those of `one`.

    The median over seeds, paired, with its interval; 0 on a seed where `one` never gets there.
    Decided where the interval has 95 %, which takes six seeds.
    """
    rows = [run_rows(results, experiment, metric=metric, **run) for run in (one, other)]
    times = []
    for seed in np.intersect1d(rows[0].seed, rows[1].seed):
        a, b = (table[table.seed == seed] for table in rows)
        reached = a[a.value <= b.value.iloc[-1]].step
        times.append(b.step.iloc[-1] / max(reached.min(), 1) if len(reached) else 0.0)
    interval = median_interval(np.array(times))
    return Measured(
        float(np.median(times)),
        "statistical",
        {
            "times": float(np.median(times)), "low": interval.low, "high": interval.high,
            "confidence": interval.confidence, "seeds": len(times),
            "dataset": dataset_of(results, experiment, one["optimizer"]),
        },
        decided=interval.confidence >= CONFIDENCE,
        trials=len(times),
    )  # fmt: skip
