"""The numbers of a group of runs: its seeds, its hyper-parameters, and where each metric began and
ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from reports import intervals
from reports.curves import measured
from reports.language import N_, how
from reports.number import Number, Numbers, number, slug
from reports.runs import RunGroup
from reports.units import unit_of


def of_group(group: RunGroup, metrics: Iterable[str]) -> Numbers:
    """Seeds, steps, hyper-parameters, training time, and the metrics given."""
    source, who = _origin(group)
    last = int(group.rows["step"].max())
    numbers = of_metrics(group, metrics)
    numbers[f"{group.name}.steps"] = number(last, "", source, how("last step of {run}", run=who))
    for key, value in sorted(group.hyperparameters.items()):
        if is_number(value):
            name = f"{group.name}.hyper.{slug(key)}"
            told = how("hyper-parameter {key} of {run}", key=key, run=who)
            numbers[name] = number(value, "", source, told)
    seconds = group.rows.groupby("seed")["seconds"].max().to_numpy()
    if not np.isnan(seconds).all():
        what = how("the training seconds, a run's share of those of its block, {run}", run=who)
        numbers |= spread(f"{group.name}.seconds", seconds, "s", source, what)
    return numbers


def of_metrics(group: RunGroup, metrics: Iterable[str]) -> Numbers:
    """Seeds and the metrics given."""
    source, who = _origin(group)
    seeds = number(len(group.seeds), "", source, how("seeds of {run}", run=who))
    numbers = {f"{group.name}.seeds": seeds}
    for metric in sorted(metrics):
        numbers |= _of_metric(group, metric, source, who)
    return numbers


def _origin(group: RunGroup) -> tuple[str, str]:
    """The file that the group is from, and what it is called there."""
    return f"results/{group.source}", f"{group.optimizer}, {group.variant}"


def _of_metric(group: RunGroup, metric: str, source: str, who: str) -> Numbers:
    """The median at the start, median and interval at the end, and which seeds diverged."""
    name, unit = f"{group.name}.{slug(metric)}", unit_of(metric)
    values = measured(group, metric)
    told = how(
        "median over {seeds} seeds of {metric} where it is taken first, {run}",
        seeds=len(values), metric=metric, run=who,
    )  # fmt: skip
    numbers = {f"{name}.start": number(float(np.median(values[:, 0])), unit, source, told)}
    what = how("the last {metric}, {run}", metric=metric, run=who)
    numbers |= spread(name, values[:, -1], unit, source, what)
    gone = group.diverged(metric)
    if gone:
        told = how("seeds of which {metric} diverges, {run}", metric=metric, run=who)
        numbers[f"{name}.diverged.seeds"] = number(len(gone), "", source, told)
        told = how(
            "first step at which {metric} has diverged on any seed, {run}", metric=metric, run=who
        )
        numbers[f"{name}.diverged.step"] = number(min(gone.values()), "", source, told)
    return numbers


def spread(prefix: str, values: np.ndarray, unit: str, source: str, what: str) -> Numbers:
    """Median and bootstrap interval over seeds as three numbers: .median, .low, .high.

    what: of what, as `how` says it.
    """
    found = intervals.medians_with_intervals(values)
    numbers: Numbers = {}
    for (part, sentence), value in zip(PARTS.items(), found, strict=True):
        told = how(sentence, seeds=len(values), level=f"{intervals.LEVEL:.0%}", what=what)
        if np.isnan(value) and part != "median" and len(values) < 2:
            reason = how("one seed gives no interval")
            numbers[f"{prefix}.{part}"] = Number(None, unit, source, told, reason)
        else:
            numbers[f"{prefix}.{part}"] = number(float(value), unit, source, told)
    return numbers


PARTS = {
    "median": N_("median over {seeds} seeds of {what}"),
    "low": N_("lower end of the {level} bootstrap interval over {seeds} seeds of {what}"),
    "high": N_("upper end of the {level} bootstrap interval over {seeds} seeds of {what}"),
}


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
