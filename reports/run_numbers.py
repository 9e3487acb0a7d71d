"""The numbers of a group of runs: its seeds, its hyper-parameters, and where each metric began and
ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from reports import intervals
from reports.curves import measured
from reports.number import Number, Numbers, number, slug
from reports.runs import RunGroup
from reports.units import unit_of


def of_group(group: RunGroup, metrics: Iterable[str]) -> Numbers:
    """Seeds, steps, hyper-parameters, training time, and the metrics given."""
    source, who = _origin(group)
    last = int(group.rows["step"].max())
    numbers = of_metrics(group, metrics)
    numbers[f"{group.name}.steps"] = number(last, "", source, f"last step of {who}")
    for key, value in sorted(group.hyperparameters.items()):
        if is_number(value):
            name = f"{group.name}.hyper.{slug(key)}"
            numbers[name] = number(value, "", source, f"hyper-parameter {key} of {who}")
    seconds = group.rows.groupby("seed")["seconds"].max().to_numpy()
    if not np.isnan(seconds).all():
        what = f"of the training seconds, a run's share of those of its block, {who}"
        numbers |= spread(f"{group.name}.seconds", seconds, "s", source, what)
    return numbers


def of_metrics(group: RunGroup, metrics: Iterable[str]) -> Numbers:
    """Seeds and the metrics given."""
    source, who = _origin(group)
    seeds = number(len(group.seeds), "", source, f"seeds of {who}")
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
    how = f"median over {len(values)} seeds of {metric} where it is taken first, {who}"
    numbers = {f"{name}.start": number(float(np.median(values[:, 0])), unit, source, how)}
    numbers |= spread(name, values[:, -1], unit, source, f"of {metric} after the last step, {who}")
    gone = group.diverged(metric)
    if gone:
        how = f"seeds of which {metric} diverges, {who}"
        numbers[f"{name}.diverged.seeds"] = number(len(gone), "", source, how)
        how = f"first step at which {metric} has diverged on any seed, {who}"
        numbers[f"{name}.diverged.step"] = number(min(gone.values()), "", source, how)
    return numbers


def spread(prefix: str, values: np.ndarray, unit: str, source: str, what: str) -> Numbers:
    """Median and bootstrap interval over seeds as three numbers: .median, .low, .high."""
    found = intervals.medians_with_intervals(values)
    level = f"{intervals.LEVEL:.0%} bootstrap interval over {len(values)} seeds"
    told = [f"median over {len(values)} seeds {what}", f"lower end of the {level} {what}",
            f"upper end of the {level} {what}"]  # fmt: skip
    numbers: Numbers = {}
    for part, value, how in zip(("median", "low", "high"), found, told, strict=True):
        if np.isnan(value) and part != "median" and len(values) < 2:
            reason = "one seed gives no interval"
            numbers[f"{prefix}.{part}"] = Number(None, unit, source, how, reason)
        else:
            numbers[f"{prefix}.{part}"] = number(float(value), unit, source, how)
    return numbers


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
