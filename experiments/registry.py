"""Finds the experiments: every file of this folder that defines `DATASET` and `run`."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

NOT_EXPERIMENTS = {"__init__", "__main__", "linear", "registry", "table"}


@cache
def names() -> tuple[str, ...]:
    """Names of the experiments, from the file names, without importing them."""
    stems = (path.stem for path in Path(__file__).parent.glob("*.py"))
    return tuple(sorted(stem for stem in stems if stem not in NOT_EXPERIMENTS))


def experiment(name: str) -> ModuleType:
    """The module of the experiment called `name`, one of `names()`."""
    return importlib.import_module(f"experiments.{name}")


def dataset_of(name: str) -> str | None:
    """The dataset that the experiment called `name` trains on; None where it takes none."""
    return experiment(name).DATASET
