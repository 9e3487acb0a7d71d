"""Exercise 2 of the assignment: one optimizer on f1, on f2 as printed, and on f1 truly rotated.

f2 as printed leaves out the factor 1/sqrt(2) of a rotation, so its Hessian is twice the rotated
one; both are run, in float64, by the rule's NumPy meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.table import Run, measurements
from optim.registry import rule

DATASET = None

F1 = np.diag([0.2, 4.0])
COLUMNS_PRINTED = np.array([[1.0, 1.0], [1.0, -1.0]])
HESSIANS = {
    "f1": F1,
    "f2 as printed": COLUMNS_PRINTED.T @ F1 @ COLUMNS_PRINTED,
    "f2 true rotation": COLUMNS_PRINTED.T @ F1 @ COLUMNS_PRINTED / 2,
}
"""Hessians Q of the quadratics x'Qx / 2, whose minimum is zero at the origin."""


def run(optimizer: str, protocol: Mapping[str, Any], data: Path | None) -> Iterator[pd.DataFrame]:
    """Follow `optimizer` from the protocol's start on each quadratic; yield tidy tables."""
    assert data is None
    chosen = rule(optimizer)
    hyperparameters = chosen.hyperparameters(**protocol["optimizers"][optimizer]["as printed"])
    for function, hessian in HESSIANS.items():
        row = Run("quadratics", "none", optimizer, function, hyperparameters, 0)
        path = trajectory(
            optimizer, hessian, np.array(protocol["start"]), protocol["steps"], hyperparameters
        )
        step = np.arange(len(path))
        objective = 0.5 * np.einsum("ti,ij,tj->t", path, hessian, path)
        for metric, values in (("objective", objective), ("x1", path[:, 0]), ("x2", path[:, 1])):
            yield measurements(row, metric, values, epoch=np.zeros_like(step), step=step)


def trajectory(
    optimizer: str,
    hessian: np.ndarray,
    start: np.ndarray,
    steps: int,
    hyperparameters: Mapping[str, float],
) -> np.ndarray:
    """Points [steps + 1, n] that the rule visits on x'Qx / 2, in float64."""
    chosen = rule(optimizer)
    x = start.astype(np.float64)
    state: tuple[Any, ...] = tuple(np.zeros_like(x) for _ in chosen.state)
    points = [x]
    for t in range(1, steps + 1):
        x, state = chosen.step(x, hessian @ x, state, t, hyperparameters)
        points.append(x)
    return np.array(points)
