"""Exercise 2 of the assignment: one optimizer on f1, on f2 as printed, and on f1 truly rotated.

f2 as printed leaves out the factor 1/sqrt(2) of a rotation, so its Hessian is twice the rotated
one, and it starts where f1 does, which is another place of its landscape. The true rotation turns
the start along with the function, so that a rule that commutes with rotations ends at the same
objective. All run in float64, by the rule's NumPy meaning.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.table import Run, measurements
from optim.registry import rule

DATASET = None
PROTOCOL = {
    "start": {"$ref": "#/$defs/point"},
    "steps": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}

PRINTED = "as printed"
"""The variant with what the document printed; a table calls it by the function alone."""


@dataclasses.dataclass(frozen=True)
class Quadratic:
    """x'Qx / 2 for the Hessian Q [2, 2], whose minimum is zero at the origin.

    `turn` [2, 2] takes the protocol's start to the one on this function.
    """

    hessian: np.ndarray
    turn: np.ndarray


F1 = np.diag([0.2, 4.0])
COLUMNS_PRINTED = np.array([[1.0, 1.0], [1.0, -1.0]])
ROTATION = np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2)
FUNCTIONS = {
    "f1": Quadratic(F1, np.eye(2)),
    "f2 as printed": Quadratic(COLUMNS_PRINTED.T @ F1 @ COLUMNS_PRINTED, np.eye(2)),
    "f2 true rotation": Quadratic(ROTATION.T @ F1 @ ROTATION, ROTATION.T),
}
"""The true rotation at x is f1 at ROTATION x, hence its start by the inverse rotation."""


def run(optimizer: str, protocol: Mapping[str, Any], _data: None = None) -> Iterator[pd.DataFrame]:
    """Follow every variant of `optimizer` from the start on each quadratic; yield tidy tables."""
    chosen = rule(optimizer)
    for variant, given in protocol["optimizers"][optimizer].items():
        hyperparameters = chosen.hyperparameters(**given)
        for name, function in FUNCTIONS.items():
            label = name if variant == PRINTED else f"{name}, {variant}"
            row = Run("quadratics", "none", optimizer, label, hyperparameters, 0)
            start = function.turn @ np.array(protocol["start"])
            path = trajectory(
                optimizer, function.hessian, start, protocol["steps"], hyperparameters
            )
            yield from _measured(row, function.hessian, path)


def _measured(row: Run, hessian: np.ndarray, path: np.ndarray) -> Iterator[pd.DataFrame]:
    """The objective and both coordinates along the points [steps + 1, 2]."""
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
