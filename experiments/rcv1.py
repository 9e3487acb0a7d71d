"""RCV1 as the assignment trains on it (sections 2.3 and 3.6.3): batch 1, twenty epochs.

Beside the single-sample losses that the assignment looks at, it measures the loss over the whole
training set at every epoch's end, and test loss and accuracy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.prepared import open_prepared
from experiments.linear import linear_problem, train_seeds
from experiments.table import Run, measurements
from optim.linear import History

DATASET = "rcv1"


def run(optimizer: str, protocol: Mapping[str, Any], data: Path | None) -> Iterator[pd.DataFrame]:
    """Train `optimizer` in every variant of the protocol on every seed; yield tidy tables."""
    assert data is not None
    problem = linear_problem(open_prepared(data), "logistic")
    for row, lane, history in train_seeds("rcv1", DATASET, optimizer, protocol, problem):
        yield from _epoch_ends(row, lane, history)
        yield from _single_samples(row, lane, history, protocol, problem.train[3].size)


def _epoch_ends(row: Run, lane: int, history: History) -> Iterator[pd.DataFrame]:
    """Losses and accuracies over the full sets, epoch 0 being before training."""
    epoch = np.arange(len(history.seconds))
    step = epoch * (history.updates // epoch[-1])
    for split, measured in history.measured.items():
        for metric, values in measured.items():
            yield measurements(
                row, f"{split}_{metric}", values[:, lane],
                epoch=epoch, step=step, seconds=history.seconds[:, lane],
            )  # fmt: skip


def _single_samples(
    row: Run, lane: int, history: History, protocol: Mapping[str, Any], samples: int
) -> Iterator[pd.DataFrame]:
    """Losses of single samples before their update, thinned, and their moving average."""
    step = history.sampled_steps
    yield measurements(
        row, "step_loss", history.sampled_losses[:, lane],
        epoch=step // samples, step=step,
    )  # fmt: skip
    window = protocol["moving_average"] // protocol["thin"]
    sums = np.concatenate([[0.0], np.cumsum(history.mean_losses[:, lane])])
    average = (sums[window:] - sums[:-window]) / window
    ends = step[window - 1 :] + protocol["thin"]
    yield measurements(
        row, "step_loss_moving_average", average, epoch=(ends - 1) // samples, step=ends
    )
