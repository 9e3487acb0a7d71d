"""Exercise 6 of the assignment on RCV1: what it proposes against Adagrad's shrinking rates.

Beside losses at epochs' ends, the median effective learning rate of the terms of each document
frequency, for the first seed: what multiplies a weight's gradient, schedule included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.prepared import open_prepared
from experiments.effective_rates import (
    RATES,
    document_frequencies,
    effective_rates,
    frequency_groups,
)
from experiments.linear import (
    every_epoch_end,
    linear_problem,
    schedules_of,
    train_seeds,
    whole_test,
    whole_test_rows,
)
from experiments.shards import WHOLE, Shard
from experiments.table import Run, measurements
from optim.linear import History
from optim.problem import Problem

DATASET = "rcv1"
PROTOCOL = {
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"const": 1},
    "seeds": {"$ref": "#/$defs/count"},
    "test_rows": {"$ref": "#/$defs/count"},
    "frequency_edges": {
        "type": "array",
        "items": {"$ref": "#/$defs/count"},
        "minItems": 1,
        "uniqueItems": True,
    },
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
    prepared = open_prepared(data)
    problem = linear_problem(prepared, "logistic", protocol["test_rows"])
    whole: dict[str, np.ndarray] = {}
    trained = train_seeds("rcv1_less_aggressive", DATASET, optimizer, protocol, problem, shard)
    for row, lane, history in trained:
        whole = whole or whole_test(prepared, history.weights, "logistic")
        yield from every_epoch_end(row, lane, history)
        yield from whole_test_rows(row, lane, history, whole)
        if row.seed == 0 and optimizer in RATES:
            yield from _effective_rates(row, lane, history, problem, protocol)


def _effective_rates(
    row: Run, lane: int, history: History, problem: Problem, protocol: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    """Median effective rates of the terms of each document frequency, at every epoch's end."""
    samples, epoch = problem.train.labels.size, np.arange(1, protocol["epochs"] + 1)
    scheduled = schedules_of(protocol, samples).get(row.variant)
    rates = effective_rates(
        row.optimizer, row.hyperparameters, problem.train, problem.features,
        history.sampled_losses[:, lane], row.seed,
        None if scheduled is None else scheduled(epoch * float(samples)),
    )  # fmt: skip
    frequencies = document_frequencies(problem.train, problem.features)
    for name, group in frequency_groups(frequencies, protocol["frequency_edges"]).items():
        if group.any():
            medians = np.median(rates[:, group], axis=1)
            metric = f"effective rate, terms in {name}"
            yield measurements(row, metric, medians, epoch=epoch, step=epoch * samples)
