"""The notebook's paths (section 2.3) on x^2 + 10 y^2, as printed and beside the stability limits.

Float64, by the rule's NumPy meaning. A variant named under `look_ahead` takes its gradient not
where it stands but at the weights less so much of its velocity: the notebook's formula of
Nesterov's momentum leaves the learning rate out of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.descent import Gradient, divergence, follow
from experiments.protocol import check_name
from experiments.table import Run, measurements
from optim.registry import rule

DATASET = None
PROTOCOL = {
    "start": {"$ref": "#/$defs/point"},
    "steps": {"$ref": "#/$defs/count"},
    "look_ahead": {
        "description": "optimizer with a velocity, then variant: how much of it to look ahead",
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/positive"},
        },
    },
    "optimizers": {"$ref": "#/$defs/optimizers"},
}

CURVATURES = np.array([2.0, 20.0])
"""Eigenvalues of the Hessian of x^2 + 10 y^2, along x and y."""


def run(optimizer: str, protocol: Mapping[str, Any], _data: None = None) -> Iterator[pd.DataFrame]:
    """Follow every variant of `optimizer` from the start; yield tidy tables.

    Raises ValueError for a look-ahead of a variant that there is not.
    """
    chosen, variants = rule(optimizer), protocol["optimizers"][optimizer]
    look_ahead = protocol["look_ahead"].get(optimizer, {})
    for variant in look_ahead:
        check_name(f"config: experiments.bowl_paths.look_ahead.{optimizer}", variant, variants)
    for variant, given in variants.items():
        hyperparameters = chosen.hyperparameters(**given)
        ahead = look_ahead.get(variant, 0.0)
        row = Run("bowl_paths", "none", optimizer, variant, hyperparameters, 0)
        start = np.array(protocol["start"])
        points = follow(chosen, gradient(ahead), start, protocol["steps"], hyperparameters).points
        yield from _measured(row, points)


def gradient(look_ahead: float) -> Gradient:
    """The gradient of x^2 + 10 y^2, at the weights less `look_ahead` times the velocity."""
    if look_ahead:
        return lambda w, state: CURVATURES * (w - look_ahead * state[0])
    return lambda w, _state: CURVATURES * w


def _measured(row: Run, points: np.ndarray) -> Iterator[pd.DataFrame]:
    """The objective and both coordinates along the points [steps + 1, 2]."""
    step = np.arange(len(points))
    with np.errstate(over="ignore", invalid="ignore"):
        objective = points**2 @ CURVATURES / 2
    for metric, values in (("objective", objective), ("x", points[:, 0]), ("y", points[:, 1])):
        yield measurements(row, metric, values, epoch=np.zeros_like(step), step=step)
    yield from divergence(row, objective, step)
