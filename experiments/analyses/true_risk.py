"""Figure 1 of the assignment, and true and empirical risk where both can be computed.

Figure 1's two curves are given by formulas and are no risks of any data. Beside them stands a
simulated regression whose true risk has a closed form: x is standard normal, y = sin(2x) + noise,
the model sin(ax), the loss half the squared error. As E sin(ax) sin(bx) is
(exp(-(a - b)^2 / 2) - exp(-(a + b)^2 / 2)) / 2, the risk of every a is known, and has minima
beside the best one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.series import points

DATASET = None
PROTOCOL = {
    "interval": {"$ref": "#/$defs/point"},
    "points": {"$ref": "#/$defs/count"},
    "frequencies": {"$ref": "#/$defs/point"},
    "noise": {"$ref": "#/$defs/positive"},
    "samples": {"type": "array", "items": {"$ref": "#/$defs/count"}, "minItems": 1},
    "draws": {"$ref": "#/$defs/count"},
    "seed": {"type": "integer", "minimum": 0},
}
TRUE_FREQUENCY = 2.0
NAME = "true_risk"


def analyse(
    protocol: Mapping[str, Any], _data: None = None, _results: None = None
) -> Iterator[pd.DataFrame]:
    """Yield figure 1 with its minima, and the simulated risks with the distance of theirs."""
    low, high = protocol["interval"]
    x = np.linspace(low, high, protocol["points"])
    curves = {"true risk": printed_risk(x), "empirical risk": printed_empirical_risk(x)}
    for series, values in curves.items():
        yield points(NAME, "figure 1", series, "risk", values, x=x, x_name="x")
    lowest = {series: int(np.argmin(values)) for series, values in curves.items()}
    for metric, minima in (
        ("place of the minimum", [x[at] for at in lowest.values()]),
        ("minimum", [curves[series][at] for series, at in lowest.items()]),
    ):
        yield points(
            NAME, "figure 1, minima", "on the grid drawn", metric, minima, labels=[*curves]
        )
    yield from _simulated(protocol)


def printed_risk(x: np.ndarray) -> np.ndarray:
    """The document's true risk (section 1.1)."""
    return x * np.cos(np.pi * x)


def printed_empirical_risk(x: np.ndarray) -> np.ndarray:
    """The document's empirical risk (section 1.1)."""
    return printed_risk(x) + 0.2 * np.cos(5 * np.pi * x)


def _simulated(protocol: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    low, high = protocol["frequencies"]
    a = np.linspace(low, high, protocol["points"])
    risk = risk_of(a, protocol["noise"])
    generator = np.random.default_rng(protocol["seed"])
    curve = "true and empirical risk, simulated"
    yield points(NAME, curve, "true risk", "risk", risk, x=a, x_name="model's frequency")
    best = int(np.argmin(risk))
    found: dict[str, list[float]] = {}
    for size in protocol["samples"]:
        empirical = np.array(
            [
                empirical_risk(a, *draw(generator, size, protocol["noise"]))
                for _ in range(protocol["draws"])
            ]
        )
        yield points(
            NAME, curve, f"{size} samples, one draw", "risk", empirical[0],
            x=a, x_name="model's frequency",
        )  # fmt: skip
        at = empirical.argmin(axis=1)
        lowest = empirical.min(axis=1)
        for metric, values in (
            ("distance of the minima", np.abs(a[at] - a[best])),
            ("true risk above its minimum", risk[at] - risk[best]),
            ("true less empirical risk", risk[at] - lowest),
        ):
            found.setdefault(metric, []).append(float(values.mean()))
    for metric, means in found.items():
        yield points(
            NAME, "minimum of the empirical risk, simulated", "mean over draws", metric, means,
            x=protocol["samples"], x_name="samples",
        )  # fmt: skip


def draw(generator: np.random.Generator, size: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and noisy sines [size]."""
    x = generator.standard_normal(size)
    return x, np.sin(TRUE_FREQUENCY * x) + noise * generator.standard_normal(size)


def empirical_risk(a: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean half squared error of sin(ax) on a sample, for every a."""
    return ((np.sin(np.outer(a, x)) - y) ** 2).mean(axis=1) / 2


def risk_of(a: np.ndarray, noise: float) -> np.ndarray:
    """Expected half squared error of sin(ax), for every a."""
    product = _product_of_sines(a, np.array(TRUE_FREQUENCY))
    squares = _product_of_sines(a, a) + _product_of_sines(
        np.array(TRUE_FREQUENCY), np.array(TRUE_FREQUENCY)
    )
    risk: np.ndarray = (squares - 2 * product + noise**2) / 2
    return risk


def _product_of_sines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (np.exp(-((a - b) ** 2) / 2) - np.exp(-((a + b) ** 2) / 2)) / 2
