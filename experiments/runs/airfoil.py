"""Airfoil self-noise as the assignment trains on it (section 3.6.2): batch 10, half squared error.

The least-squares optimum of the same loss is computed beside it, by a direct solve in float64.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.linalg

from data.prepared import Rows, open_prepared
from experiments.linear import epoch_ends, linear_problem, train_seeds
from experiments.table import measurements

DATASET = "airfoil"
PROTOCOL = {
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(optimizer: str, protocol: Mapping[str, Any], data: Path) -> Iterator[pd.DataFrame]:
    """Train `optimizer` in every variant of the protocol on every seed; yield tidy tables."""
    prepared = open_prepared(data)
    problem = linear_problem(prepared, "squared")
    train_rows = prepared.splits["train"]
    assert isinstance(train_rows, Rows)
    optimum = least_squares_loss(train_rows)
    for row, lane, history in train_seeds("airfoil", DATASET, optimizer, protocol, problem):
        losses = epoch_ends(row, lane, history, "train", "loss")
        yield losses
        last = losses.iloc[[-1]]
        yield measurements(
            row, "least_squares_loss", np.array([optimum]), epoch=last.epoch, step=last.step
        )


def least_squares_loss(rows: Rows) -> float:
    """Smallest mean of half squared errors that any weights and intercept reach on `rows`."""
    dense = np.zeros((rows.labels.size, rows.features + 1))
    dense[:, -1] = 1
    row_of = np.repeat(np.arange(rows.labels.size), np.diff(rows.indptr))
    dense[row_of, rows.indices] = rows.values
    target = rows.labels.astype(np.float64)
    weights = scipy.linalg.lstsq(dense, target)[0]
    return float(np.mean((dense @ weights - target) ** 2) / 2)
