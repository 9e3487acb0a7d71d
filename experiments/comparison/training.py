"""What a comparison asks of a problem: to train a rule, and what one training leaves behind."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from experiments.linear import divergence
from experiments.table import Run, measurements
from optim.rule import Rule

Stage = Literal["search", "final"]
"""A search trains on "fitting" and measures on "validation"; the final training is on "train"."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """One training to be done: hyper-parameters, all of them, and a seed."""

    hyperparameters: Mapping[str, float]
    seed: int


@dataclasses.dataclass(frozen=True)
class Trace:
    """What one training left behind.

    `measured["validation_loss"]` and the like [epochs + 1], first before training; `seconds`
    [epochs + 1] of training; `updates` before the first loss that was not finite, None for none.
    """

    measured: Mapping[str, np.ndarray]
    seconds: np.ndarray
    updates: int | None
    per_epoch: int
    device: str


Trainer = Callable[[Stage, Rule, Sequence[Asked]], list[Trace]]
"""Trains a rule on a problem, as often as asked; the traces are in the order asked for."""


def rows(run: Run, trace: Trace) -> Iterator[pd.DataFrame]:
    """The tidy rows of a training: what was measured at the epochs' ends, and where it diverged."""
    named = dataclasses.replace(run, device=trace.device)
    epoch = np.arange(len(trace.seconds))
    for metric, values in trace.measured.items():
        yield measurements(
            named, metric, values, epoch=epoch, step=epoch * trace.per_epoch, seconds=trace.seconds
        )
    yield from divergence(named, trace.updates, trace.per_epoch)
