"""Fashion-MNIST: exercise 5's network by every rule, searched alike, retrained on fresh seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from data.prepared import open_prepared
from experiments.comparison.network_training import network_trainer
from experiments.comparison.search import compare_rule

DATASET = "fashion-mnist"
GPU = True
PROTOCOL = {
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "images": {
        "type": "object",
        "additionalProperties": False,
        "required": ["fitting", "validation", "train", "test"],
        "properties": {
            "fitting": {"$ref": "#/$defs/count"},
            "validation": {"$ref": "#/$defs/count"},
            "train": {"$ref": "#/$defs/count"},
            "test": {"$ref": "#/$defs/count"},
        },
    },
    "side": {"type": "integer", "minimum": 4},
    "width": {"$ref": "#/$defs/positive"},
    "rates": {"$ref": "#/$defs/rates"},
    "trials": {"$ref": "#/$defs/count"},
    "tuned_trials": {"$ref": "#/$defs/count"},
    "space": {"$ref": "#/$defs/space"},
    "select_by": {"enum": ["validation_loss", "validation_accuracy"]},
    "search_seed": {"$ref": "#/$defs/count"},
    "seeds": {"type": "integer", "minimum": 2},
    "optimizers": {"const": "all"},
    "left_out": {"$ref": "#/$defs/left out"},
}


def run(optimizer: str, protocol: Mapping[str, Any], data: Path) -> Iterator[pd.DataFrame]:
    """Search and retrain `optimizer` by the protocol; yield tidy tables."""
    trainer = network_trainer(open_prepared(data), protocol)
    yield from compare_rule("fair_fashion_mnist", DATASET, optimizer, protocol, trainer)
