"""RCV1 by gradient descent over the whole training set (the assignment's section 2.2, figure 5).

The document's loop prints and draws an epoch's loss as it was before that epoch's only update:
what it calls the loss of epoch e is the one after e - 1 updates.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.prepared import open_prepared
from experiments.linear import divergence, linear_problem, whole_test
from experiments.table import Run, measurements
from optim.full_batch import FullBatchHistory, train_full_batch
from optim.registry import rule

DATASET = "rcv1"
PROTOCOL = {
    "epochs": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "log_every": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(optimizer: str, protocol: Mapping[str, Any], data: Path) -> Iterator[pd.DataFrame]:
    """Take one step an epoch along the gradient over all rows; yield tidy tables."""
    prepared = open_prepared(data)
    problem = linear_problem(prepared, "logistic", 1)  # the engine measures no test rows here
    chosen = rule(optimizer)
    variants = protocol["optimizers"][optimizer]
    given = [chosen.hyperparameters(**one) for one in variants.values()]
    for seed in range(protocol["seeds"]):
        history = train_full_batch(problem, chosen, given, steps=protocol["epochs"], seed=seed)
        whole = whole_test(prepared, history.weights, "logistic")
        print(
            f"rcv1_full_batch {optimizer} seed {seed}: {history.seconds[-1]:.2f} s", file=sys.stderr
        )
        for lane, (variant, hyperparameters) in enumerate(zip(variants, given, strict=True)):
            batch = problem.train.labels.size
            row = Run("rcv1_full_batch", DATASET, optimizer, variant, hyperparameters, seed, batch)
            yield from _measured(row, lane, history, protocol["log_every"])
            last = np.array([protocol["epochs"]])
            for metric, values in whole.items():
                name = f"whole_test_{metric}"
                yield measurements(row, name, values[[lane]], epoch=last, step=last)


def _measured(
    row: Run, lane: int, history: FullBatchHistory, log_every: int
) -> Iterator[pd.DataFrame]:
    """Losses before training and after each update, and those that the document's log prints."""
    losses, step = history.losses[:, lane], np.arange(len(history.losses))
    seconds = history.seconds / history.losses.shape[1]
    yield measurements(row, "train_loss", losses, epoch=step, step=step, seconds=seconds)
    before = step[:-1]
    logged = (before % log_every == 0) | (before == before[-1])
    yield measurements(
        row, "logged_loss", losses[:-1][logged], epoch=before[logged], step=before[logged]
    )
    yield from divergence(row, int(history.diverged[lane]) or None, 1)
