"""The learning-rate range test that the notebook announces (its section 4.6), and whether it helps.

One pass over RCV1's training set with a rate that grows by equal ratios from update to update; the
rate it suggests is where the loss falls fastest (`optim.schedules.suggested_rate`). Training from
the start at that rate, and at multiples of it, then shows whether the suggestion was a good one.
Every seed makes a test, and gets a suggestion, of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.linear import updates_per_epoch
from experiments.sweeps import Lane, curves, documents, sweep
from experiments.table import Run, measurements
from optim.linear import History
from optim.problem import Problem
from optim.schedules import range_test, suggested_rate

DATASET = "rcv1"
PROTOCOL = {
    "lowest_rate": {"$ref": "#/$defs/positive"},
    "highest_rate": {"$ref": "#/$defs/positive"},
    "multiples": {"type": "array", "items": {"$ref": "#/$defs/positive"}, "minItems": 1},
    "epochs": {"$ref": "#/$defs/count"},
    "batch": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "thin": {"$ref": "#/$defs/count"},
    "test_rows": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}

WIDTH = 8
"""Runs that kernels are compiled for: the same for a test, of one a seed, and for training."""


def run(optimizer: str, protocol: Mapping[str, Any], data: Path) -> Iterator[pd.DataFrame]:
    """Make the test for every variant and seed, train at what it suggests; yield tidy tables.

    The rates of the test take the place of the variant's own.
    """
    problem = documents(data, protocol["test_rows"])
    for variant, given in protocol["optimizers"][optimizer].items():
        suggested = {}
        for row, lane, history in _tests(optimizer, variant, given, protocol, problem):
            rates, losses = _rates(protocol, problem), history.sampled_losses[:, lane]
            suggested[row.seed] = suggested_rate(rates, losses)
            yield from _test_rows(row, history, rates, losses, suggested[row.seed])
        lanes = [
            Lane(f"{variant}, {multiple:g} x suggested", {**given, "lr": multiple * rate}, seed)
            for seed, rate in suggested.items()
            for multiple in protocol["multiples"]
        ]
        trained = sweep(
            "range_test", DATASET, optimizer, problem, lanes,
            epochs=protocol["epochs"], batch=protocol["batch"], thin=protocol["thin"], width=WIDTH,
        )  # fmt: skip
        for row, lane, history in trained:
            yield from curves(row, lane, history, problem.train.labels.size)


def _rates(protocol: Mapping[str, Any], problem: Problem) -> np.ndarray:
    """The rates of one pass, one an update."""
    steps = -(-problem.train.labels.size // protocol["batch"])
    return range_test(lowest=protocol["lowest_rate"], highest=protocol["highest_rate"], steps=steps)


def _tests(
    optimizer: str,
    variant: str,
    given: Mapping[str, float],
    protocol: Mapping[str, Any],
    problem: Problem,
) -> Iterator[tuple[Run, int, History]]:
    """Train one pass at the rates of the test, keeping the loss of every batch."""
    highest = protocol["highest_rate"]
    factors = _rates(protocol, problem) / highest

    def rising(t: np.ndarray) -> np.ndarray:
        return factors[t.astype(int) - 1]

    lanes = [
        Lane(f"{variant}, range test", {**given, "lr": highest}, seed, rising)
        for seed in range(protocol["seeds"])
    ]
    batch = protocol["batch"]
    return sweep(
        "range_test", DATASET, optimizer, problem, lanes,
        epochs=1, batch=batch, thin=batch, width=WIDTH,
    )  # fmt: skip


def _test_rows(
    row: Run, history: History, rates: np.ndarray, losses: np.ndarray, suggested: float
) -> Iterator[pd.DataFrame]:
    step = np.arange(rates.size)
    for metric, values in (("range_test_rate", rates), ("range_test_loss", losses)):
        yield measurements(row, metric, values, epoch=0 * step, step=step)
    last = np.array([updates_per_epoch(history)])
    yield measurements(
        row, "suggested_rate", np.array([suggested]), epoch=np.ones(1, int), step=last
    )
