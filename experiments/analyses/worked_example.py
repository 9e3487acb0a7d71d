"""The assignment's worked example of Adagrad (section 3.4.1), step by step by the rule that trains.

Beside its two steps stands its conclusion, taken on: a common weight with a gradient at every step
and a rare one with a gradient every so many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.descent import follow
from experiments.series import points
from optim.registry import rule

DATASET = None
PROTOCOL = {
    "start": {"$ref": "#/$defs/point"},
    "learning_rate": {"$ref": "#/$defs/positive"},
    "gradients": {"type": "array", "items": {"$ref": "#/$defs/point"}, "minItems": 1},
    "printed": {
        "description": "as printed: metric, then its values at each step, weight by weight",
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": "array", "items": {"type": ["number", "null"]}},
        },
    },
    "long_steps": {"$ref": "#/$defs/count"},
    "rare_every": {"$ref": "#/$defs/count"},
}
NAME = "worked_example"
WEIGHTS = ("w1, common", "w2, rare")


def analyse(
    protocol: Mapping[str, Any], _data: None = None, _results: None = None
) -> Iterator[pd.DataFrame]:
    """Yield the example's steps, measured and printed, and the rates of a longer one."""
    gradients, rate = np.array(protocol["gradients"]), protocol["learning_rate"]
    found = steps(np.array(protocol["start"]), gradients, rate)
    for metric, values in found.items():
        at = np.arange(1, len(values) + 1)
        for column, weight in enumerate(WEIGHTS):
            yield points(
                NAME, "section 3.4.1", f"{weight}, by the rule", metric, values[:, column],
                x=at, x_name="step",
            )  # fmt: skip
    for metric, rows in protocol["printed"].items():
        printed = np.array(rows, np.float64)
        at = np.arange(1, len(printed) + 1)
        for column, weight in enumerate(WEIGHTS):
            kept = np.isfinite(printed[:, column])
            yield points(
                NAME, "section 3.4.1", f"{weight}, as printed", metric, printed[kept, column],
                x=at[kept], x_name="step",
            )  # fmt: skip
    yield from _long(protocol)


def steps(start: np.ndarray, gradients: np.ndarray, rate: float) -> dict[str, np.ndarray]:
    """What each step [t, weight] of Adagrad with eps 0 makes of given gradients, by quantity.

    A weight without a gradient so far has no rate: not-a-number.
    """
    given = iter(gradients)
    with np.errstate(invalid="ignore"):  # 0 / 0 before the first gradient
        path = follow(
            rule("adagrad"), lambda _w, _state: next(given), start, len(gradients),
            {"lr": rate, "eps": np.finfo(float).tiny},
        )  # fmt: skip
    squares = path.states[0][1:]
    moves = path.points[:-1] - path.points[1:]
    with np.errstate(divide="ignore"):
        roots = np.where(squares > 0, 1 / np.sqrt(squares), np.nan)
    return {
        "gradient": gradients,
        "accumulated squares": squares,
        "factor": roots,
        "effective rate": rate * roots,
        "move": moves,
        "weight": path.points[1:],
    }


def _long(protocol: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    gradients = np.tile(np.array(protocol["gradients"][0]), (protocol["long_steps"], 1))
    idle = np.arange(1, len(gradients) + 1) % protocol["rare_every"] != 0
    gradients[idle, 1] = 0.0
    found = steps(np.array(protocol["start"]), gradients, protocol["learning_rate"])
    rates = found["effective rate"]
    for column, weight in enumerate(WEIGHTS):
        seen = np.isfinite(rates[:, column])
        yield points(
            NAME, "effective rates of a common and a rare weight", weight, "effective rate",
            rates[seen, column], x=np.flatnonzero(seen) + 1, x_name="step",
        )  # fmt: skip
