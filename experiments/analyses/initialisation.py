"""Initial weights: symmetry, and the variance of signals and gradients (section 3.4.2).

The document gives Glorot's name to variance 1 / inputs, which is LeCun's; Glorot's own is
2 / (inputs + outputs). They differ where layers narrow or widen, so both kinds of layer are here.
Variances are mean squares: after a ReLU it is those that He's variance keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from experiments.descent import follow
from experiments.series import points
from optim.registry import rule

DATASET = None
PROTOCOL = {
    "networks": {
        "description": "name, then the widths of its layers from input to output",
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"$ref": "#/$defs/count"},
            "minItems": 2,
        },
    },
    "inputs": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "hidden": {"$ref": "#/$defs/count"},
    "learning_rate": {"$ref": "#/$defs/positive"},
    "steps": {"$ref": "#/$defs/count"},
}
NAME = "initialisation"

VARIANCES: Mapping[str, Callable[[int, int], float]] = {
    "He, 2/inputs": lambda inputs, _outputs: 2 / inputs,
    "LeCun, 1/inputs": lambda inputs, _outputs: 1 / inputs,
    "Glorot, 2/(inputs + outputs)": lambda inputs, outputs: 2 / (inputs + outputs),
    "the documents' linear models, 0.01^2": lambda _inputs, _outputs: 1e-4,
}
ACTIVATIONS: Mapping[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "ReLU": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0).astype(float)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (expit, lambda z: expit(z) * expit(-z)),
}


def analyse(
    protocol: Mapping[str, Any], _data: None = None, _results: None = None
) -> Iterator[pd.DataFrame]:
    """Yield signals and gradients through layers by scheme, and the symmetry of hidden units."""
    for network, widths in protocol["networks"].items():
        for activation in ACTIVATIONS:
            for scheme in VARIANCES:
                found = np.array(
                    [
                        mean_squares(scheme, activation, widths, protocol["inputs"], seed)
                        for seed in range(protocol["seeds"])
                    ]
                )
                layers = np.arange(1, len(widths))
                for direction, values in zip(("signal", "gradient"), (0, 1), strict=True):
                    yield points(
                        NAME, f"{direction} through layers, {network}, {activation}", scheme,
                        "mean square over the one put in", np.median(found[:, values], axis=0),
                        x=layers, x_name="layer",
                    )  # fmt: skip
    yield from _symmetry(protocol)


def mean_squares(
    scheme: str, activation: str, widths: Sequence[int], inputs: int, seed: int
) -> np.ndarray:
    """[2, layers]: mean squares of each layer's pre-activation forward, of the gradient backward.

    Each over the mean square of what was put in: normal inputs in front, at the last layer's
    pre-activation a normal gradient.
    """
    apply, slope = ACTIVATIONS[activation]
    generator = np.random.default_rng(seed)
    signal = generator.standard_normal((widths[0], inputs))
    forward, slopes, weights, put_in = [], [], [], np.mean(signal**2)
    for before, after in pairwise(widths):
        weights.append(
            generator.normal(0, np.sqrt(VARIANCES[scheme](before, after)), (after, before))
        )
        z = weights[-1] @ signal
        forward.append(np.mean(z**2) / put_in)
        signal = apply(z)
        slopes.append(slope(z))
    gradient = generator.standard_normal((widths[-1], inputs))
    sent = np.mean(gradient**2)
    backward = [1.0]
    for layer, derivative in zip(weights[:0:-1], slopes[-2::-1], strict=True):
        gradient = (layer.T @ gradient) * derivative
        backward.append(np.mean(gradient**2) / sent)
    return np.array([forward, backward[::-1]])


def _symmetry(protocol: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """A hidden layer trained by Adagrad from ones and from random weights: do its units differ?"""
    names, distinct, losses = [], [], []
    for start in ("all ones", "random"):
        weights, loss = train_hidden_layer(start, protocol)
        names.append(start)
        distinct.append(float(distinct_units(weights)))
        losses.append(loss)
    yield points(NAME, "symmetry of hidden units", "after training", "distinct units", distinct,
                 labels=names)  # fmt: skip
    yield points(NAME, "symmetry of hidden units", "after training", "loss", losses, labels=names)


def train_hidden_layer(start: str, protocol: Mapping[str, Any]) -> tuple[np.ndarray, float]:
    """Weights [units, 3] into tanh units (the last is their bias) fitted to x1 x2, and the loss."""
    generator = np.random.default_rng(0)
    x = np.column_stack([generator.uniform(-1, 1, (200, 2)), np.ones(200)])
    target, units = x[:, 0] * x[:, 1], protocol["hidden"]
    size = 4 * units
    first = np.ones(size) if start == "all ones" else generator.normal(0, np.sqrt(1 / 3), size)

    def parts(w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        into, out = w[: 3 * units].reshape(units, 3), w[3 * units :]
        hidden = np.tanh(x @ into.T)
        return into, out, hidden, hidden @ out - target

    def gradient(w: np.ndarray, _state: tuple[np.ndarray, ...]) -> np.ndarray:
        _, out, hidden, error = parts(w)
        back = (error[:, None] * out * (1 - hidden**2)).T @ x
        return np.concatenate([back.ravel(), hidden.T @ error]) / len(x)

    path = follow(
        rule("adagrad"),
        gradient,
        first,
        protocol["steps"],
        {"lr": protocol["learning_rate"], "eps": 1e-8},
    )
    into, _, _, error = parts(path.points[-1])
    return into, float(np.mean(error**2) / 2)


def distinct_units(weights: np.ndarray) -> int:
    """Rows of `weights` that differ from each other by more than rounding."""
    return len(np.unique(np.round(weights, 9), axis=0))
