"""Airfoil self-noise as the assignment trains on it (section 3.6.2): batch 10, half squared error.

The least-squares optimum of the same loss is computed beside it, by a direct solve in float64. The
document's figure 8 has a point every 200 samples, which is no epoch's end: the first seed's run is
taken once more by the rule's NumPy meaning, in float64 along the same batches, for those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.linalg

from data.prepared import open_prepared
from experiments import descent
from experiments.linear import (
    every_epoch_end,
    first_weights,
    linear_problem,
    sample_orders,
    train_seeds,
    updates_per_epoch,
)
from experiments.table import Run, measurements
from optim.problem import Rows
from optim.registry import rule

DATASET = "airfoil"
PROTOCOL = {
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "curve_every": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(optimizer: str, protocol: Mapping[str, Any], data: Path) -> Iterator[pd.DataFrame]:
    """Train `optimizer` in every variant of the protocol on every seed; yield tidy tables.

    Raises ValueError for points of the curve that are not at the end of a batch.
    """
    if protocol["curve_every"] % protocol["batch"]:
        raise ValueError(
            f"experiments.airfoil.curve_every is {protocol['curve_every']} samples, expected a "
            f"multiple of the batch of {protocol['batch']}"
        )
    prepared = open_prepared(data)
    problem = linear_problem(prepared, "squared")
    inputs, target = dense(problem.train, problem.features)
    optimum = least_squares_loss(inputs, target)
    for row, lane, history in train_seeds("airfoil", DATASET, optimizer, protocol, problem):
        yield from every_epoch_end(row, lane, history)
        last = np.array([protocol["epochs"]])
        yield measurements(
            row, "least_squares_loss", np.array([optimum]),
            epoch=last, step=last * updates_per_epoch(history),
        )  # fmt: skip
        if row.seed == 0:
            yield _curve(row, inputs, target, protocol)


def _curve(
    row: Run, inputs: np.ndarray, target: np.ndarray, protocol: Mapping[str, Any]
) -> pd.DataFrame:
    """Training loss every so many samples, of the run taken in float64."""
    batch, samples = protocol["batch"], target.size
    per_epoch = -(-samples // batch)
    points = retrace(row, inputs, target, protocol["epochs"]).points
    step = np.arange(0, len(points), protocol["curve_every"] // batch)
    losses = ((inputs @ points[step].T - target[:, None]) ** 2).mean(axis=0) / 2
    name = f"train_loss_every_{protocol['curve_every']}_samples"
    return measurements(row, name, losses, epoch=step // per_epoch, step=step)


def retrace(row: Run, inputs: np.ndarray, target: np.ndarray, epochs: int) -> descent.Path:
    """A run's path from the engine's start along its batches, by the rule's NumPy meaning."""
    assert row.batch is not None
    batches = iter(
        order[first : first + row.batch]
        for order in sample_orders(row.seed, target.size, epochs)
        for first in range(0, target.size, row.batch)
    )

    def gradient(w: np.ndarray, _state: tuple[np.ndarray, ...]) -> np.ndarray:
        rows = next(batches)
        x = inputs[rows]
        return x.T @ (x @ w - target[rows]) / len(rows)

    start = np.append(first_weights(row.seed, inputs.shape[1] - 1), 0.0)
    steps = epochs * -(-target.size // row.batch)
    return descent.follow(rule(row.optimizer), gradient, start, steps, row.hyperparameters)


def dense(rows: Rows, features: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs [n, features + 1], ones in the last column, and targets [n], in float64."""
    inputs = np.zeros((rows.labels.size, features + 1))
    inputs[:, -1] = 1
    row_of = np.repeat(np.arange(rows.labels.size), np.diff(rows.indptr))
    inputs[row_of, rows.indices] = rows.values
    return inputs, rows.labels.astype(np.float64)


def least_squares_loss(inputs: np.ndarray, target: np.ndarray) -> float:
    """Smallest mean of half squared errors that any weights reach."""
    weights = scipy.linalg.lstsq(inputs, target)[0]
    return float(np.mean((inputs @ weights - target) ** 2) / 2)
