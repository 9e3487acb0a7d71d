"""Airfoil: linear regression by every rule, searched alike and retrained on fresh seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from data.prepared import open_prepared
from experiments.comparison.linear_training import linear_trainer
from experiments.comparison.search import compare_rule

DATASET = "airfoil"
PROTOCOL = {
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "rates": {"$ref": "#/$defs/rates"},
    "trials": {"$ref": "#/$defs/count"},
    "tuned_trials": {"$ref": "#/$defs/count"},
    "space": {"$ref": "#/$defs/space"},
    "select_by": {"enum": ["validation_loss"]},
    "search_seed": {"$ref": "#/$defs/count"},
    "seeds": {"type": "integer", "minimum": 2},
    "optimizers": {"const": "all"},
    "left_out": {"$ref": "#/$defs/left out"},
}


def run(optimizer: str, protocol: Mapping[str, Any], data: Path) -> Iterator[pd.DataFrame]:
    """Search and retrain `optimizer` by the protocol; yield tidy tables."""
    trainer = linear_trainer(open_prepared(data), "squared", protocol)
    yield from compare_rule("fair_airfoil", DATASET, optimizer, protocol, trainer)
