"""Training that is not stable (announced: the notebook's section 5.4), on airfoil by full batches.

Full batches leave no noise to blame. A least-squares loss is a quadratic, so that the rates from
which SGD and momentum grow follow from its largest curvature: their variants without a rate are run
at shares of it. Adam has no such rate, but is taken to be stable while the largest curvature, of
the problem as its divisors scale it, is below 2 (1 + beta1) / ((1 - beta1) lr) (Cohen et al.,
arXiv:2207.14484, section 3); how near it is to that is in the table.

A spike is counted where the loss, less the smallest there is, comes to lie above `spike` times what
it was at its smallest so far, and above the share `floor` of what it was at first. Float64, by the
rule's NumPy meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.descent import divergence, follow
from experiments.least_squares import LeastSquares, prepared_problem
from experiments.stability import largest_stable_rate
from experiments.table import Run, measurements
from optim.registry import rule

DATASET = "airfoil"
PROTOCOL = {
    "steps": {"$ref": "#/$defs/count"},
    "thin": {"$ref": "#/$defs/count"},
    "shares_of_the_limit": {
        "type": "array",
        "items": {"$ref": "#/$defs/positive"},
        "minItems": 1,
    },
    "spike": {"$ref": "#/$defs/positive"},
    "floor": {"$ref": "#/$defs/positive"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(optimizer: str, protocol: Mapping[str, Any], data: Path) -> Iterator[pd.DataFrame]:
    """Follow every variant of `optimizer` from zero weights; yield tidy tables."""
    problem, chosen = prepared_problem(data), rule(optimizer)
    samples = len(problem.targets)
    for variant, given in protocol["optimizers"][optimizer].items():
        for name, hyperparameters in _rates(optimizer, variant, given, protocol, problem):
            row = Run("instabilities", DATASET, optimizer, name, hyperparameters, 0, samples)
            path = follow(
                chosen, lambda w, _state: problem.gradient(w), np.zeros_like(problem.minimiser),
                protocol["steps"], hyperparameters,
            )  # fmt: skip
            yield from _measured(row, problem, path.points, protocol)
            if optimizer == "adam":
                yield sharpness(row, problem.hessian, path.states[1], protocol["thin"])


def _rates(
    optimizer: str,
    variant: str,
    given: Mapping[str, float],
    protocol: Mapping[str, Any],
    problem: LeastSquares,
) -> Iterator[tuple[str, dict[str, float]]]:
    """The variant as it is, or without a rate at each share of the largest stable one."""
    chosen = rule(optimizer)
    if "lr" in given:
        yield variant, chosen.hyperparameters(**given)
        return
    curvature = float(np.linalg.eigvalsh(problem.hessian)[-1])
    limit = largest_stable_rate(chosen, chosen.hyperparameters(**given), curvature)
    for share in protocol["shares_of_the_limit"]:
        yield (
            f"{variant}, {share:g} of the limit",
            chosen.hyperparameters(**given, lr=share * limit),
        )


def spikes(above: np.ndarray, times: float, floor: float) -> np.ndarray:
    """Steps at which a loss above its minimum [T] comes to lie above `times` its smallest so far.

    And above the share `floor` of the first. A step that is not finite lies above; while a spike
    lasts it is not counted again. The swings of a heavy momentum count too, one by one.
    """
    lowest = np.minimum.accumulate(np.where(np.isfinite(above), above, np.inf))
    high = ~(above <= np.maximum(times * lowest, floor * above[0]))
    return np.flatnonzero(high[1:] & ~high[:-1]) + 1


def sharpness(row: Run, hessian: np.ndarray, second: np.ndarray, thin: int) -> pd.DataFrame:
    """Largest curvature as Adam's divisors scale it, over the largest that is stable, by step.

    `second` [steps + 1, n] are Adam's second moments before bias correction.
    """
    chosen, given = rule("adam"), row.hyperparameters
    step = np.arange(thin, len(second), thin)
    correction1, correction2 = chosen.scalars(step, given)
    divisors = correction1[:, None] * (np.sqrt(second[step] / correction2[:, None]) + given["eps"])
    root = 1 / np.sqrt(divisors)
    scaled = root[:, :, None] * hessian * root[:, None, :]
    limit = 2 * (1 + given["beta1"]) / ((1 - given["beta1"]) * given["lr"])
    values = np.linalg.eigvalsh(scaled)[:, -1] / limit
    return measurements(row, "sharpness_over_limit", values, epoch=step, step=step)


def _measured(
    row: Run, problem: LeastSquares, points: np.ndarray, protocol: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    """The loss above its minimum every `thin` steps, spikes, and where it was not finite."""
    every = np.arange(len(points))
    with np.errstate(over="ignore", invalid="ignore"):
        above = problem.loss(points) - problem.smallest
    kept = every[:: protocol["thin"]]
    yield measurements(row, "excess_train_loss", above[kept], epoch=kept, step=kept)
    found = spikes(above, protocol["spike"], protocol["floor"])
    last = every[-1:]
    yield measurements(row, "spikes", np.array([found.size]), epoch=last, step=last)
    yield measurements(row, "spike_step", found, epoch=found, step=found)
    yield from divergence(row, above, every)
