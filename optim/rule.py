"""What an optimizer is: a pure update of one coordinate, its state and its hyper-parameters."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ", did you mean ...?" for a close known name, else the list of known ones."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(known)}"


@dataclasses.dataclass(frozen=True, eq=False)
class Rule:
    """One optimizer, coordinate by coordinate.

    `update(w, g, *state, *per_step, *hyperparameters)` returns the new weight followed by the new
    state, in that order; the names are read from its signature. `per_step(t, ...)`, where a rule
    needs the step (counted from 1), takes hyper-parameters by name and returns the scalars that
    `update` expects between its state and its hyper-parameters: they are the same for all
    coordinates and computed once a step.
    """

    name: str
    title: str
    update: Callable[..., Any]
    state: tuple[str, ...]
    defaults: Mapping[str, float]
    paper: str
    per_step: Callable[..., tuple[Any, ...]] | None = None
    zero_gradient_is_idle: bool = False
    """True where a zero gradient changes neither the weight nor the state."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "defaults", MappingProxyType(dict(self.defaults)))
        names = tuple(inspect.signature(self.update).parameters)
        expected = ("w", "g", *self.state)
        if names[: len(expected)] != expected:
            raise TypeError(
                f"rule {self.name!r}: update takes {names}, expected it to begin with {expected}"
            )
        if missing := set(self.update_hyperparameters) - set(self.defaults):
            raise TypeError(f"rule {self.name!r}: no default for {', '.join(sorted(missing))}")

    @property
    def per_step_names(self) -> tuple[str, ...]:
        """Names of the scalars computed once a step."""
        names = tuple(inspect.signature(self.update).parameters)[2 + len(self.state) :]
        return tuple(name for name in names if name not in self.defaults)

    @property
    def update_hyperparameters(self) -> tuple[str, ...]:
        """Names of the hyper-parameters that `update` takes, in its order."""
        names = tuple(inspect.signature(self.update).parameters)[2 + len(self.state) :]
        count = len(self.per_step_names) if self.per_step else 0
        return names[count:]

    def hyperparameters(self, **given: float) -> dict[str, float]:
        """Defaults overridden by `given`; ValueError on an unknown name or an impossible value."""
        for name, value in given.items():
            if name not in self.defaults:
                raise ValueError(
                    f"{self.name} has no hyper-parameter {name!r}; {nearest(name, self.defaults)}"
                )
            check_hyperparameter(self.name, name, value)
        return {**self.defaults, **given}

    def scalars(self, t: Any, hyperparameters: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the per-step scalars at step `t` (from 1)."""
        if self.per_step is None:
            return ()
        names = tuple(inspect.signature(self.per_step).parameters)[1:]
        return self.per_step(t, *(hyperparameters[name] for name in names))

    def step(
        self,
        w: Any,
        g: Any,
        state: tuple[Any, ...],
        t: Any,
        hyperparameters: Mapping[str, Any],
        update: Callable[..., Any] | None = None,
    ) -> tuple[Any, tuple[Any, ...]]:
        """Take step `t` (from 1) of the rule, in NumPy's meaning or that of `update`."""
        values = (hyperparameters[name] for name in self.update_hyperparameters)
        result = (update or self.update)(w, g, *state, *self.scalars(t, hyperparameters), *values)
        return (result[0], tuple(result[1:])) if self.state else (result, ())


def check_hyperparameter(rule: str, name: str, value: float) -> None:
    """Raise ValueError where a hyper-parameter cannot mean anything, before any step is taken."""
    if not math.isfinite(value):
        raise ValueError(f"{rule}: {name} = {value} is not finite")
    if value < 0:
        raise ValueError(f"{rule}: {name} = {value} is negative, expected at least 0")
    decays = name.startswith("beta") or name in {"rho", "alpha", "momentum"}
    if decays and value >= 1:
        raise ValueError(f"{rule}: {name} = {value}, expected a value in [0, 1)")
