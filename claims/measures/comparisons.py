"""Measures that hold two runs against each other at places of their own, or along one path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from claims.measure import Measured, MissingResult, measure
from claims.measures.runs import CONFIDENCE, dataset_of, median_interval
from claims.tables import run_rows


@measure
def difference_at(
    results: Path, experiment: str, metric: str, one: dict[str, Any], other: dict[str, Any],
    alike_within: float = 0.0,
) -> Measured:  # fmt: skip
    """Whether run `one` is "lower", "higher", "alike" or "undecided" against `other`, in places.

    Each run is given by optimizer, variant, and epoch or step. Paired by seed and decided as in
    final_difference; a value that is not finite counts as infinitely high. Alike are two whose
    difference has an interval within `alike_within` of zero, and then neither is lower.
    """
    places = [_at(results, experiment, metric, **run) for run in (one, other)]
    found = difference_of(places, alike_within)
    return Measured(
        found["value"],
        "statistical",
        {
            **{name: value for name, value in found.items() if name != "value"},
            "dataset": dataset_of(results, experiment, one["optimizer"]),
        },
        decided=found["value"] != "undecided",
        trials=found["seeds"],
    )


@measure
def path_order(
    results: Path, experiment: str, metric: str, step: int, one: dict[str, Any],
    other: dict[str, Any],
) -> Measured:  # fmt: skip
    """Whether `one` is "lower", "higher" or "equal" against `other` after so many steps.

    For runs without chance, on functions: one path each, computed in float64. Infinity, and what
    comes after it, counts as higher than any number.
    """
    values = []
    for run in (one, other):
        found = _at(results, experiment, metric, step=step, **run)
        if len(found) != 1:
            raise MissingResult(f"{experiment}, {run}: {len(found)} seeds, expected a single path")
        values.append(float(np.where(np.isfinite(found), found, np.inf)[0]))
    a, b = values
    order = "equal" if a == b else "lower" if a < b else "higher"
    return Measured(order, "exact", {"one": a, "other": b, "step": step})


@measure
def sign_changes(
    results: Path, experiment: str, optimizer: str, variant: str, metric: str, steps: int
) -> Measured:
    """How often a metric changes its sign in the first `steps` steps of a path without chance."""
    rows = run_rows(results, experiment, optimizer, variant, metric)
    if rows.seed.nunique() != 1:
        raise MissingResult(f"{experiment}, {variant}: several seeds, expected a single path")
    signs = np.sign(rows[rows.step <= steps].value.to_numpy())
    changes = int(np.count_nonzero(np.diff(signs)))
    return Measured(changes, "exact", {"changes": changes, "steps": steps})


@measure
def alike_at_the_start(
    results: Path, experiment: str, metric: str, one: dict[str, str], other: dict[str, str]
) -> Measured:
    """Whether two runs have the same first value of a metric on every seed."""
    a, b = (
        run_rows(results, experiment, metric=metric, **run)
        .drop_duplicates("seed", keep="first")
        .set_index("seed")
        .value
        for run in (one, other)
    )
    seeds = a.index.intersection(b.index)
    apart = np.abs(a[seeds] - b[seeds])
    return Measured(
        bool((apart == 0).all()),
        "searched",
        {
            "median_distance": float(np.median(apart)),
            "largest_distance": float(apart.max()),
            "seeds": len(seeds),
            "dataset": dataset_of(results, experiment, one["optimizer"]),
        },
        trials=len(seeds),
    )


@measure
def best_difference(
    results: Path, experiment: str, metric: str, one: dict[str, Any], other: dict[str, Any],
    alike_within: float = 0.0,
) -> Measured:  # fmt: skip
    """Whether `one` ends "lower", "higher", "alike" or "undecided" against `other` at their best.

    Each is an optimizer and a list of variants; its best is that of the lowest median end over the
    seeds. Choosing it on the same seeds favours the one with the longer list, a little.
    """
    chosen = [_best(results, experiment, metric, **each) for each in (one, other)]
    found = difference_of([values for _, values in chosen], alike_within)
    return Measured(
        found["value"],
        "statistical",
        {
            **{name: value for name, value in found.items() if name != "value"},
            "one_variant": chosen[0][0],
            "other_variant": chosen[1][0],
            "dataset": dataset_of(results, experiment, one["optimizer"]),
        },
        decided=found["value"] != "undecided",
        trials=found["seeds"],
    )


def difference_of(values: list[pd.Series], alike_within: float) -> dict[str, Any]:
    """Order of two series of ends by seed, by the interval of their median paired difference."""
    seeds = values[0].index.intersection(values[1].index)
    a, b = (np.where(np.isfinite(each[seeds]), each[seeds], np.inf) for each in values)
    with np.errstate(invalid="ignore"):
        found = median_interval(a - b)
    value = "undecided"
    if found.confidence >= CONFIDENCE:
        if -alike_within < found.low and found.high < alike_within:
            value = "alike"
        else:
            value = "lower" if found.high < 0 else "higher" if found.low > 0 else "undecided"
    return {
        "value": value,
        "one": float(np.median(a)), "other": float(np.median(b)), "low": found.low,
        "high": found.high, "confidence": found.confidence, "seeds": len(seeds),
    }  # fmt: skip


def _best(
    results: Path, experiment: str, metric: str, optimizer: str, variants: list[str]
) -> tuple[str, pd.Series]:
    ends = {
        variant: run_rows(results, experiment, optimizer, variant, metric)
        .drop_duplicates("seed", keep="last")
        .set_index("seed")
        .value
        for variant in variants
    }
    best = min(ends, key=lambda variant: float(np.median(ends[variant].fillna(np.inf))))
    return best, ends[best]


def _at(
    results: Path, experiment: str, metric: str, optimizer: str, variant: str,
    epoch: int | None = None, step: int | None = None,
) -> pd.Series:  # fmt: skip
    """A metric by seed at the first record of an epoch, or at a step."""
    rows = run_rows(results, experiment, optimizer, variant, metric)
    chosen = rows[rows.epoch == epoch] if epoch is not None else rows[rows.step == step]
    if chosen.empty:
        known = ", ".join(str(each) for each in sorted(rows.step.unique())[:10])
        raise MissingResult(
            f"{experiment}, {optimizer}, {variant!r}: no {metric!r} at "
            f"{f'epoch {epoch}' if epoch is not None else f'step {step}'}; its first steps: {known}"
        )
    return chosen.drop_duplicates("seed", keep="first").set_index("seed").value
