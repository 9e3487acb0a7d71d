"""Finds the experiments (`experiments/runs`) and the analyses (`experiments/analyses`) by listing.

An experiment trains: its file defines `run(optimizer, protocol, data)`, which yields tidy tables of
runs. An analysis looks at data, functions or finished runs: `analyse(protocol, data, results)`
yields tidy tables of series. Both declare DATASET, RUNS and PROTOCOL where they have any.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Literal

from experiments.declaration import Declaration, declaration

Kind = Literal["runs", "analyses"]


@cache
def names(kind: Kind) -> tuple[str, ...]:
    """Names of the experiments or analyses, from the file names, without importing them."""
    files = (Path(__file__).parent / kind).glob("*.py")
    return tuple(sorted(path.stem for path in files if path.stem != "__init__"))


@cache
def declared(kind: Kind, name: str) -> Declaration:
    """What the experiment or analysis called `name`, one of `names(kind)`, says of itself."""
    return declaration(Path(__file__).parent / kind / f"{name}.py")


def module(kind: Kind, name: str) -> ModuleType:
    """The module of the experiment or analysis called `name`, one of `names(kind)`."""
    return importlib.import_module(f"experiments.{kind}.{name}")
