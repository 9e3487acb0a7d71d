"""What the experiments on linear models share: rows, one sweep over all seeds, epochs' ends."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse

from data.prepared import Prepared, Rows
from experiments.progress import told
from experiments.schedule_choice import described
from experiments.shards import WHOLE, Shard
from experiments.table import Run, measurements
from optim import scores
from optim.block import INITIAL_SCALE
from optim.full_batch import LOSSES
from optim.linear import History, train
from optim.plan import Run as EngineRun
from optim.problem import Loss, Problem
from optim.problem import Rows as EngineRows
from optim.registry import rule

SAMPLE_SEED = 0
"""Seed of the sample of test rows: the same rows for every run of every experiment."""

AT_ONCE = 1 << 15
"""Rows whose margins are held at once where a whole split is measured."""


def linear_problem(prepared: Prepared, loss: Loss, test_rows: int | None = None) -> Problem:
    """The engine's problem: train on "train", measure there and on "test".

    Of "test" the engine sees a fixed sample of at most `test_rows` rows, all where that is None.
    """
    splits = {name: _split(prepared, name) for name in ("train", "test")}
    if test_rows is not None:
        splits["test"] = sampled_rows(splits["test"], test_rows)
    train_rows = prepared.splits["train"]
    assert isinstance(train_rows, Rows)
    return Problem(splits["train"], splits, train_rows.features, loss)


def _split(prepared: Prepared, name: str) -> EngineRows:
    rows = prepared.splits[name]
    assert isinstance(rows, Rows)
    return EngineRows(rows.indptr, rows.indices, rows.values, rows.labels)


def sampled_rows(rows: EngineRows, most: int) -> EngineRows:
    """At most `most` of the rows, drawn without replacement with SAMPLE_SEED, in their order."""
    if rows.labels.size <= most:
        return rows
    chosen = np.random.default_rng(SAMPLE_SEED).choice(rows.labels.size, most, replace=False)
    chosen.sort()
    starts, stops = rows.indptr[chosen], rows.indptr[chosen + 1]
    entries = np.concatenate([np.arange(a, b) for a, b in zip(starts, stops, strict=True)])
    return EngineRows(
        np.concatenate([[0], np.cumsum(stops - starts)]),
        rows.indices[entries],
        rows.values[entries],
        rows.labels[chosen],
    )


def train_seeds(
    experiment: str,
    dataset: str,
    optimizer: str,
    protocol: Mapping[str, Any],
    problem: Problem,
    shard: Shard = WHOLE,
) -> Iterator[tuple[Run, int, History]]:
    """Train the protocol's variants of `optimizer`, one sweep of all seeds, or a shard of it.

    A variant named in the protocol's `schedules` (as `experiments.schedule_choice` describes one)
    follows that one. Yields, run by run, what names it, its lane in the sweep, and the sweep's
    history.
    """
    chosen = rule(optimizer)
    variants = protocol["optimizers"][optimizer]
    runs = [chosen.hyperparameters(**given) for given in variants.values()]
    schedules = schedules_of(protocol, problem.train.labels.size)
    named = [
        Run(experiment, dataset, optimizer, variant, hyperparameters, seed, protocol["batch"])
        for seed in range(protocol["seeds"])
        for variant, hyperparameters in zip(variants, runs, strict=True)
    ]
    engine_runs = [
        EngineRun(run.hyperparameters, run.seed, schedules.get(run.variant)) for run in named
    ]
    only = shard.stretch(len(named))
    if not only:
        return
    history = train(
        problem, chosen, engine_runs, epochs=protocol["epochs"], batch=protocol["batch"],
        thin=protocol.get("thin", 1), cores=1, only=only,
        progress=told(f"{experiment} {optimizer}"),
    )  # fmt: skip
    print(
        f"{experiment} {optimizer}: {len(only)} runs x {history.updates} updates; "
        f"{history.seconds[-1].max():.2f} s a block, {history.compile_seconds:.2f} s to compile",
        file=sys.stderr,
    )
    for lane, run in enumerate(named[only.start : only.stop]):
        yield dataclasses.replace(run, device=history.device), lane, history


def schedules_of(protocol: Mapping[str, Any], samples: int) -> dict[str, Callable[[Any], Any]]:
    """The protocol's schedules by variant; ValueError for one that does not exist."""
    steps = protocol["epochs"] * -(-samples // protocol["batch"])
    given = protocol.get("schedules", {})
    return {variant: described(description, steps) for variant, description in given.items()}


def sample_orders(seed: int, samples: int, epochs: int) -> Iterator[np.ndarray]:
    """The orders [samples] in which the engine takes the rows, epoch by epoch."""
    generator = np.random.default_rng([seed, 1])
    for _ in range(epochs):
        yield generator.permutation(samples)


def first_weights(seed: int, features: int) -> np.ndarray:
    """The weights [features] that the engine starts a run of this seed from."""
    generator = np.random.default_rng([seed, 0])
    start: np.ndarray = generator.normal(0, INITIAL_SCALE, features)
    return start.astype(np.float32).astype(np.float64)


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


def every_epoch_end(run: Run, lane: int, history: History) -> Iterator[pd.DataFrame]:
    """All that was measured on any split at the epochs' ends, and where the run diverged."""
    for split, measured in history.measured.items():
        for metric in measured:
            yield epoch_ends(run, lane, history, split, metric)
    first = int(history.diverged[lane])
    yield from divergence(run, first - 1 if first else None, updates_per_epoch(history))


def divergence(run: Run, updates: int | None, per_epoch: int) -> Iterator[pd.DataFrame]:
    """A row of the number of updates after which the loss was not finite; none where it is None."""
    if updates is not None:
        step = np.array([updates])
        yield measurements(run, "diverged_at", step, epoch=step // per_epoch, step=step)


def whole_test(prepared: Prepared, weights: np.ndarray, loss: Loss) -> dict[str, np.ndarray]:
    """Loss and, for classes, accuracy on all rows of "test", of weights [features + 1, R].

    Computed in float64, a block of rows at a time: [R] each.
    """
    rows = _split(prepared, "test")
    lanes = weights.shape[1]
    total, right = np.zeros(lanes), np.zeros(lanes)
    wide = weights.astype(np.float64)
    for first in range(0, rows.labels.size, AT_ONCE):
        pointers = rows.indptr[first : first + AT_ONCE + 1]
        entries = slice(int(pointers[0]), int(pointers[-1]))
        shape = (len(pointers) - 1, len(weights) - 1)
        given = (rows.values[entries], rows.indices[entries], pointers - pointers[0])
        margins = scipy.sparse.csr_array(given, shape) @ wide[:-1] + wide[-1]
        labels = rows.labels[first : first + AT_ONCE]
        losses = LOSSES[loss](margins, labels[:, None].astype(np.float64))[0]
        # A lane's sum by itself: NumPy adds in another order where there are more of them.
        total += np.ascontiguousarray(losses.T).sum(axis=1)
        if loss == "logistic":
            right += scores.accuracy(margins, labels) * labels.size
    found = {"loss": total / rows.labels.size}
    return {**found, "accuracy": right / rows.labels.size} if loss == "logistic" else found


def whole_test_rows(
    run: Run, lane: int, history: History, measured: Mapping[str, np.ndarray]
) -> Iterator[pd.DataFrame]:
    """Rows of what `whole_test` found of a run's last weights."""
    epoch = np.array([len(history.seconds) - 1])
    for metric, values in measured.items():
        yield measurements(
            run, f"whole_test_{metric}", values[[lane]],
            epoch=epoch, step=epoch * updates_per_epoch(history),
        )  # fmt: skip
