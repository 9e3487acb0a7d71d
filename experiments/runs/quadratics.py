"""Exercise 2 of the assignment: one optimizer on f1, on f2 as printed, and on f1 truly rotated.

f2 as printed leaves out the factor 1/sqrt(2) of a rotation, so its Hessian is twice the rotated
one, and it starts where f1 does, which is another place of its landscape. The true rotation turns
the start along with the function, so that a rule that commutes with rotations ends at the same
objective. All run in float64, by the rule's NumPy meaning. As the exercise asks, the objective,
the distance from the minimum and each coordinate's accumulator are kept of every step.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.descent import Path, divergence, follow
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
            path = descend(optimizer, function.hessian, start, protocol["steps"], hyperparameters)
            yield from path_measurements(row, function.hessian, path)


def descend(
    optimizer: str,
    hessian: np.ndarray,
    start: np.ndarray,
    steps: int,
    hyperparameters: Mapping[str, float],
) -> Path:
    """The rule's path on x'Qx / 2, in float64."""
    return follow(rule(optimizer), lambda x, _state: hessian @ x, start, steps, hyperparameters)


def path_measurements(row: Run, hessian: np.ndarray, path: Path) -> Iterator[pd.DataFrame]:
    """Objective, coordinates, distance from the minimum, and states along a path on x'Qx / 2."""
    points, step = path.points, np.arange(len(path.points))
    objective = 0.5 * np.einsum("ti,ij,tj->t", points, hessian, points)
    metrics = {
        "objective": objective,
        "x1": points[:, 0],
        "x2": points[:, 1],
        "distance": np.hypot(points[:, 0], points[:, 1]),
    }
    for name, states in zip(rule(row.optimizer).state, path.states, strict=True):
        metrics |= {f"{name}{at + 1}": states[:, at] for at in range(2)}
    for metric, values in metrics.items():
        yield measurements(row, metric, values, epoch=np.zeros_like(step), step=step)
    yield from divergence(row, objective, step)
