"""Variance of mini-batch gradients on RCV1 against the batch size (the notebook's section 1.3).

Batches are drawn without replacement, as loaders that shuffle do. The variance is the mean squared
distance from the gradient over all n rows. Predicted: with s^2 that of single rows, s^2 / b, times
(n - b) / (n - 1) without replacement. At the start of training, and after some steps of full-batch
gradient descent, as the noise that matters is that beside the gradient left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse

from data.prepared import open_prepared
from experiments.linear import linear_problem
from experiments.series import points
from optim.full_batch import logistic, train_full_batch
from optim.problem import Problem
from optim.registry import rule

DATASET = "rcv1"
PROTOCOL = {
    "batches": {"type": "array", "items": {"$ref": "#/$defs/count"}, "minItems": 1},
    "draws": {"$ref": "#/$defs/count"},
    "learning_rate": {"$ref": "#/$defs/positive"},
    "steps": {"$ref": "#/$defs/count"},
    "seed": {"type": "integer", "minimum": 0},
}

NAME = "gradient_noise"


def analyse(
    protocol: Mapping[str, Any], data: Path, _results: Path | None = None
) -> Iterator[pd.DataFrame]:
    """Yield measured and predicted variances by batch size, at both places."""
    problem = linear_problem(open_prepared(data), "logistic")
    batches = [each for each in protocol["batches"] if each <= problem.train.labels.size]
    for series, steps in (
        ("at the start", 0),
        (f"after {protocol['steps']} steps of gradient descent", protocol["steps"]),
    ):
        weights = start_or_trained(problem, steps, protocol["learning_rate"], protocol["seed"])
        gradients = row_gradients(problem, weights)
        generator = np.random.default_rng(protocol["seed"])
        measured = [
            measured_variance(gradients, batch, protocol["draws"], generator) for batch in batches
        ]
        single, size = single_variance(gradients), gradients.shape[0]
        with_replacement = single / np.array(batches)
        without = with_replacement * (size - np.array(batches)) / (size - 1)
        full = float(np.sum(np.asarray(gradients.mean(axis=0)) ** 2))
        for metric, values in (
            ("variance measured", measured),
            ("variance predicted", without),
            ("variance predicted as 1/b", with_replacement),
            ("noise over gradient", np.sqrt(np.array(measured) / full)),
        ):
            yield points(
                NAME, "variance of the mini-batch gradient", series, metric, values, x=batches,
                x_name="batch size",
            )  # fmt: skip


def start_or_trained(problem: Problem, steps: int, rate: float, seed: int) -> np.ndarray:
    """Weights [features + 1] before, or after `steps` steps of full-batch gradient descent."""
    given = {"lr": rate} if steps else {"lr": 0.0}
    chosen = rule("gradient_descent")
    return train_full_batch(problem, chosen, [given], steps=max(1, steps), seed=seed).weights[:, 0]


def row_gradients(problem: Problem, weights: np.ndarray) -> scipy.sparse.csr_array:
    """The gradient of every training row's loss [n, features + 1], the intercept's last."""
    rows = problem.train
    shape = (rows.labels.size, problem.features)
    inputs = scipy.sparse.csr_array((rows.values, rows.indices, rows.indptr), shape)
    inputs = scipy.sparse.hstack([inputs.astype(np.float64), np.ones((shape[0], 1))], format="csr")
    slopes = logistic(inputs @ weights, rows.labels.astype(np.float64))[1]
    return scipy.sparse.csr_array(scipy.sparse.diags_array(slopes) @ inputs)


def single_variance(gradients: scipy.sparse.csr_array) -> float:
    """Mean squared distance of a row's gradient from the mean of all."""
    full = np.asarray(gradients.mean(axis=0)).ravel()
    return float(gradients.power(2).sum() / gradients.shape[0] - full @ full)


def measured_variance(
    gradients: scipy.sparse.csr_array, batch: int, draws: int, generator: np.random.Generator
) -> float:
    """Mean squared distance of the means of `draws` batches from the mean of all rows."""
    size, features = gradients.shape
    full = np.asarray(gradients.mean(axis=0)).ravel()
    total = 0.0
    for _ in range(draws):
        chosen = gradients[generator.permutation(size)[:batch]]
        mean = np.bincount(chosen.indices, chosen.data, features) / batch
        total += float(np.sum((mean - full) ** 2))
    return total / draws
