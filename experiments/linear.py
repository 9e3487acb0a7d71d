"""What the experiments on linear models share: prepared rows into the engine, one sweep a seed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from data.prepared import Prepared, Rows
from experiments.table import Run
from optim.linear import History, Problem, train
from optim.registry import rule


def linear_problem(prepared: Prepared, loss: str) -> Problem:
    """The engine's problem: train on "train", measure on every split."""
    splits = {
        name: (rows.indptr, rows.indices, rows.values, rows.labels)
        for name, rows in prepared.splits.items()
        if isinstance(rows, Rows)
    }
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
    """Train the protocol's variants of `optimizer`, one sweep a seed.

    Yields, run by run, what names it, its lane in the sweep, and the sweep's history.
    """
    chosen = rule(optimizer)
    variants = protocol["optimizers"][optimizer]
    runs = [chosen.hyperparameters(**given) for given in variants.values()]
    for seed in range(protocol["seeds"]):
        history = train(
            problem, chosen, runs,
            epochs=protocol["epochs"], batch=protocol["batch"], thin=protocol.get("thin", 1),
            seed=seed,
        )  # fmt: skip
        print(
            f"{experiment} {optimizer} seed {seed}: {len(runs)} runs x {history.updates} updates "
            f"in {history.seconds[-1]:.2f} s (and {history.compile_seconds:.2f} s to compile)",
            file=sys.stderr,
            flush=True,
        )
        for lane, (variant, hyperparameters) in enumerate(zip(variants, runs, strict=True)):
            yield Run(experiment, dataset, optimizer, variant, hyperparameters, seed), lane, history
