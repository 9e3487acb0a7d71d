"""The notebook's two loss curves (section 1.1) and what the points it marks on them are.

Beside them: where gradient descent ends by where it starts, and how seldom a random symmetric
matrix has no negative eigenvalue. The last is a model of a critical point's Hessian, in which the
entries are as likely of either sign (Dauphin et al., arXiv:1406.2572, section 2); it says nothing
of one network.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.polynomial import Polynomial

from experiments.descent import follow
from experiments.series import points
from optim.registry import rule

DATASET = None
PROTOCOL = {
    "interval": {"$ref": "#/$defs/point"},
    "points": {"$ref": "#/$defs/count"},
    "learning_rate": {"$ref": "#/$defs/positive"},
    "steps": {"$ref": "#/$defs/count"},
    "largest_matrix": {"$ref": "#/$defs/count"},
    "matrices": {"$ref": "#/$defs/count"},
    "seed": {"type": "integer", "minimum": 0},
}


@dataclasses.dataclass(frozen=True)
class Landscape:
    """A loss of one parameter, and the points that the notebook marks on it, by what it says."""

    name: str
    loss: Polynomial
    marked: tuple[tuple[str, float], ...]


LANDSCAPES = (
    Landscape("x^2", Polynomial([0, 0, 1]), (("global minimum", 0.0),)),
    Landscape(
        "x^4 - 5x^2 + 4",
        Polynomial([4, 0, -5, 0, 1]),
        (("local minimum", -1.58), ("local minimum", 1.58), ("saddle point", 0.0)),
    ),
)
"""Section 1.1 of the notebook."""


def analyse(
    protocol: Mapping[str, Any], _data: None = None, _results: None = None
) -> Iterator[pd.DataFrame]:
    """Yield the curves, the marked points, the ends of descent, and the random matrices."""
    low, high = protocol["interval"]
    x = np.linspace(low, high, protocol["points"])
    for landscape in LANDSCAPES:
        yield points(
            "landscapes", "the notebook's two loss curves", landscape.name, "loss",
            landscape.loss(x), x=x, x_name="parameter",
        )  # fmt: skip
        yield from _marked(landscape)
        yield from _ends(landscape, x, protocol)
    yield from _random_hessians(protocol)


def kind(loss: Polynomial, x: float) -> str:
    """What a critical point of a loss of one parameter is, by its second derivative there."""
    curvature = loss.deriv(2)(x)
    return "minimum" if curvature > 0 else "maximum" if curvature < 0 else "undecided"


def critical_points(loss: Polynomial) -> np.ndarray:
    """Real roots of the derivative, in order."""
    roots = np.asarray(loss.deriv().roots())
    return np.sort(roots[np.isreal(roots)].real) + 0.0  # no negative zero


def _marked(landscape: Landscape) -> Iterator[pd.DataFrame]:
    """Each marked point beside the critical point nearest to it, and what that is."""
    loss, critical = landscape.loss, critical_points(landscape.loss)
    nearest = [critical[np.argmin(np.abs(critical - x))] for _, x in landscape.marked]
    labels = [
        f"marked a {said} at {x:g}: a local {kind(loss, true)}"
        for (said, x), true in zip(landscape.marked, nearest, strict=True)
    ]
    marked = np.array([x for _, x in landscape.marked])
    for metric, values in (
        ("marked at", marked),
        ("truly at", nearest),
        ("loss where marked", loss(marked)),
        ("loss where it truly is", loss(np.array(nearest))),
        ("slope where marked", loss.deriv()(marked)),
        ("curvature where it truly is", loss.deriv(2)(np.array(nearest))),
    ):
        yield points(
            "landscapes", "what the marked points are", landscape.name, metric, values,
            labels=labels,
        )  # fmt: skip


def _ends(
    landscape: Landscape, starts: np.ndarray, protocol: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    slope, chosen = landscape.loss.deriv(), rule("sgd")
    rate = {"lr": protocol["learning_rate"]}
    path = follow(chosen, lambda w, _state: slope(w), starts, protocol["steps"], rate)
    yield points(
        "landscapes", "where gradient descent ends", landscape.name, "parameter at the end",
        path.points[-1], x=starts, x_name="parameter at the start",
    )  # fmt: skip


def _random_hessians(protocol: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """Share of random symmetric matrices with positive eigenvalues only, or with both signs."""
    generator = np.random.default_rng(protocol["seed"])
    sizes = np.arange(1, protocol["largest_matrix"] + 1)
    minima: list[float] = []
    saddles: list[float] = []
    for size in sizes:
        entries = generator.normal(size=(protocol["matrices"], size, size))
        values = np.linalg.eigvalsh(entries + entries.transpose(0, 2, 1))
        minima.append(float(np.mean(values[:, 0] > 0)))
        saddles.append(float(np.mean((values[:, 0] < 0) & (values[:, -1] > 0))))
    for series, shares in (("minimum", minima), ("saddle point", saddles)):
        yield points(
            "landscapes", "critical points with random Hessians", series, "share", shares,
            x=sizes, x_name="parameters",
        )  # fmt: skip
