"""Airfoil by every optimizer of the notebook over learning rates from too small to too large.

Its chapter 3 compares optimizers in words, and its chapter 5 announces a comparison and what a
wrong rate does (5.1 and 5.3). Here every optimizer gets the same rates, seeds and sample orders, so
that none is helped by its default. A run that diverges is kept, and says where it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.dense import Lane, trained_rows
from experiments.least_squares import prepared_problem
from optim.registry import rule

DATASET = "airfoil"
PROTOCOL = {
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "mean_of": {"$ref": "#/$defs/count"},
    "lowest_rate": {"$ref": "#/$defs/positive"},
    "highest_rate": {"$ref": "#/$defs/positive"},
    "rates": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(optimizer: str, protocol: Mapping[str, Any], data: Path) -> Iterator[pd.DataFrame]:
    """Train every variant of `optimizer` at every rate on every seed; yield tidy tables."""
    problem, chosen = prepared_problem(data), rule(optimizer)
    rates = np.geomspace(protocol["lowest_rate"], protocol["highest_rate"], protocol["rates"])
    lanes = [
        Lane(f"{variant}, lr {rate:.2g}", {**given, "lr": float(rate)})
        for variant, given in protocol["optimizers"][optimizer].items()
        for rate in rates
    ]
    yield from trained_rows("airfoil_rates", DATASET, chosen, problem, lanes, protocol)
