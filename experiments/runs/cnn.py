"""Exercise 5's network (assignment, section 3.8) by the rules that exercises 5 and 6 name.

All train on the same first weights and sample orders a seed. What the exercise calls validation is
the test set, as in its code: nothing is chosen by it here. The mean loss that its code prints, of
samples before their updates, is `running_train_loss`; `train_loss` is over all training images at
an epoch's end. `loss_gap` and `accuracy_gap` are by how much the test set is worse.
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
    "reset_epochs": {"$ref": "#/$defs/count"},
    "schedules": {
        "description": "variant, then shape (of optim.schedules) and settings of its schedule",
        "$ref": "#/$defs/schedules",
    },
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(
    optimizer: str, protocol: Mapping[str, Any], data: Path, shard: Shard = WHOLE
) -> Iterator[pd.DataFrame]:
    """Train `optimizer` in every variant of the protocol on every seed; yield tidy tables."""
    variants = [
        Variant(name, given, Treatment(schedule=protocol["schedules"].get(name)))
        for name, given in protocol["optimizers"][optimizer].items()
    ]
    yield from train_variants("cnn", open_prepared(data), optimizer, protocol, variants, shard)
