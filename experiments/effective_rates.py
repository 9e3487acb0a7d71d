"""What a rule multiplies each weight's gradient by, as training goes on.

A linear model's gradient by a weight is the loss's slope at the sample times the feature, so the
squared gradients that a rule accumulates follow from the sample order and every sample's loss: no
state has to be read out of the engine. For the logistic loss l the slope's size is 1 - exp(-l).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np
import scipy.sparse

from experiments.linear import sample_orders
from optim.problem import Rows
from optim.registry import rule

Given = Mapping[str, float]


def fading(name: str, given: Given) -> tuple[float, float]:
    """By what a rule's squared gradients fade at every step, and the share that a new one has."""
    match name:
        case "adagrad_decay":
            return given["decay"], 1.0
        case "rmsprop":
            return given["alpha"], 1 - given["alpha"]
        case "adam" | "adabound":
            return given["beta2"], 1 - given["beta2"]
    return 1.0, 1.0


def accumulators(
    name: str, given: Given, rows: Rows, features: int, losses: np.ndarray, seed: int
) -> Iterator[np.ndarray]:
    """The squared gradients [features] that a rule has accumulated at the end of every epoch.

    `losses` [epochs * samples] are the run's logistic losses of single samples, each before its
    update.
    """
    samples = rows.labels.size
    epochs = losses.size // samples
    squares = scipy.sparse.csr_array(
        (rows.values.astype(np.float64) ** 2, rows.indices, rows.indptr), (samples, features)
    ).T
    factor, share = fading(name, given)
    held = np.full(features, given.get("initial_accumulator_value", 0.0))
    slopes = np.expm1(-losses) ** 2
    for epoch, order in enumerate(sample_orders(seed, samples, epochs)):
        steps = np.arange(epoch * samples, (epoch + 1) * samples)  # counted from 0
        weights = share * factor ** (steps[-1] - steps).astype(np.float64)
        kept = factor ** float(samples)
        if name == "adagrad_reset":
            restart = steps[-1] // int(given["period"]) * int(given["period"])
            weights, kept = weights * (steps >= restart), float(restart < steps[0])
        by_row = np.zeros(samples)
        by_row[order] = weights * slopes[steps]
        held = kept * held + squares @ by_row
        yield held


def _by_root(held: np.ndarray, given: Given) -> np.ndarray:
    with np.errstate(divide="ignore"):  # where no gradient came and eps is 0
        return given["lr"] / (np.sqrt(held) + given["eps"])


def _corrected(held: np.ndarray, step: int, given: Given) -> np.ndarray:
    return _by_root(held / (1 - given["beta2"] ** step), given)


def _clipped(held: np.ndarray, step: int, given: Given) -> np.ndarray:
    correction, lower, upper = rule("adabound").scalars(step, given)
    return np.clip(_by_root(held, given) * correction, lower, upper)


RATES: Mapping[str, Callable[[np.ndarray, int, Given], np.ndarray]] = {
    "sgd": lambda held, _step, given: np.full(held.shape, given["lr"]),
    "adagrad": lambda held, _step, given: _by_root(held, given),
    "adagrad_eps_inside": lambda held, _step, given: given["lr"] / np.sqrt(held + given["eps"]),
    "adagrad_reset": lambda held, _step, given: _by_root(held, given),
    "adagrad_decay": lambda held, _step, given: _by_root(held, given),
    "rmsprop": lambda held, _step, given: _by_root(held, given),
    "adam": _corrected,
    "adabound": _clipped,
}
"""Effective rates from the accumulated squares, the steps done, and the hyper-parameters.

For Adam the factor on its corrected moving average of gradients, for AdaBound on the average as it
is: after an epoch there is no difference. Adadelta is not among them: its rate depends on its own
moves too, which losses do not tell.
"""


def effective_rates(
    name: str,
    given: Given,
    rows: Rows,
    features: int,
    losses: np.ndarray,
    seed: int,
    factors: np.ndarray | None = None,
) -> np.ndarray:
    """Effective learning rates [epochs, features] at every epoch's end.

    `factors` [epochs] are a schedule's at those steps.
    """
    samples = rows.labels.size
    rates = np.array(
        [
            RATES[name](held, (epoch + 1) * samples, given)
            for epoch, held in enumerate(accumulators(name, given, rows, features, losses, seed))
        ]
    )
    return rates if factors is None else rates * factors[:, None]


def document_frequencies(rows: Rows, features: int) -> np.ndarray:
    """In how many rows each feature is not zero."""
    return np.bincount(rows.indices[rows.values != 0], minlength=features)


def frequency_groups(frequencies: np.ndarray, edges: list[int]) -> dict[str, np.ndarray]:
    """Which features are in as many rows as two edges say, by name; the last group is open."""
    groups = {
        f"{low} to {high - 1} documents": (frequencies >= low) & (frequencies < high)
        for low, high in pairwise(edges)
    }
    return {**groups, f"{edges[-1]} documents or more": frequencies >= edges[-1]}
