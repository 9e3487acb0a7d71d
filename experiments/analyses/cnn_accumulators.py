"""Accumulators of squared gradients in exercise 5's network, layer by layer (its experiment 3).

The exercise (assignment, section 3.8) asks for the distribution of sqrt(s) in every layer, to see
whose learning rate has fallen most; a rule with a moving average is trained beside Adagrad, whose
accumulator only grows. The effective rate is lr / (sqrt(s) + eps): what multiplies the gradient.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.prepared import open_prepared
from experiments.network import Pictures, States, train_network
from experiments.network_runs import split_of
from experiments.protocol import check_name
from experiments.series import points
from optim.registry import rule
from optim.rule import Rule

DATASET = "fashion-mnist"
GPU = True
PROTOCOL = {
    "train_images": {"$ref": "#/$defs/count"},
    "side": {"type": "integer", "minimum": 4},
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}

ACCUMULATOR = {"adagrad": "s", "adagrad_decay": "s", "adagrad_reset": "s", "rmsprop": "v"}
"""The state of the rules whose effective rate is lr / (sqrt(state) + eps)."""

PROBABILITIES = np.array([0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0])


def analyse(protocol: Mapping[str, Any], data: Path, _results: object) -> Iterator[pd.DataFrame]:
    """Train each variant from seed 0; yield quantiles of sqrt(s) and effective rates by layer.

    Raises ValueError for a rule without such an accumulator.
    """
    for optimizer in protocol["optimizers"]:
        check_name("analyses.cnn_accumulators.optimizers", optimizer, ACCUMULATOR)
    train = split_of(open_prepared(data), "train", protocol["train_images"], protocol["side"])
    for optimizer, variants in protocol["optimizers"].items():
        chosen = rule(optimizer)
        for variant, given in variants.items():
            hyperparameters = chosen.hyperparameters(**given)
            roots = _roots_by_epoch(train, chosen, hyperparameters, protocol)
            title = f"{chosen.title}, {variant}"
            print(f"cnn_accumulators {title}: {len(roots)} epochs", file=sys.stderr)
            yield from _figures(title, roots, hyperparameters)


def _roots_by_epoch(
    train: Pictures,
    chosen: Rule,
    hyperparameters: Mapping[str, float],
    protocol: Mapping[str, Any],
) -> list[dict[str, np.ndarray]]:
    """Quantiles of sqrt(s) by the parameter's title, after each epoch of a run from seed 0."""
    found: list[dict[str, np.ndarray]] = []

    def observe(_epoch: int, states: States) -> None:
        found.append(root_quantiles(states, ACCUMULATOR[chosen.name]))

    train_network(
        train, {}, chosen, hyperparameters, 0,
        epochs=protocol["epochs"], batch=protocol["batch"], observe=observe,
    )  # fmt: skip
    return found


def root_quantiles(states: States, state: str) -> dict[str, np.ndarray]:
    """Quantiles of sqrt(s) at PROBABILITIES, by the parameter's title."""
    return {
        title(name): np.quantile(tensors[state].double().sqrt().cpu().numpy(), PROBABILITIES)
        for name, tensors in states.items()
    }


def title(parameter: str) -> str:
    """Torch's name of a parameter in words: its layer, and whether it is weights or biases."""
    layer, kind = parameter.split(".")
    return f"{layer.replace('_', ' ')}, {'weights' if kind == 'weight' else 'biases'}"


def _figures(
    title: str, roots: list[dict[str, np.ndarray]], hyperparameters: Mapping[str, float]
) -> Iterator[pd.DataFrame]:
    """The distributions after the first and the last epoch, and the medians epoch by epoch."""
    name, epochs = "cnn_accumulators", np.arange(1, len(roots) + 1)
    middle = int(np.flatnonzero(PROBABILITIES == 0.5)[0])
    for parameter in roots[0]:
        for when, found in (("first", roots[0]), ("last", roots[-1])):
            yield points(
                name, f"distribution of sqrt(s) after the {when} epoch: {title}", parameter,
                "quantile of sqrt(s)", found[parameter],
                x=PROBABILITIES, x_name="part of the parameters",
            )  # fmt: skip
        median = np.array([found[parameter][middle] for found in roots])
        for metric, values in (
            ("median of sqrt(s)", median),
            ("median effective rate", hyperparameters["lr"] / (median + hyperparameters["eps"])),
        ):
            yield points(
                name, f"{metric} by epoch: {title}", parameter, metric, values,
                x=epochs, x_name="epoch",
            )  # fmt: skip
