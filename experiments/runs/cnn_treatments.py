"""Exercise 5's network under one change each: augmentation, few images, a narrow network, z-scores.

The exercise (assignment, section 3.8, exercise 5, experiments 4 and 5) asks for learning curves and
for Adagrad with and without augmentation, naming none: here images move by up to a fourteenth of
their size and every second one is mirrored, at random. A small training set and a narrow network
are what over- and underfits; z-scores are the exercise's other way to prepare the pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from data.prepared import open_prepared
from experiments.network_runs import Treatment, Variant, train_variants
from experiments.shards import WHOLE, Shard

DATASET = "fashion-mnist"
GPU = True
PROTOCOL = {
    "train_images": {"$ref": "#/$defs/count"},
    "test_images": {"$ref": "#/$defs/count"},
    "side": {"type": "integer", "minimum": 4},
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "treatments": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "augmented": {"type": "boolean"},
                "standardised": {"type": "boolean"},
                "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                "width": {"$ref": "#/$defs/positive"},
            },
        },
    },
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(
    optimizer: str, protocol: Mapping[str, Any], data: Path, shard: Shard = WHOLE
) -> Iterator[pd.DataFrame]:
    """Train `optimizer` under every treatment of the protocol on every seed; yield tidy tables."""
    treatments = {name: Treatment(**given) for name, given in protocol["treatments"].items()}
    variants = [
        Variant(f"{variant}, {name}", given, treatment)
        for variant, given in protocol["optimizers"][optimizer].items()
        for name, treatment in treatments.items()
    ]
    prepared = open_prepared(data)
    yield from train_variants("cnn_treatments", prepared, optimizer, protocol, variants, shard)
