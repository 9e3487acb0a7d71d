"""Learning rates and weight decay as adaptive rules truly apply them (the notebook's chapter 3).

The rate of Adagrad and of RMSProp is measured as the move over the gradient, both as they come,
along mini-batch training on airfoil. Under a constant gradient Adagrad's moves are 1 / sqrt(t), and
their sum grows like 2 sqrt(t): slower and slower, never to a stop. The decay that Adam with L2 and
AdamW put on a weight is measured on gradients of pure noise of several scales, each beside its
mirror image, so that the noise moves no mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.prepared import Rows, open_prepared
from experiments.descent import follow
from experiments.least_squares import LeastSquares, least_squares
from experiments.series import points
from optim.registry import rule

DATASET = "airfoil"
PROTOCOL = {
    "batch": {"$ref": "#/$defs/count"},
    "epochs": {"$ref": "#/$defs/count"},
    "seed": {"type": "integer", "minimum": 0},
    "optimizers": {"$ref": "#/$defs/optimizers"},
    "constant_steps": {"$ref": "#/$defs/count"},
    "weight_decay": {"$ref": "#/$defs/positive"},
    "scales": {"type": "array", "items": {"$ref": "#/$defs/positive"}, "minItems": 1},
    "decay_steps": {"$ref": "#/$defs/count"},
}

NAME = "effective_rates"
PAIRS = 200
"""Pairs of mirrored noise a scale."""


def analyse(
    protocol: Mapping[str, Any], data: Path, _results: Path | None = None
) -> Iterator[pd.DataFrame]:
    """Yield effective rates by step and how fast they fall, Adagrad's way, and decay by scale."""
    train = open_prepared(data).splits["train"]
    assert isinstance(train, Rows)
    problem = least_squares(train)
    slopes: dict[str, float] = {}
    for optimizer, variants in protocol["optimizers"].items():
        for variant, given in variants.items():
            rates = effective_rates(problem, optimizer, given, protocol)
            series = f"{optimizer}, {variant}"
            steps = np.unique(np.geomspace(1, len(rates), 60).astype(int))
            yield points(
                NAME, "effective learning rate on airfoil", series, "effective learning rate",
                rates[steps - 1], x=steps, x_name="step",
            )  # fmt: skip
            slopes[series] = falling(rates)
    yield points(
        NAME, "how fast the effective rate falls", "power of the step, second half", "power",
        list(slopes.values()), labels=list(slopes),
    )  # fmt: skip
    yield from adagrad_under_a_constant_gradient(protocol["constant_steps"])
    yield from _decay_by_scale(protocol)


def effective_rates(
    problem: LeastSquares, optimizer: str, given: Mapping[str, float], protocol: Mapping[str, Any]
) -> np.ndarray:
    """Geometric mean over coordinates of the move over the gradient, at each step [T].

    For rules that multiply each coordinate of the gradient by a rate, the rate's.
    """
    generator = np.random.default_rng(protocol["seed"])
    n, batch = len(problem.targets), protocol["batch"]
    orders = (generator.permutation(n) for _ in range(protocol["epochs"]))
    batches = [order[at : at + batch] for order in orders for at in range(0, n, batch)]
    gradients: list[np.ndarray] = []

    def gradient(w: np.ndarray, _state: tuple[np.ndarray, ...]) -> np.ndarray:
        gradients.append(problem.gradient(w, batches[len(gradients)]))
        return gradients[-1]

    chosen = rule(optimizer)
    start = np.zeros_like(problem.minimiser)
    path = follow(chosen, gradient, start, len(batches), chosen.hyperparameters(**given))
    moves, felt = np.diff(path.points, axis=0), np.array(gradients)
    return np.exp(np.log(np.abs(moves) / np.abs(felt)).mean(axis=1))


def falling(rates: np.ndarray) -> float:
    """Power of the step by which the second half of the rates [T] goes, by least squares."""
    t = np.arange(1, len(rates) + 1)
    half = t > len(rates) // 2
    return float(np.polyfit(np.log(t[half]), np.log(rates[half]), 1)[0])


def adagrad_under_a_constant_gradient(steps: int) -> Iterator[pd.DataFrame]:
    """Adagrad's moves, and the way it has come, under a constant gradient."""
    adagrad = rule("adagrad")
    given = adagrad.hyperparameters(lr=1.0, eps=0.0)
    path = follow(adagrad, lambda w, _state: np.ones_like(w), np.zeros(1), steps, given)
    way, t = -path.points[1:, 0], np.arange(1, steps + 1)
    kept = np.unique(np.geomspace(1, steps, 60).astype(int)) - 1
    moves = np.diff(way, prepend=0.0)
    for metric, values in (
        ("move", moves), ("move predicted", 1 / np.sqrt(t)),
        ("way so far", way), ("way so far predicted", 2 * np.sqrt(t)),
    ):  # fmt: skip
        yield points(
            NAME, "Adagrad under a constant gradient", "Adagrad", metric, values[kept], x=t[kept],
            x_name="step", unit="learning rates",
        )  # fmt: skip


def _decay_by_scale(protocol: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """The decay a step and learning rate that a weight feels, by the scale of its gradient."""
    scales, decay = np.array(protocol["scales"]), protocol["weight_decay"]
    for optimizer, predicted in (("adamw", decay + 0 * scales), ("adam_l2", decay / scales)):
        for metric, values in (
            ("decay measured", measured_decay(optimizer, protocol)),
            ("decay predicted", predicted),
        ):
            yield points(
                NAME, "weight decay by scale of the gradient", optimizer, metric, values, x=scales,
                x_name="standard deviation of the gradient",
            )  # fmt: skip


def measured_decay(optimizer: str, protocol: Mapping[str, Any]) -> np.ndarray:
    """Logarithmic loss of the mean weight a step and learning rate, for each scale."""
    chosen, scales = rule(optimizer), np.array(protocol["scales"])
    given = chosen.hyperparameters(weight_decay=protocol["weight_decay"])
    generator, steps = np.random.default_rng(protocol["seed"]), protocol["decay_steps"]

    def gradient(_w: np.ndarray, _state: tuple[np.ndarray, ...]) -> np.ndarray:
        half = generator.normal(size=(scales.size, PAIRS))
        return scales[:, None] * np.concatenate([half, -half], axis=1)

    path = follow(chosen, gradient, np.ones((scales.size, 2 * PAIRS)), steps, given)
    return -np.log(path.points[-1].mean(axis=1)) / (given["lr"] * steps)
