"""What an optimizer is: a pure update of one coordinate, its state and its hyper-parameters."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import math
import numbers
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "did you mean ...?" for a close known name, else the list of known ones."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(known)}"


@cache  # asked at every step
def parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the parameters of `function`, in order."""
    return tuple(inspect.signature(function).parameters)


@dataclasses.dataclass(frozen=True, eq=False)
class Rule:
    """One optimizer, coordinate by coordinate.

    `update(w, g, *state, *per_step, *hyperparameters)` returns the new weight followed by the new
    state, in that order; the names are read from its signature. `per_step(t, ...)`, where a rule
    needs the step (counted from 1), takes hyper-parameters by name and returns the scalars that
    `update` expects between its state and its hyper-parameters: they are the same for all
    coordinates and computed once a step. It also takes an array of steps.
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
    skip: Callable[..., Any] | None = None
    """What k steps of zero gradient after step t do; see `optim.zero_gradient`."""
    tables: Callable[..., dict[str, NDArray[np.float64]] | None] | None = None
    """The tables that `skip` reads; see `optim.zero_gradient`."""
    dense_because: str = ""
    """Why steps of zero gradient cannot be skipped, where they neither idle nor have `skip`."""
    coordinatewise: bool = True
    """False for a rule on whole vectors and matrices, for small problems only."""
    inputs: tuple[str, ...] = ("w", "g")
    """What `update` takes before the state."""
    initial: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The hyper-parameter that a state starts from; a state not named starts from zero."""
    scheduled: tuple[str, ...] = ("lr",)
    """The hyper-parameters that a schedule's factor multiplies."""

    def __post_init__(self) -> None:
        for field in ("defaults", "initial"):
            object.__setattr__(self, field, MappingProxyType(dict(getattr(self, field))))
        self._check_beginning("update", self.update, (*self.inputs, *self.state))
        if self.skip:
            self._check_beginning("skip", self.skip, ("w", *self.state))
        if missing := set(self.update_hyperparameters) - set(self.defaults):
            raise TypeError(f"rule {self.name!r}: no default for {', '.join(sorted(missing))}")
        if wrong := set(self.initial) - set(self.state):
            raise TypeError(f"rule {self.name!r}: no state called {', '.join(sorted(wrong))}")

    def __deepcopy__(self, _memo: dict[int, Any]) -> Rule:
        """Return the rule itself: nothing of it can change."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields, whose functions go by the names of their modules."""
        values = (getattr(self, field.name) for field in dataclasses.fields(self))
        return Rule, tuple(dict(v) if isinstance(v, MappingProxyType) else v for v in values)

    def _check_beginning(
        self, what: str, function: Callable[..., Any], expected: tuple[str, ...]
    ) -> None:
        names = parameters(function)
        if names[: len(expected)] != expected:
            raise TypeError(
                f"rule {self.name!r}: {what} takes {names}, expected it to begin with {expected}"
            )

    @property
    def per_step_names(self) -> tuple[str, ...]:
        """Names of the scalars computed once a step."""
        names = parameters(self.update)[len(self.inputs) + len(self.state) :]
        return tuple(name for name in names if name not in self.defaults)

    @property
    def update_hyperparameters(self) -> tuple[str, ...]:
        """Names of the hyper-parameters that `update` takes, in its order."""
        names = parameters(self.update)[len(self.inputs) + len(self.state) :]
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

    def initial_state(self, w: Any, hyperparameters: Mapping[str, Any]) -> tuple[NDArray[Any], ...]:
        """Return the state before the first step, each in the shape and precision of `w`."""
        starts = (hyperparameters.get(self.initial.get(name, ""), 0.0) for name in self.state)
        return tuple(np.full_like(w, start) for start in starts)

    def scalars(
        self,
        t: Any,
        hyperparameters: Mapping[str, Any],
        per_step: Callable[..., tuple[Any, ...]] | None = None,
    ) -> tuple[Any, ...]:
        """Return the per-step scalars at step `t` (from 1), or at each step of an array.

        In NumPy's meaning, or that of `per_step`.
        """
        if self.per_step is None:
            return ()
        names = parameters(self.per_step)[1:]
        if per_step is None and isinstance(t, int | float):
            t = np.float64(t)
        # A branch that `where` does not take may divide by zero or take the root of a negative.
        with np.errstate(divide="ignore", invalid="ignore"):
            return (per_step or self.per_step)(t, *(hyperparameters[name] for name in names))

    def step(
        self,
        w: Any,
        g: Any,
        state: tuple[Any, ...],
        t: Any,
        hyperparameters: Mapping[str, Any],
        update: Callable[..., Any] | None = None,
    ) -> tuple[Any, tuple[Any, ...]]:
        """Take step `t` (from 1) of the rule, in NumPy's meaning or that of `update`.

        ValueError where a state is missing or, in a coordinate-wise rule, has another shape than
        the weights.
        """
        if len(state) != len(self.state):
            raise ValueError(
                f"{self.name}: {len(state)} states, expected {len(self.state)} "
                f"({', '.join(self.state) or 'none'})"
            )
        if self.coordinatewise:
            for name, value in zip(("g", *self.state), (g, *state), strict=True):
                if np.shape(value) != np.shape(w):
                    raise ValueError(
                        f"{self.name}: {name} has shape {np.shape(value)}, "
                        f"expected {np.shape(w)} as the weights have"
                    )
        values = (hyperparameters[name] for name in self.update_hyperparameters)
        result = (update or self.update)(w, g, *state, *self.scalars(t, hyperparameters), *values)
        return (result[0], tuple(result[1:])) if self.state else (result, ())


def check_hyperparameter(rule: str, name: str, value: float) -> None:
    """Raise ValueError where a hyper-parameter cannot mean anything, before any step is taken."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise ValueError(f"{rule}: {name} = {value!r} is not a number")
    if not math.isfinite(value):
        raise ValueError(f"{rule}: {name} = {value} is not finite")
    if value < 0:
        raise ValueError(f"{rule}: {name} = {value} is negative, expected at least 0")
    decays = name.startswith("beta") or name in {"rho", "alpha", "momentum", "decay"}
    if decays and value >= 1:
        raise ValueError(f"{rule}: {name} = {value}, expected a value in [0, 1)")
    if name == "period" and (value < 1 or value != int(value)):
        raise ValueError(f"{rule}: {name} = {value}, expected a whole number of steps, 1 or more")
    if name == "gamma" and value == 0:
        raise ValueError(f"{rule}: {name} = 0, expected a value above 0")
