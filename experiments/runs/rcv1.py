"""RCV1 as the assignment trains on it (sections 2.3 and 3.6.3): batch 1, twenty epochs.

Beside the single-sample losses that the assignment looks at (drawn with their moving average, and
printed every few thousand samples), it measures the loss over the whole training set at every
epoch's end, and loss and accuracy on test rows: on a sample at epochs' ends, on all after the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.prepared import open_prepared
from experiments.linear import (
    every_epoch_end,
    linear_problem,
    train_seeds,
    updates_per_epoch,
    whole_test,
    whole_test_rows,
)
from experiments.shards import WHOLE, Shard
from experiments.table import Run, measurements
from optim.linear import History

DATASET = "rcv1"
PROTOCOL = {
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "thin": {"$ref": "#/$defs/count"},
    "moving_average": {"$ref": "#/$defs/count"},
    "log_every": {"$ref": "#/$defs/count"},
    "test_rows": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(
    optimizer: str, protocol: Mapping[str, Any], data: Path, shard: Shard = WHOLE
) -> Iterator[pd.DataFrame]:
    """Train `optimizer` in every variant of the protocol on every seed; yield tidy tables.

    Raises ValueError for a moving average over fewer samples than there are between two of the
    losses kept, and for a log that asks for losses that are not.
    """
    _check(protocol)
    prepared = open_prepared(data)
    problem = linear_problem(prepared, "logistic", protocol["test_rows"])
    whole: dict[str, np.ndarray] = {}
    for row, lane, history in train_seeds("rcv1", DATASET, optimizer, protocol, problem, shard):
        whole = whole or whole_test(prepared, history.weights, "logistic")
        yield from every_epoch_end(row, lane, history)
        yield from whole_test_rows(row, lane, history, whole)
        yield from _step_losses(row, lane, history, protocol, problem.train.labels.size)


def _check(protocol: Mapping[str, Any]) -> None:
    batch, thin, window = (protocol[key] for key in ("batch", "thin", "moving_average"))
    apart = batch * -(-thin // batch)
    if window < apart:
        raise ValueError(
            f"experiments.rcv1.moving_average is {window} samples, expected at least {apart}: "
            f"with thin {thin} and batch {batch} a loss is kept every {apart} samples"
        )
    if protocol["log_every"] % apart:
        raise ValueError(
            f"experiments.rcv1.log_every is {protocol['log_every']} samples, expected a multiple "
            f"of {apart}: with thin {thin} and batch {batch} a loss is kept every {apart} samples"
        )


def _step_losses(
    row: Run, lane: int, history: History, protocol: Mapping[str, Any], samples: int
) -> Iterator[pd.DataFrame]:
    """Losses of the samples of an update before it, thinned, logged, and their moving average."""
    batch, window, log_every = (protocol[key] for key in ("batch", "moving_average", "log_every"))
    per_epoch = updates_per_epoch(history)
    epochs = len(history.seconds) - 1
    sizes = np.diff(history.sampled_steps, append=epochs * samples)
    ends, averages = moving_average(history.mean_losses[:, lane], sizes, window)
    losses = history.sampled_losses[:, lane]
    logged = history.sampled_steps % samples % log_every == 0
    for metric, values, seen in (
        ("step_loss", losses, history.sampled_steps),
        ("logged_loss", losses[logged], history.sampled_steps[logged]),
        ("step_loss_moving_average", averages, ends),
    ):
        # An epoch ends in a batch of what is left, so its updates are counted from its start.
        epoch = seen // samples
        step = epoch * per_epoch + seen % samples // batch
        yield measurements(row, metric, values, epoch=epoch, step=step)


def moving_average(
    means: np.ndarray, sizes: np.ndarray, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean loss of the last `window` samples at the end of each block that has so many before it.

    `means` [k] are the blocks' mean losses and `sizes` [k] their samples; a block of which only
    a part is in the window counts by that part. Returns the ends, in samples, and the averages.
    """
    ends = np.cumsum(sizes)
    sums = np.cumsum(means * sizes)
    full = ends >= window
    before = np.interp(ends[full] - window, np.append(0, ends), np.append(0.0, sums))
    return ends[full], (sums[full] - before) / window
