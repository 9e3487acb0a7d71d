"""Batch sizes on RCV1: what the notebook's section 1.3 says of them, on labels that mean something.

At the notebook's rate and at a common larger one; at a rate in proportion to the batch (Goyal et
al., arXiv:1706.02677, section 2.1), and that after a warm-up. The notebook's remedy for large
batches is warm-up and longer training: the largest batch has both, for `longer` times the epochs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.protocol import check_name
from experiments.schedule_choice import described
from experiments.shards import WHOLE, Shard
from experiments.sweeps import Lane, curves, documents, sweep
from optim.problem import Problem
from optim.registry import rule
from optim.rule import Rule

DATASET = "rcv1"
PROTOCOL = {
    "batches": {"type": "array", "items": {"$ref": "#/$defs/count"}, "minItems": 1},
    "in_proportion": {
        "description": "variants whose rate is that of the smallest batch, and their warm-up",
        "type": "object",
        "additionalProperties": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
    },
    "longer": {"$ref": "#/$defs/count"},
    "epochs": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "points": {"$ref": "#/$defs/count"},
    "test_rows": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(
    optimizer: str, protocol: Mapping[str, Any], data: Path, shard: Shard = WHOLE
) -> Iterator[pd.DataFrame]:
    """Train every variant of `optimizer` with every batch size; yield tidy tables.

    `points` is about how many mean losses a curve has. Raises ValueError for a rate in proportion
    in a variant that there is not.
    """
    variants = protocol["optimizers"][optimizer]
    for variant in protocol["in_proportion"]:
        check_name("config: experiments.batch_sizes.in_proportion", variant, variants)
    problem = documents(data, protocol["test_rows"])
    trainings = [(batch, 1, list(variants)) for batch in protocol["batches"]]
    remedy = [variant for variant, warmup in protocol["in_proportion"].items() if warmup]
    if protocol["longer"] > 1 and remedy:
        trainings.append((max(protocol["batches"]), protocol["longer"], remedy))
    counts = [len(chosen) * protocol["seeds"] for _, _, chosen in trainings]
    for training, only in zip(trainings, shard.stretches(counts), strict=True):
        yield from _trained(optimizer, protocol, problem, *training, only)


def _trained(
    optimizer: str,
    protocol: Mapping[str, Any],
    problem: Problem,
    batch: int,
    longer: int,
    chosen: list[str],
    only: range,
) -> Iterator[pd.DataFrame]:
    """Train the chosen variants with one batch size, `longer` times the protocol's epochs.

    Of the runs, all variants of a seed after another, those at `only`.
    """
    samples, epochs = problem.train.labels.size, longer * protocol["epochs"]
    steps = epochs * -(-samples // batch)
    lanes = []
    for name in chosen:
        given, schedule = protocol["optimizers"][optimizer][name], None
        if name in protocol["in_proportion"]:
            given = in_proportion(rule(optimizer), given, batch / min(protocol["batches"]))
            warmup = protocol["in_proportion"][name]
            schedule = described({"shape": "constant", "warmup": warmup}, steps) if warmup else None
        title = f"{name}, batch {batch}" + (f", {longer} times as long" if longer > 1 else "")
        lanes += [Lane(title, given, seed, schedule) for seed in range(protocol["seeds"])]
    # Side by side as they share blocks, all of which a shard would train that is cut otherwise.
    lanes.sort(key=lambda lane: lane.seed)
    thin = max(batch, epochs * samples // protocol["points"])
    trained = sweep(
        "batch_sizes", DATASET, optimizer, problem, lanes,
        epochs=epochs, batch=batch, thin=thin, only=only,
    )  # fmt: skip
    for row, lane, history in trained:
        yield from curves(row, lane, history, samples)


def in_proportion(chosen: Rule, given: Mapping[str, float], times: float) -> dict[str, float]:
    """The hyper-parameters with a learning rate so many times as large."""
    return {**given, "lr": chosen.hyperparameters(**given)["lr"] * times}
