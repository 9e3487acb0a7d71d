"""How long a rule stays at a saddle point (the notebook's section 1.2), with and without noise.

The function is x^2 / 2 + (y^2 - 1)^2 / 4: a saddle at the origin, curvature 1 along x and -1 along
y, and its two minima at (0, 1) and (0, -1). A run has escaped once |y| is above a half; one that
never does escapes at infinity. Noise is a normal number of standard deviation `noise` on every
coordinate of every gradient. Float64, by the rule's NumPy meaning, all seeds at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.descent import divergence, follow
from experiments.table import Run, measurements
from optim.registry import rule

DATASET = None
PROTOCOL = {
    "start_x": {"type": "number"},
    "start_y": {"type": "array", "items": {"type": "number"}, "minItems": 1},
    "noise": {"type": "array", "items": {"$ref": "#/$defs/positive"}, "minItems": 1},
    "seeds": {"$ref": "#/$defs/count"},
    "steps": {"$ref": "#/$defs/count"},
    "thin": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}

ESCAPED = 0.5


def run(optimizer: str, protocol: Mapping[str, Any], _data: None = None) -> Iterator[pd.DataFrame]:
    """Start on the saddle's stable line and beside it, then on it with noise; yield tidy tables."""
    seeds = protocol["seeds"]
    for variant, given in protocol["optimizers"][optimizer].items():
        for y in protocol["start_y"]:
            name = f"{variant}, from y = {y:g}"
            yield from _runs(optimizer, name, given, protocol, y=y, noise=0.0, seeds=1)
        for noise in protocol["noise"]:
            name = f"{variant}, from y = 0, noise {noise:g}"
            yield from _runs(optimizer, name, given, protocol, y=0.0, noise=noise, seeds=seeds)


def loss(points: np.ndarray) -> np.ndarray:
    """The function at points [..., 2]."""
    return points[..., 0] ** 2 / 2 + (points[..., 1] ** 2 - 1) ** 2 / 4


def gradient(points: np.ndarray) -> np.ndarray:
    """Its gradient at points [..., 2]."""
    x, y = points[..., 0], points[..., 1]
    return np.stack([x, y**3 - y], axis=-1)


def _runs(
    optimizer: str,
    variant: str,
    given: Mapping[str, float],
    protocol: Mapping[str, Any],
    *,
    y: float,
    noise: float,
    seeds: int,
) -> Iterator[pd.DataFrame]:
    chosen, steps = rule(optimizer), protocol["steps"]
    hyperparameters = chosen.hyperparameters(**given)
    generators = [np.random.default_rng(seed) for seed in range(seeds)]
    noises = iter(noise * np.stack([each.normal(size=(steps, 2)) for each in generators], axis=1))
    start = np.tile([protocol["start_x"], y], (seeds, 1))
    points = follow(
        chosen, lambda w, _state: gradient(w) + next(noises), start, steps, hyperparameters
    ).points
    kept = np.arange(0, steps + 1, protocol["thin"])
    for seed in range(seeds):
        row = Run("saddle_escape", "none", optimizer, variant, hyperparameters, seed)
        for metric, values in (("objective", loss(points[:, seed])), ("y", points[:, seed, 1])):
            yield measurements(row, metric, values[kept], epoch=0 * kept, step=kept)
        away = np.abs(points[:, seed, 1]) > ESCAPED
        first = np.array([away.argmax() if away.any() else np.inf])
        yield measurements(
            row, "escape_step", first, epoch=np.zeros(1, int), step=np.array([steps])
        )
        yield from divergence(row, loss(points[:, seed]), np.arange(steps + 1))
