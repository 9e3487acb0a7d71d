"""Airfoil under every learning-rate schedule that the notebook announces (its chapter 4).

Each schedule at the same few largest rates, each given by a variant, as a schedule that ends lower
may want to begin higher. All runs of a seed see the same samples in the same order. What a schedule
is for is seen in the training loss less the smallest that any weights have: the noise of
mini-batches keeps a constant rate above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.dense import Lane, trained_rows
from experiments.least_squares import prepared_problem
from experiments.schedule_choice import described
from optim.registry import rule

DATASET = "airfoil"
PROTOCOL = {
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "mean_of": {"$ref": "#/$defs/count"},
    "schedules": {
        "description": "name, then shape (of optim.schedules), settings, and share of warm-up",
        "minProperties": 1,
        "$ref": "#/$defs/schedules",
    },
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(optimizer: str, protocol: Mapping[str, Any], data: Path) -> Iterator[pd.DataFrame]:
    """Train `optimizer` under every schedule in every variant on every seed; yield tidy tables."""
    problem, chosen = prepared_problem(data), rule(optimizer)
    steps = protocol["epochs"] * -(-len(problem.targets) // protocol["batch"])
    lanes = [
        Lane(f"{name}, {variant}", given, described(description, steps))
        for name, description in protocol["schedules"].items()
        for variant, given in protocol["optimizers"][optimizer].items()
    ]
    yield from trained_rows("rate_schedules", DATASET, chosen, problem, lanes, protocol)
