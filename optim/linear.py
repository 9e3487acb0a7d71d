"""The linear engine: logistic or squared-loss models over CSR rows, many runs for one pass."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from optim.compiled import kernels
from optim.rule import Rule

INITIAL_SCALE = 0.01
"""Standard deviation of the first weights, the same in both documents' linear models."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """A linear model to fit: CSR training rows, rows to evaluate on, and a loss.

    `indptr` int64 [n + 1], `indices` int32, `values` float32, `labels` float32 [n] (0 or 1 for
    the logistic loss); `evaluation` maps a split's name to such a tuple of four.
    """

    train: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    evaluation: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]
    features: int
    loss: str

    def __post_init__(self) -> None:
        for name, rows in {"training rows": self.train, **self.evaluation}.items():
            _check_rows(name, rows, self.features, self.loss)


@dataclasses.dataclass(frozen=True)
class History:
    """What a sweep of R runs left behind; losses are means over rows.

    `losses[split]` and `accuracies[split]` are [epochs + 1, R] with row 0 before training;
    `sampled_steps` counts the samples seen before each of the `sampled_losses` [k, R];
    `mean_losses` [k, R] are means over the samples from one sampled step to the next;
    `seconds` [epochs + 1] is training time alone, without compiling or evaluating; `diverged` [R]
    is the first step whose loss was not finite, 0 for none; `weights` [features + 1, R] ends with
    the intercept.
    """

    losses: dict[str, np.ndarray]
    accuracies: dict[str, np.ndarray]
    sampled_steps: np.ndarray
    sampled_losses: np.ndarray
    mean_losses: np.ndarray
    seconds: np.ndarray
    compile_seconds: float
    updates: int
    diverged: np.ndarray
    weights: np.ndarray


def train(
    problem: Problem,
    rule: Rule,
    runs: Sequence[Mapping[str, float]],
    *,
    epochs: int,
    seed: int,
    batch: int = 1,
    thin: int = 100,
    progress: Callable[[int], None] = lambda _epoch: None,
) -> History:
    """Train one sweep: runs (hyper-parameters each) that share `seed`'s start and sample order.

    Returns its History; `progress` is called with each finished epoch. A run that diverges goes
    on as not-a-number in its own lane and leaves its neighbours alone.
    """
    if epochs < 1 or batch < 1 or thin < 1:
        raise ValueError(
            f"epochs, batch and thin are at least 1, found {epochs}, {batch} and {thin}"
        )
    if not runs:
        raise ValueError("a sweep needs at least one run")
    if not rule.coordinatewise:
        raise ValueError(f"{rule.name} is not coordinate-wise: the linear engine cannot run it")
    chosen = [rule.hyperparameters(**run) for run in runs]
    engine = kernels(rule, problem.loss, len(chosen))
    hyper = np.array(
        [[run[name] for run in chosen] for name in rule.update_hyperparameters], np.float32
    ).reshape(len(rule.update_hyperparameters), len(chosen))
    start, orders = (np.random.default_rng([seed, stream]) for stream in (0, 1))
    coordinates = _start(problem.features, rule, chosen, start)
    compile_seconds = _warm(engine, problem, coordinates, hyper, rule, batch)

    samples = problem.train[3].size
    record = _Record(problem, len(chosen), epochs)
    record.evaluate(engine, coordinates, 0)
    diverged = np.zeros(len(chosen), np.int64)
    first = 1
    for epoch in range(1, epochs + 1):
        order = orders.permutation(samples).astype(np.int32)
        steps = np.arange(first, first + -(-samples // batch))
        began = time.perf_counter()
        sampled, means = _epoch(
            engine, problem, rule, chosen, order, steps, batch, thin, coordinates, hyper, diverged
        )
        record.seconds[epoch] = record.seconds[epoch - 1] + time.perf_counter() - began
        record.sampled.append(sampled)
        record.means.append(means)
        record.evaluate(engine, coordinates, epoch)
        first += steps.size
        progress(epoch)
    stride = thin if batch == 1 else batch
    offsets = np.arange(0, samples, stride)
    return History(
        losses=record.losses,
        accuracies=record.accuracies,
        sampled_steps=np.concatenate([epoch * samples + offsets for epoch in range(epochs)]),
        sampled_losses=np.concatenate(record.sampled),
        mean_losses=np.concatenate(record.means),
        seconds=record.seconds,
        compile_seconds=compile_seconds,
        updates=first - 1,
        diverged=diverged,
        weights=coordinates[:, 0].copy(),
    )


class _Record:
    """Gathers the measurements of a sweep while it runs."""

    def __init__(self, problem: Problem, runs: int, epochs: int) -> None:
        self.problem = problem
        self.losses = {name: np.zeros((epochs + 1, runs)) for name in problem.evaluation}
        self.accuracies = {name: np.zeros((epochs + 1, runs)) for name in problem.evaluation}
        self.seconds = np.zeros(epochs + 1)
        self.sampled: list[np.ndarray] = []
        self.means: list[np.ndarray] = []

    def evaluate(self, engine: ModuleType, coordinates: np.ndarray, epoch: int) -> None:
        """Measure every split at the end of `epoch`."""
        for name, rows in self.problem.evaluation.items():
            total = self.losses[name][epoch]
            correct = np.zeros(total.size, np.int64)
            engine.evaluate(rows, coordinates, total, correct)
            total /= rows[3].size
            self.accuracies[name][epoch] = correct / rows[3].size


def _epoch(
    engine: ModuleType,
    problem: Problem,
    rule: Rule,
    chosen: Sequence[Mapping[str, float]],
    order: np.ndarray,
    steps: np.ndarray,
    batch: int,
    thin: int,
    coordinates: np.ndarray,
    hyper: np.ndarray,
    diverged: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Run one epoch in place; return the losses sampled and the mean losses, each [k, R]."""
    lanes = hyper.shape[1]
    scalars = _scalars(rule, chosen, steps)
    if batch == 1 and rule.zero_gradient_is_idle:
        count = -(-order.size // thin)
        sampled = np.zeros((count, lanes), np.float32)
        summed = np.zeros((count, lanes))
        engine.train_singly(
            problem.train, order, coordinates, scalars, hyper, sampled, summed, diverged,
            int(steps[0]), thin,
        )  # fmt: skip
        sizes = np.full((count, 1), thin)
        sizes[-1] = order.size - (count - 1) * thin
        return sampled.astype(np.float64), summed / sizes
    gradient = np.zeros((problem.features + 1, lanes), np.float32)
    losses = np.zeros((steps.size, lanes))
    engine.train_batches(
        problem.train, order, batch, gradient, coordinates, scalars, hyper, losses, diverged,
        int(steps[0]),
    )  # fmt: skip
    if batch > 1:
        return losses, losses
    starts = np.arange(0, steps.size, thin)
    sizes = np.diff(np.append(starts, steps.size))[:, None]
    return losses[::thin], np.add.reduceat(losses, starts) / sizes


def _start(
    features: int,
    rule: Rule,
    chosen: Sequence[Mapping[str, float]],
    start: np.random.Generator,
) -> np.ndarray:
    """First coordinates: one draw of weights for all runs, zero intercept, the rule's state."""
    coordinates = np.zeros((features + 1, 1 + len(rule.state), len(chosen)), np.float32)
    coordinates[:-1, 0] = start.normal(0, INITIAL_SCALE, (features, 1))
    for lane, run in enumerate(chosen):
        for k, state in enumerate(rule.initial_state(coordinates[:, 0, lane], run), start=1):
            coordinates[:, k, lane] = state
    return coordinates


def _scalars(rule: Rule, chosen: Sequence[Mapping[str, float]], steps: np.ndarray) -> np.ndarray:
    """Per-step scalars of every run, float32 [steps, scalars, R], computed in float64."""
    count = len(rule.per_step_names) if rule.per_step else 0
    table = np.empty((steps.size, count, len(chosen)), np.float32)
    for lane, run in enumerate(chosen):
        for k, column in enumerate(rule.scalars(steps.astype(np.float64), run)):
            table[:, k, lane] = column
    return table


def _warm(
    engine: ModuleType,
    problem: Problem,
    coordinates: np.ndarray,
    hyper: np.ndarray,
    rule: Rule,
    batch: int,
) -> float:
    """Compile (or load) the kernels on one row, changing nothing; return the seconds it took."""
    began = time.perf_counter()
    lanes = hyper.shape[1]
    scratch = coordinates.copy()
    order = np.zeros(1, np.int32)
    scalars = _scalars(rule, [rule.hyperparameters()] * lanes, np.ones(1))
    diverged = np.zeros(lanes, np.int64)
    if batch == 1 and rule.zero_gradient_is_idle:
        sampled, summed = np.zeros((1, lanes), np.float32), np.zeros((1, lanes))
        engine.train_singly(
            problem.train, order, scratch, scalars, hyper, sampled, summed, diverged, 1, 1
        )
    else:
        gradient = np.zeros((coordinates.shape[0], lanes), np.float32)
        losses = np.zeros((1, lanes))
        engine.train_batches(
            problem.train, order, 1, gradient, scratch, scalars, hyper, losses, diverged, 1
        )
    one = (problem.train[0][:2], *problem.train[1:3], problem.train[3][:1])
    engine.evaluate(one, scratch, np.zeros(lanes), np.zeros(lanes, np.int64))
    return time.perf_counter() - began


def _check_rows(name: str, rows: tuple[Any, ...], features: int, loss: str) -> None:
    """Raise ValueError on rows the kernels must not see: they do not check bounds."""
    indptr, indices, values, labels = rows
    if indptr.size != labels.size + 1 or indptr[0] != 0 or indptr[-1] != indices.size:
        raise ValueError(f"{name}: indptr does not describe {labels.size} rows")
    if labels.size == 0:
        raise ValueError(f"{name}: no rows")
    if indices.size != values.size or np.any(np.diff(indptr) < 0):
        raise ValueError(f"{name}: rows are not well-formed CSR")
    if indices.size and not (indices.min() >= 0 and indices.max() < features):
        raise ValueError(
            f"{name}: feature ids run from {indices.min()} to {indices.max()}, "
            f"expected 0 to {features - 1}"
        )
    if loss == "logistic" and not np.all((labels == 0) | (labels == 1)):
        wrong = int(np.flatnonzero((labels != 0) & (labels != 1))[0])
        raise ValueError(f"{name}: label {labels[wrong]} in row {wrong}, expected 0 or 1")
