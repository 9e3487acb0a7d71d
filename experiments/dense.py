"""Trains a small least-squares problem by mini-batches: all runs of a rule at once, in NumPy.

For problems of a few features, where the linear engine would take longer to compile its kernels
than this takes to train. The rule's own NumPy meaning, in float64, on arrays with a row a run; the
same seed starts from the same weights and sees the same sample orders as in the engine.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.least_squares import LeastSquares
from experiments.table import Run, measurements
from optim.block import INITIAL_SCALE
from optim.rule import Rule

Schedule = Callable[[Any], Any]


class Trained(NamedTuple):
    """What S seeds times R runs left behind.

    batch_losses: [T, S, R], each before its update. losses: [epochs + 1, S, R] over all rows.
    seconds: [epochs + 1], of all runs together.
    """

    batch_losses: np.ndarray
    losses: np.ndarray
    seconds: np.ndarray


@dataclasses.dataclass(frozen=True)
class Lane:
    """One run, trained on every seed: its variant, hyper-parameters and schedule, if any."""

    variant: str
    hyperparameters: dict[str, float]
    schedule: Schedule | None = None


def train_dense(
    problem: LeastSquares,
    rule: Rule,
    lanes: Sequence[Lane],
    *,
    epochs: int,
    batch: int,
    seeds: int,
) -> Trained:
    """Train every lane on every seed; a run that overflows goes on as infinities and the like."""
    samples = len(problem.targets)
    steps = epochs * -(-samples // batch)
    given = [rule.hyperparameters(**lane.hyperparameters) for lane in lanes]
    columns = {name: np.array([[each[name]] for each in given]) for name in rule.defaults}
    factors = _factors(lanes, steps)
    orders = [_orders(seed, samples, epochs) for seed in range(seeds)]
    weights = _start(problem, seeds, len(lanes))
    state = rule.initial_state(weights, columns)
    losses, batch_losses, seconds, t = [problem.loss(weights)], [], [0.0], 0
    began = time.perf_counter()
    with np.errstate(over="ignore", invalid="ignore"):
        for order in zip(*orders, strict=True):
            stacked = np.stack(order)
            for first in range(0, samples, batch):
                rows = stacked[:, first : first + batch]
                inputs, targets = problem.inputs[rows], problem.targets[rows]
                errors = weights @ inputs.swapaxes(1, 2) - targets[:, None]
                batch_losses.append((errors**2).mean(axis=2) / 2)
                gradient, t = errors @ inputs / rows.shape[1], t + 1
                rates = {name: columns[name] * factors[t - 1] for name in rule.scheduled}
                weights, state = rule.step(weights, gradient, state, t, {**columns, **rates})
            seconds.append(time.perf_counter() - began)
            losses.append(problem.loss(weights))
    return Trained(np.array(batch_losses), np.array(losses), np.array(seconds))


def rows_of(
    named: Run, trained: Trained, lane: int, smallest: float, every: int
) -> Iterator[pd.DataFrame]:
    """What was measured of one run: losses at epochs' ends, and means of `every` batch losses.

    `excess_train_loss` is the training loss less the `smallest` there is.
    """
    epochs = len(trained.losses) - 1
    per_epoch = len(trained.batch_losses) // epochs
    epoch = np.arange(epochs + 1)
    losses = trained.losses[:, named.seed, lane]
    share = trained.seconds / trained.losses[0].size
    for metric, values in (("train_loss", losses), ("excess_train_loss", losses - smallest)):
        yield measurements(
            named, metric, values, epoch=epoch, step=epoch * per_epoch, seconds=share
        )
    batches = trained.batch_losses[:, named.seed, lane]
    ends = np.arange(every, batches.size + 1, every)
    with np.errstate(over="ignore", invalid="ignore"):
        means = batches[: ends.size * every].reshape(-1, every).mean(axis=1)
    yield measurements(named, "mean_batch_loss", means, epoch=ends // per_epoch, step=ends)
    wrong = np.flatnonzero(~np.isfinite(batches))[:1]
    if wrong.size:
        yield measurements(named, "diverged_at", wrong, epoch=wrong // per_epoch, step=wrong)


def trained_rows(
    experiment: str,
    dataset: str,
    rule: Rule,
    problem: LeastSquares,
    lanes: Sequence[Lane],
    protocol: Mapping[str, Any],
) -> Iterator[pd.DataFrame]:
    """Train as the protocol's `epochs`, `batch` and `seeds` say; yield every run's tidy tables."""
    epochs, batch, seeds = (protocol[key] for key in ("epochs", "batch", "seeds"))
    trained = train_dense(problem, rule, lanes, epochs=epochs, batch=batch, seeds=seeds)
    print(
        f"{experiment} {rule.name}: {len(lanes) * seeds} runs x {len(trained.batch_losses)} "
        f"updates; {trained.seconds[-1]:.2f} s together",
        file=sys.stderr,
    )
    for seed in range(seeds):
        for number, lane in enumerate(lanes):
            given = rule.hyperparameters(**lane.hyperparameters)
            named = Run(experiment, dataset, rule.name, lane.variant, given, seed, batch)
            yield from rows_of(named, trained, number, problem.smallest, protocol["mean_of"])


def _factors(lanes: Sequence[Lane], steps: int) -> np.ndarray:
    """Each lane's factor on the learning rate at each step [T, R, 1]."""
    t = np.arange(1.0, steps + 1)
    factors = [np.ones(steps) if lane.schedule is None else lane.schedule(t) for lane in lanes]
    return np.stack(factors, axis=1)[..., None]


def _orders(seed: int, samples: int, epochs: int) -> list[np.ndarray]:
    """The sample orders of a seed, epoch by epoch, as `optim.block` draws them."""
    generator = np.random.default_rng([seed, 1])
    return [generator.permutation(samples) for _ in range(epochs)]


def _start(problem: LeastSquares, seeds: int, runs: int) -> np.ndarray:
    """First weights [S, R, d + 1], as `optim.block` draws them: the intercept's is zero."""
    weights = np.zeros((seeds, runs, problem.inputs.shape[1]))
    for seed in range(seeds):
        generator = np.random.default_rng([seed, 0])
        weights[seed, :, :-1] = generator.normal(0, INITIAL_SCALE, problem.inputs.shape[1] - 1)
    return weights
