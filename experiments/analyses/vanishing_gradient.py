"""Figure 4 of the assignment, and how gradients shrink through layers (section 1.4.3).

Beside the bound of a quarter a layer: the mean square of a loss's gradient by a layer's
inputs, backwards through random networks, relative to the one at the last layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from experiments.series import points

DATASET = None
PROTOCOL = {
    "interval": {"$ref": "#/$defs/point"},
    "points": {"$ref": "#/$defs/count"},
    "threshold": {"$ref": "#/$defs/positive"},
    "printed_edge": {"$ref": "#/$defs/positive"},
    "layers": {"$ref": "#/$defs/count"},
    "width": {"$ref": "#/$defs/count"},
    "networks": {"$ref": "#/$defs/count"},
    "seed": {"type": "integer", "minimum": 0},
}
NAME = "vanishing_gradient"
Function = Callable[[np.ndarray], np.ndarray]


def sigmoid_slope(z: np.ndarray) -> np.ndarray:
    """Derivative of the sigmoid."""
    return expit(z) * expit(-z)


ACTIVATIONS: Mapping[str, tuple[Function, Function, float]] = {
    "sigmoid": (expit, sigmoid_slope, 1.0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, 1.0),
    "ReLU": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0).astype(float), 2.0),
}
"""Activation, its derivative, and the weights' variance times the layer's inputs."""


def analyse(
    protocol: Mapping[str, Any], _data: None = None, _results: None = None
) -> Iterator[pd.DataFrame]:
    """Yield figure 4, its numbers, and gradients through layers."""
    low, high = protocol["interval"]
    x = np.linspace(low, high, protocol["points"])
    yield points(NAME, "figure 4", "sigmoid", "value", expit(x), x=x, x_name="x")
    yield points(NAME, "figure 4", "derivative", "value", sigmoid_slope(x), x=x, x_name="x")
    yield from _numbers(protocol)
    layers = np.arange(protocol["layers"])
    figure = "gradients through layers"
    before_last = protocol["layers"] - 1 - layers
    yield points(
        NAME, figure, "bound of the sigmoid's derivatives", "size of the gradient",
        0.25**before_last, x=layers + 1, x_name="layer",
    )  # fmt: skip
    for name in ACTIVATIONS:
        sizes = np.array(
            [gradient_sizes(name, protocol, network) for network in range(protocol["networks"])]
        )
        yield points(
            NAME, figure, f"{name}, median of random networks", "size of the gradient",
            np.median(sizes, axis=0), x=layers + 1, x_name="layer",
        )  # fmt: skip


def vanishing_edge(threshold: float) -> float:
    """Where on the positive axis the sigmoid's derivative falls to a threshold of at most 1/4.

    s(1 - s) = threshold gives s = (1 + sqrt(1 - 4 threshold)) / 2.
    """
    s = (1 + np.sqrt(1 - 4 * threshold)) / 2
    return float(np.log(s / (1 - s)))


def _numbers(protocol: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    figure, threshold = "figure 4, numbers", protocol["threshold"]
    edge = protocol["printed_edge"]
    yield points(
        NAME, figure, "derivative of the sigmoid", "value",
        [0.25, vanishing_edge(threshold), edge, float(sigmoid_slope(np.array(edge)))],
        labels=[
            "largest, at 0",
            f"|x| beyond which it is below {threshold:g}",
            f"|x| beyond which it is below {threshold:g}, as printed",
            f"value at {edge:g}",
        ],
    )  # fmt: skip


def gradient_sizes(activation: str, protocol: Mapping[str, Any], network: int) -> np.ndarray:
    """Root mean square of the gradient at each layer's pre-activations, over the last layer's.

    The loss is the sum of the outputs weighted at random; one input, drawn at random.
    """
    apply, slope, gain = ACTIVATIONS[activation]
    generator = np.random.default_rng([protocol["seed"], network])
    width = protocol["width"]
    shape = (protocol["layers"], width, width)
    weights = generator.normal(0, np.sqrt(gain / width), shape)
    signal, slopes = generator.standard_normal(width), []
    for layer in weights:
        z = layer @ signal
        signal = apply(z)
        slopes.append(slope(z))
    gradient = generator.standard_normal(width) * slopes[-1]
    sizes = [np.sqrt(np.mean(gradient**2))]
    for layer, derivative in zip(weights[:0:-1], slopes[-2::-1], strict=True):
        gradient = (layer.T @ gradient) * derivative
        sizes.append(np.sqrt(np.mean(gradient**2)))
    return np.array(sizes[::-1]) / sizes[0]
