"""Adam with L2 against AdamW on RCV1 (the notebook's section 3.5), over weight decays.

Each rule at its own decays, as theirs do not mean the same: what AdamW takes from a weight in a
step does not depend on the gradient, and what Adam with L2 takes is divided by its root mean
square. So the norms of the last weights are also told by how many documents a word is in: a rare
word has small gradients. Test loss by weight decay is what the notebook's claim is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.linear import updates_per_epoch
from experiments.shards import WHOLE, Shard
from experiments.sweeps import Lane, curves, documents, sweep
from experiments.table import measurements

DATASET = "rcv1"
PROTOCOL = {
    "weight_decays": {
        "description": "optimizer, then its weight decays",
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": "number", "minimum": 0},
            "minItems": 1,
        },
    },
    "document_counts": {"type": "array", "items": {"$ref": "#/$defs/count"}, "minItems": 1},
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "thin": {"$ref": "#/$defs/count"},
    "test_rows": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(
    optimizer: str, protocol: Mapping[str, Any], data: Path, shard: Shard = WHOLE
) -> Iterator[pd.DataFrame]:
    """Train every variant of `optimizer` at each weight decay on every seed; yield tidy tables.

    Raises ValueError for an optimizer without weight decays in the protocol.
    """
    if optimizer not in protocol["weight_decays"]:
        raise ValueError(
            f"config: experiments.weight_decay.weight_decays has no {optimizer!r}; "
            "name the weight decays to train it with"
        )
    problem = documents(data, protocol["test_rows"])
    lanes = [
        Lane(f"{variant}, weight decay {decay:g}", {**given, "weight_decay": decay}, seed)
        for seed in range(protocol["seeds"])
        for variant, given in protocol["optimizers"][optimizer].items()
        for decay in protocol["weight_decays"][optimizer]
    ]
    groups = by_documents(problem.train.indices, problem.features, protocol["document_counts"])
    trained = sweep(
        "weight_decay", DATASET, optimizer, problem, lanes,
        epochs=protocol["epochs"], batch=protocol["batch"], thin=protocol["thin"],
        only=shard.stretch(len(lanes)),
    )  # fmt: skip
    for row, lane, history in trained:
        yield from curves(row, lane, history, problem.train.labels.size)
        weights = history.weights[:-1, lane].astype(np.float64)
        epoch = np.array([protocol["epochs"]])
        for metric, members in {"weight_norm": np.arange(weights.size), **groups}.items():
            norm = np.sqrt(np.sum(weights[members] ** 2, keepdims=True))
            yield measurements(
                row, metric, norm, epoch=epoch, step=epoch * updates_per_epoch(history)
            )


def by_documents(indices: np.ndarray, features: int, least: list[int]) -> dict[str, np.ndarray]:
    """Features in groups by how many rows they are in: from each of `least` up to the next.

    `indices` are the rows' features, none of them twice in a row.
    """
    counts = np.bincount(indices, minlength=features)
    groups = {}
    for low, high in zip(least, [*least[1:], None], strict=True):
        name = f"weight_norm, words in {low}" + (f" to {high - 1}" if high else " or more")
        inside = (counts >= low) & (counts < (high or np.inf))
        groups[f"{name} documents"] = np.flatnonzero(inside)
    return groups
