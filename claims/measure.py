"""The registry of measures, and what a measure returns."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import claims.measures
from proofs.verdict import Evidence


class MissingResult(Exception):
    """A result that a measure reads is not there; the message names the file and what makes it."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """What a measure found: the value that is compared, how, and the numbers behind it.

    `details` holds plain JSON values; claims name them in their texts as $name, and "dataset" names
    the data measured on. `decided` is False where the measurement cannot tell. `tolerance` is the
    one that the measure itself compared with, where it did. `translations` has, by language, what
    a proof's verdict brought with it: its "tolerance_reason", and a table of "words" and sentences.
    """

    value: Any
    evidence: Evidence
    details: Mapping[str, Any]
    decided: bool = True
    tolerance: float = 0.0
    tolerance_reason: str = ""
    trials: int = 0
    translations: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)


Measure = Callable[..., Measured]
_MEASURES: dict[str, Measure] = {}


def measure(function: Measure) -> Measure:
    """Register a function `(results: Path, **arguments) -> Measured` under its own name.

    Raises ValueError where another one has that name.
    """
    if function.__name__ in _MEASURES:
        raise ValueError(f"there are two measures called {function.__name__!r}")
    _MEASURES[function.__name__] = function
    return function


def measures() -> dict[str, Measure]:
    """Every measure by name, found by listing the folder `claims/measures`."""
    for module in pkgutil.iter_modules(claims.measures.__path__):
        importlib.import_module(f"claims.measures.{module.name}")
    return dict(_MEASURES)


def arguments_of(function: Measure) -> dict[str, bool]:
    """Names of the arguments a claim gives to a measure, each with whether it is required."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return {p.name: p.default is inspect.Parameter.empty for p in parameters}


def require(path: Path, maker: str) -> Path:
    """Return `path`; MissingResult where there is no such file."""
    if not path.exists():
        raise MissingResult(f"{path} is missing; make it with '{maker}'")
    return path
