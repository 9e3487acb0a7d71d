"""The runs of an experiment, grouped: an optimizer in a variant, over all its seeds."""

from __future__ import annotations

import dataclasses
import functools
import json
from typing import Any

import numpy as np
import pandas as pd

from reports.number import slug
from reports.results import Missing, RunTable

PRINTED = "as printed"
"""The variant that is run with what the document printed."""

_OPTIMIZERS = {
    "sgd": "SGD",
    "adagrad": "Adagrad",
    "adagrad_eps_inside": "Adagrad, ε under the root",
    "adam": "Adam",
}


@dataclasses.dataclass(frozen=True)
class RunGroup:
    """One optimizer in one variant: the same run from several seeds."""

    experiment: str
    dataset: str
    optimizer: str
    variant: str
    hyperparameters: dict[str, Any]
    source: str
    rows: pd.DataFrame

    @property
    def name(self) -> str:
        """The first part of the names of its numbers."""
        return f"{self.experiment}.{slug(self.optimizer)}.{slug(self.variant)}"

    @property
    def title(self) -> str:
        """The optimizer's name for readers."""
        return optimizer_title(self.optimizer)

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
        chosen = self.rows[self.rows["metric"] == metric]
        return chosen.pivot(index="seed", columns="step", values="value")

    def epochs(self, metric: str) -> np.ndarray:
        """The epoch of every step at which the metric was taken."""
        chosen = self.rows[self.rows["metric"] == metric]
        return chosen.groupby("step")["epoch"].first().to_numpy()


def optimizer_title(optimizer: str) -> str:
    """A name for readers; an unknown one is shown as it stands."""
    return _OPTIMIZERS.get(optimizer, optimizer.replace("_", " "))


def group_runs(tables: list[RunTable] | Missing) -> list[RunGroup]:
    """All groups of an experiment: by optimizer, SGD first, then by variant, as printed first."""
    if isinstance(tables, Missing):
        return []
    groups = []
    for table in tables:
        keys = ["experiment", "dataset", "optimizer", "variant", "hyperparameters"]
        for key, rows in table.rows.groupby(keys, sort=True):
            experiment, dataset, optimizer, variant, hyperparameters = map(str, key)
            groups.append(
                RunGroup(
                    experiment, dataset, optimizer, variant,
                    json.loads(hyperparameters), table.source, rows,
                )
            )  # fmt: skip
    return sorted(groups, key=_order)


def _order(group: RunGroup) -> tuple[Any, ...]:
    known = list(_OPTIMIZERS)
    place = known.index(group.optimizer) if group.optimizer in known else len(known)
    return place, group.optimizer, group.variant != PRINTED, group.variant


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


def contests(groups: list[RunGroup]) -> list[Contest]:
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
