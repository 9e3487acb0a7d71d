"""The runs of an experiment, grouped: an optimizer in a variant, over all its seeds."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import re
from collections.abc import Container, Sequence
from typing import Any

import numpy as np
import pandas as pd

from reports.number import slug
from reports.results import Results
from reports.tidy import Missing, Size

PRINTED = "as printed"
"""The variant that is run with what the document printed."""

DIVERGED_AT = "diverged_at"
"""The metric whose value is the first step at which a run is not finite."""

_SHOWN_FIRST = ("sgd", "adagrad", "adagrad_eps_inside", "adam")
_KEYS = ["experiment", "dataset", "optimizer", "variant", "hyperparameters"]


@dataclasses.dataclass(frozen=True, eq=False)
class RunGroup:
    """One optimizer in one variant: the same run from several seeds.

    name: first part of the names of its numbers, its own alone. title: the optimizer's name for
    readers.
    """

    experiment: str
    dataset: str
    optimizer: str
    variant: str
    hyperparameters: dict[str, Any]
    source: str
    rows: pd.DataFrame
    name: str
    title: str
    size: Size

    @property
    def seeds(self) -> list[int]:
        """Its seeds in order."""
        return sorted(self.rows["seed"].unique().tolist())

    @functools.cached_property
    def metrics(self) -> list[str]:
        """The metrics it was measured by, in order of name."""
        return sorted(self.rows["metric"].unique().tolist())

    def by_seed(self, metric: str) -> pd.DataFrame:
        """Values of a metric: one row a seed, one column a step, in order; empty where absent."""
        if metric not in self._by_seed:
            chosen = self.rows[self.rows["metric"] == metric]
            self._by_seed[metric] = chosen.pivot(index="seed", columns="step", values="value")
        return self._by_seed[metric]

    @functools.cached_property
    def _by_seed(self) -> dict[str, pd.DataFrame]:
        """What `by_seed` gave: figures, captions and numbers ask for the same."""
        return {}

    def steps_of(self, metric: str) -> int:
        """At how many steps the metric was taken."""
        return int(self.rows.loc[self.rows["metric"] == metric, "step"].nunique())

    def epochs(self, metric: str) -> np.ndarray:
        """The epoch of every step at which the metric was taken."""
        chosen = self.rows[self.rows["metric"] == metric]
        return chosen.groupby("step")["epoch"].first().to_numpy()

    @functools.cached_property
    def steps_an_epoch(self) -> float:
        """Updates of one pass over the training set; 0 where there are no passes."""
        last = self.rows["epoch"].max()
        return float(self.rows.loc[self.rows["epoch"] == last, "step"].min() / last) if last else 0

    def diverged(self, metric: str) -> dict[int, int]:
        """The seeds whose run has values that are not finite, and from which step on.

        By the run's own word where it says so (metric `diverged_at`), else by the metric; a metric
        taken once tells no divergence, since what never happens is infinite too.
        """
        said = self.rows[self.rows["metric"] == DIVERGED_AT].dropna(subset=["value"])
        if not said.empty:
            return dict(zip(map(int, said["seed"]), map(int, said["value"]), strict=True))
        table = self.by_seed(metric)
        if table.shape[1] < 2:
            return {}
        wrong = ~np.isfinite(table.to_numpy())
        return {
            int(seed): int(table.columns[row.argmax()])
            for seed, row in zip(table.index, wrong, strict=True)
            if row.any()
        }


@functools.lru_cache
def groups_of(results: Results, experiment: str) -> tuple[RunGroup, ...]:
    """All groups of an experiment: by optimizer, SGD first, then by variant, as printed first."""
    tables = results.runs_of(experiment)
    if isinstance(tables, Missing):
        return ()
    titles = optimizer_titles(results)
    found = [
        (*map(str, key), table, rows)
        for table in tables
        for key, rows in table.rows.groupby(_KEYS, observed=True)
    ]
    groups: dict[str, RunGroup] = {}
    for named, dataset, optimizer, variant, given, table, rows in sorted(found, key=_order):
        name = unique(f"{named}.{slug(optimizer)}.{slug(variant)}", groups)
        groups[name] = RunGroup(
            named, dataset, optimizer, variant, json.loads(given), table.source, rows, name,
            titles.get(optimizer, optimizer.replace("_", " ")), table.size,
        )  # fmt: skip
    return tuple(groups.values())


def unique(name: str, taken: Container[str]) -> str:
    """`name`, with a number behind it where it is taken."""
    numbered = (f"{name}-{at}" for at in itertools.count(2))
    return next(free for free in itertools.chain([name], numbered) if free not in taken)


def optimizer_titles(results: Results) -> dict[str, str]:
    """The optimizers' names for readers, from the rules."""
    if isinstance(results.rules, Missing):
        return {}
    return {rule["name"]: rule["title"] for rule in results.rules}


def _order(found: tuple[Any, ...]) -> tuple[Any, ...]:
    _, dataset, optimizer, variant, given, *_ = found
    first = optimizer in _SHOWN_FIRST
    place = _SHOWN_FIRST.index(optimizer) if first else len(_SHOWN_FIRST)
    return place, optimizer, variant != PRINTED, _natural(variant), dataset, given


def _natural(text: str) -> list[tuple[int, float, str]]:
    """Sorts "batch 16" before "batch 256": the numbers in a text by their size."""
    parts = re.split(r"(\d+(?:\.\d+)?(?:e-?\d+)?)", text)
    return [(1, float(part), "") if at % 2 else (0, 0.0, part) for at, part in enumerate(parts)]


@dataclasses.dataclass(frozen=True)
class Contest:
    """SGD and Adagrad under one protocol; `rate` is None where each has its printed rate."""

    sgd: RunGroup
    adagrad: RunGroup
    rate: float | None

    @property
    def name(self) -> str:
        """The first part of the names of its numbers."""
        protocol = slug(PRINTED) if self.rate is None else f"rate-{slug(str(self.rate))}"
        return f"{self.sgd.experiment}.contest.{protocol}"


def contests(groups: Sequence[RunGroup]) -> list[Contest]:
    """SGD against Adagrad: as printed first, then at every learning rate that both ran."""
    sgd = [group for group in groups if group.optimizer == "sgd"]
    adagrad = [group for group in groups if group.optimizer == "adagrad"]
    found = [
        Contest(one, other, None)
        for one in sgd
        for other in adagrad
        if one.variant == other.variant == PRINTED
    ]
    rates = {rate: one for one in reversed(sgd) if (rate := one.hyperparameters.get("lr"))}
    others = {rate: one for one in reversed(adagrad) if (rate := one.hyperparameters.get("lr"))}
    shared = sorted(set(rates) & set(others))
    return found + [Contest(rates[rate], others[rate], rate) for rate in shared]
