"""What the experiments on functions share: a rule's path, and where a run stopped being finite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.table import Run, measurements
from optim.rule import Rule

Gradient = Callable[[np.ndarray, tuple[np.ndarray, ...]], np.ndarray]
"""The gradient that a step is given, at the weights and the state before it."""


class Path(NamedTuple):
    """What a rule went through: weights and each state, [steps + 1, ...] each, first the start."""

    points: np.ndarray
    states: tuple[np.ndarray, ...]


def follow(
    rule: Rule,
    gradient: Gradient,
    start: np.ndarray,
    steps: int,
    hyperparameters: Mapping[str, float],
) -> Path:
    """Take `steps` steps of the rule's NumPy meaning from `start`, in float64.

    A path that overflows goes on as infinities and not-a-numbers.
    """
    w = start.astype(np.float64)
    state = rule.initial_state(w, hyperparameters)
    points, states = [w], [state]
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(1, steps + 1):
            w, state = rule.step(w, gradient(w, state), state, t, hyperparameters)
            points.append(w)
            states.append(state)
    return Path(np.array(points), tuple(np.array(each) for each in zip(*states, strict=True)))


def divergence(run: Run, values: np.ndarray, step: np.ndarray) -> Iterator[pd.DataFrame]:
    """One row, `diverged_at`: the first step whose value is not finite; none where all are."""
    wrong = np.flatnonzero(~np.isfinite(values))
    if wrong.size:
        first = step[wrong[:1]]
        yield measurements(run, "diverged_at", first, epoch=np.zeros(1, int), step=first)
