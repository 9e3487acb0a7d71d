"""What the experiments on linear models share: rows, one sweep over all seeds, epochs' ends."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from data.prepared import Prepared, Rows
from experiments.table import Run, measurements
from optim.linear import History, train
from optim.linear import Run as EngineRun
from optim.problem import Problem
from optim.problem import Rows as EngineRows
from optim.registry import rule


def linear_problem(prepared: Prepared, loss: str) -> Problem:
    """The engine's problem: train on "train", measure there and on "test"."""
    splits = {}
    for name in ("train", "test"):
        rows = prepared.splits[name]
        assert isinstance(rows, Rows)
        splits[name] = EngineRows(rows.indptr, rows.indices, rows.values, rows.labels)
    train_rows = prepared.splits["train"]
    assert isinstance(train_rows, Rows)
    return Problem(splits["train"], splits, train_rows.features, loss)


def train_seeds(
    experiment: str,
    dataset: str,
    optimizer: str,
    protocol: Mapping[str, Any],
    problem: Problem,
) -> Iterator[tuple[Run, int, History]]:
    """Train the protocol's variants of `optimizer`, one sweep of all seeds.

    Yields, run by run, what names it, its lane in the sweep, and the sweep's history.
    """
    chosen = rule(optimizer)
    variants = protocol["optimizers"][optimizer]
    runs = [chosen.hyperparameters(**given) for given in variants.values()]
    named = [
        Run(experiment, dataset, optimizer, variant, hyperparameters, seed, protocol["batch"])
        for seed in range(protocol["seeds"])
        for variant, hyperparameters in zip(variants, runs, strict=True)
    ]
    history = train(
        problem, chosen, [EngineRun(run.hyperparameters, run.seed) for run in named],
        epochs=protocol["epochs"], batch=protocol["batch"], thin=protocol.get("thin", 1),
        cores=1,
    )  # fmt: skip
    print(
        f"{experiment} {optimizer}: {len(named)} runs x {history.updates} updates; "
        f"{history.seconds[-1].max():.2f} s a block, {history.compile_seconds:.2f} s to compile",
        file=sys.stderr,
    )
    for lane, run in enumerate(named):
        yield dataclasses.replace(run, device=history.device), lane, history


def updates_per_epoch(history: History) -> int:
    """Updates of one pass over the training set, the last of them on what samples are left."""
    return history.updates // (len(history.seconds) - 1)


def epoch_ends(run: Run, lane: int, history: History, split: str, metric: str) -> pd.DataFrame:
    """What was measured on a split before training and at every epoch's end."""
    epoch = np.arange(len(history.seconds))
    return measurements(
        run, f"{split}_{metric}", history.measured[split][metric][:, lane],
        epoch=epoch, step=epoch * updates_per_epoch(history),
        seconds=history.seconds[:, lane] / history.shared_by[lane],
    )  # fmt: skip
