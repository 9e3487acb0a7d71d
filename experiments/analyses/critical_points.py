"""Figures 2 and 3 of the assignment and what it says of minima and saddles (sections 1.3, 1.4).

Beside the curves: where descent on figure 2's quartic ends by where it starts, and how long it
stays near figure 3's saddle by how far from its ridge it starts.
"""

from __future__ import annotations

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
    "starts": {"$ref": "#/$defs/count"},
    "learning_rate": {"$ref": "#/$defs/positive"},
    "steps": {"$ref": "#/$defs/count"},
    "saddle_interval": {"$ref": "#/$defs/point"},
    "sections": {"type": "array", "items": {"type": "number"}, "minItems": 1},
    "offsets": {"type": "array", "items": {"$ref": "#/$defs/positive"}, "minItems": 1},
}
NAME = "critical_points"
QUARTIC = Polynomial([0, 1, -3, 0, 1])
"""x^4 - 3x^2 + x, of figure 2."""
HESSIANS = {
    "x^2 - y^2 at (0, 0)": np.diag([2.0, -2.0]),
    "x^3 + y^3 - 3xy at (1, 1)": np.array([[6.0, -3.0], [-3.0, 6.0]]),
    "x^3 + y^3 - 3xy at (0, 0)": np.array([[0.0, -3.0], [-3.0, 0.0]]),
}
"""Figure 3's, and those at both critical points of section 1.3's example."""


def analyse(
    protocol: Mapping[str, Any], _data: None = None, _results: None = None
) -> Iterator[pd.DataFrame]:
    """Yield both figures, their critical points, and where descent goes on them."""
    yield from _quartic(protocol)
    yield from _saddle(protocol)
    for name, hessian in HESSIANS.items():
        yield points(
            NAME, "eigenvalues of Hessians", name, "eigenvalue", np.linalg.eigvalsh(hessian),
            labels=["smaller", "larger"],
        )  # fmt: skip


def extrema(curve: Polynomial) -> list[tuple[str, float]]:
    """Real critical points of a polynomial by what they are, from left to right."""
    roots = curve.deriv().roots()
    places = np.sort(roots[np.isreal(roots)].real)
    minima = [x for x in places if curve.deriv(2)(x) > 0]
    lowest = min(minima, key=curve)
    return [
        (
            "global minimum"
            if x == lowest
            else "local minimum"
            if x in minima
            else "local maximum",
            float(x),
        )
        for x in places
    ]


def _quartic(protocol: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    low, high = protocol["interval"]
    x = np.linspace(low, high, protocol["points"])
    yield points(NAME, "figure 2", "x^4 - 3x^2 + x", "value", QUARTIC(x), x=x, x_name="x")
    found = extrema(QUARTIC)
    labels, places = [kind for kind, _ in found], np.array([x for _, x in found])
    for metric, values in (
        ("place", places),
        ("value", QUARTIC(places)),
        ("second derivative", QUARTIC.deriv(2)(places)),
    ):
        yield points(NAME, "figure 2, extrema", "x^4 - 3x^2 + x", metric, values, labels=labels)
    starts = np.linspace(low, high, protocol["starts"])
    best = dict(found)["global minimum"]
    for name, chosen, more in (
        ("gradient descent", "gradient_descent", {}),
        # The notebook's section 2.2 says that momentum can leave shallow minima.
        ("momentum 0.9", "momentum", {"momentum": 0.9}),
    ):
        path = follow(
            rule(chosen), lambda w, _state: QUARTIC.deriv()(w), starts, protocol["steps"],
            {"lr": protocol["learning_rate"], **more},
        )  # fmt: skip
        ends = path.points[-1]
        figure = "where descent ends on figure 2's curve"
        yield points(NAME, figure, name, "end", ends, x=starts, x_name="start")
        stuck = np.abs(ends - best) > 1e-3
        right = starts > dict(found)["local maximum"]
        figure = "share of starts that miss the global minimum"
        yield points(NAME, figure, name, "share", [float(np.mean(stuck))])
        for side, where in (("shallow", right), ("deep", ~right)):
            share = float(np.mean(stuck[where]))
            yield points(NAME, f"{figure}, by side", name, "share", [share], labels=[side])


def _saddle(protocol: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    low, high = protocol["saddle_interval"]
    x = np.linspace(low, high, protocol["points"])
    for y in protocol["sections"]:
        yield points(NAME, "figure 3", f"y = {y:g}", "value", x**2 - y**2, x=x, x_name="x")
    rate, steps = protocol["learning_rate"], protocol["steps"]
    slope = np.array([2.0, -2.0])
    for offset in protocol["offsets"]:
        path = follow(
            rule("gradient_descent"), lambda w, _state: slope * w, np.array([1.0, offset]), steps,
            {"lr": rate},
        ).points  # fmt: skip
        inside = np.abs(path[:, 1]) <= protocol["saddle_interval"][1]
        distance = np.hypot(path[:, 0], path[:, 1])[inside]
        yield points(
            NAME, "distance from the saddle while on figure 3", f"start (1, {offset:g})",
            "distance", distance, x=np.flatnonzero(inside), x_name="step",
        )  # fmt: skip
