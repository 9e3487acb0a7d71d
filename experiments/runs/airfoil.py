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

from data.prepared import open_prepared
from experiments import descent
from experiments.least_squares import LeastSquares, prepared_problem
from experiments.linear import (
    every_epoch_end,
    first_weights,
    linear_problem,
    sample_orders,
    train_seeds,
    updates_per_epoch,
)
from experiments.shards import WHOLE, Shard
from experiments.table import Run, measurements
from optim.registry import rule

DATASET = "airfoil"
PROTOCOL = {
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "curve_every": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(
    optimizer: str, protocol: Mapping[str, Any], data: Path, shard: Shard = WHOLE
) -> Iterator[pd.DataFrame]:
    """Train `optimizer` in every variant of the protocol on every seed; yield tidy tables.

    Raises ValueError for points of the curve that are not at the end of a batch.
    """
    if protocol["curve_every"] % protocol["batch"]:
        raise ValueError(
            f"experiments.airfoil.curve_every is {protocol['curve_every']} samples, expected a "
            f"multiple of the batch of {protocol['batch']}"
        )
    problem = linear_problem(open_prepared(data), "squared")
    exact = prepared_problem(data)
    for row, lane, history in train_seeds("airfoil", DATASET, optimizer, protocol, problem, shard):
        yield from every_epoch_end(row, lane, history)
        last = np.array([protocol["epochs"]])
        yield measurements(
            row, "least_squares_loss", np.array([exact.smallest]),
            epoch=last, step=last * updates_per_epoch(history),
        )  # fmt: skip
        if row.seed == 0:
            yield _curve(row, exact, protocol)


def _curve(row: Run, problem: LeastSquares, protocol: Mapping[str, Any]) -> pd.DataFrame:
    """Training loss every so many samples, of the run taken in float64."""
    batch = protocol["batch"]
    per_epoch = -(-problem.targets.size // batch)
    points = retrace(row, problem, protocol["epochs"]).points
    step = np.arange(0, len(points), protocol["curve_every"] // batch)
    name = f"train_loss_every_{protocol['curve_every']}_samples"
    return measurements(row, name, problem.loss(points[step]), epoch=step // per_epoch, step=step)


def retrace(row: Run, problem: LeastSquares, epochs: int) -> descent.Path:
    """A run's path from the engine's start along its batches, by the rule's NumPy meaning."""
    assert row.batch is not None
    samples, features = problem.inputs.shape
    batches = iter(
        order[first : first + row.batch]
        for order in sample_orders(row.seed, samples, epochs)
        for first in range(0, samples, row.batch)
    )

    def gradient(w: np.ndarray, _state: tuple[np.ndarray, ...]) -> np.ndarray:
        return problem.gradient(w, next(batches))

    start = np.append(first_weights(row.seed, features - 1), 0.0)
    steps = epochs * -(-samples // row.batch)
    return descent.follow(rule(row.optimizer), gradient, start, steps, row.hyperparameters)
