"""Runs that share a sample order and all tables, trained together by one compiled kernel."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from optim import scores
from optim.problem import Problem
from optim.rule import Rule
from optim.step_tables import StepTables

INITIAL_SCALE = 0.01
"""Standard deviation of the first weights, the same in both documents' linear models."""

Measured = dict[str, dict[str, NDArray[np.float64]]]
"""By split and by name."""


@dataclasses.dataclass(frozen=True)
class Trained:
    """What a block of R runs left behind; the arrays are described in `optim.linear.History`."""

    measured: Measured
    sampled_losses: NDArray[np.float64]
    mean_losses: NDArray[np.float64]
    seconds: NDArray[np.float64]
    diverged: NDArray[np.int64]
    weights: NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Block:
    """Runs to train together: their kernels, hyper-parameters and penalties, and a seed."""

    problem: Problem
    rule: Rule
    kernels: ModuleType
    hyperparameters: tuple[Mapping[str, float], ...]
    l2: tuple[float, ...]
    seed: int
    steps: StepTables

    def train(
        self, epochs: int, batch: int, thin: int, progress: Callable[[], None] = lambda: None
    ) -> Trained:
        """Train all runs, measuring before the first epoch and after each."""
        runs, lanes = len(self.hyperparameters), self.kernels.LANES
        start, orders = (np.random.default_rng([self.seed, stream]) for stream in (0, 1))
        coordinates = self._start(start)
        hyper = self._hyper()
        last = np.zeros(self.problem.features + 1, np.int32)
        gradient = np.zeros((self.problem.features + 1) * lanes, np.float32)
        diverged = np.zeros(runs, np.int64)
        samples = self.problem.train.labels.size
        steps = -(-samples // batch)
        seconds = np.zeros(epochs + 1)
        sampled, means = [], []
        measured = [self._measure(coordinates)]
        for epoch in range(epochs):
            order = orders.permutation(samples).astype(np.int32)
            first = 1 + epoch * steps
            began = time.perf_counter()
            one, many = self._epoch(
                order, first, batch, thin, coordinates, last, gradient, hyper, diverged
            )
            if not self.steps.dense:
                self.kernels.settle(
                    coordinates, last, self.steps.tables, hyper, first + steps - 1, runs
                )
            seconds[epoch + 1] = seconds[epoch] + time.perf_counter() - began
            sampled.append(one)
            means.append(many)
            measured.append(self._measure(coordinates))
            progress()
        return Trained(
            measured={
                split: {
                    name: np.array([epoch[split][name] for epoch in measured])
                    for name in measured[0][split]
                }
                for split in self.problem.evaluation
            },
            sampled_losses=np.concatenate(sampled),
            mean_losses=np.concatenate(means),
            seconds=np.repeat(seconds[:, None], runs, axis=1),
            diverged=diverged,
            weights=coordinates.reshape(-1, 1 + len(self.rule.state), lanes)[:, 0, :runs].copy(),
        )

    def _start(self, start: np.random.Generator) -> NDArray[np.float32]:
        """First coordinates: one draw of weights for all runs, zero intercept, the rule's state."""
        shape = (self.problem.features + 1, 1 + len(self.rule.state), self.kernels.LANES)
        coordinates = np.zeros(shape, np.float32)
        coordinates[:-1, 0] = start.normal(0, INITIAL_SCALE, (self.problem.features, 1))
        for lane, given in enumerate(self.hyperparameters):
            states = self.rule.initial_state(coordinates[:, 0, lane], given)
            for k, state in enumerate(states, start=1):
                coordinates[:, k, lane] = state
        return coordinates.reshape(-1)

    def _hyper(self) -> NDArray[np.float32]:
        """Hyper-parameters as the kernels read them: by name, then by run."""
        hyper = np.zeros((max(1, len(self.rule.defaults)), self.kernels.LANES), np.float32)
        for lane, given in enumerate(self.hyperparameters):
            hyper[: len(given), lane] = [given[name] for name in self.rule.defaults]
        return hyper.reshape(-1)

    def _epoch(
        self,
        order: NDArray[np.int32],
        first: int,
        batch: int,
        thin: int,
        coordinates: NDArray[np.float32],
        last: NDArray[np.int32],
        gradient: NDArray[np.float32],
        hyper: NDArray[np.float32],
        diverged: NDArray[np.int64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Run one epoch in place; return the losses sampled and their means, each [k, R]."""
        rows, runs, tables = self.problem.train, diverged.size, self.steps
        given = (coordinates, last, tables.tables, tables.rate, tables.scalars, hyper)
        if batch == 1 and not tables.dense:
            count = -(-order.size // thin)
            sampled, summed = np.zeros((count, runs), np.float32), np.zeros((count, runs))
            self.kernels.train_singly(
                rows, order, *given, sampled, summed, diverged, first, thin, self.problem.intercept
            )
            sizes = np.full((count, 1), thin)
            sizes[-1] = order.size - (count - 1) * thin
            return sampled.astype(np.float64), summed / sizes
        losses = np.zeros((-(-order.size // batch), runs))
        unused = [0.0] * (self.kernels.LANES - runs)
        self.kernels.train_batches(
            rows, order, batch, np.array([*self.l2, *unused], np.float32), gradient,
            np.zeros(last.size + 1, np.int64), tables.dense, *given, losses, diverged, first,
            self.problem.intercept,
        )  # fmt: skip
        stride = -(-thin // batch)
        starts = np.arange(0, len(losses), stride)
        # The last batch of an epoch may hold fewer samples, each of which counts alike.
        samples = np.full((len(losses), 1), batch)
        samples[-1] = order.size - (len(losses) - 1) * batch
        sums, counts = (np.add.reduceat(each, starts) for each in (losses * samples, samples))
        return losses[::stride], sums / counts

    def _measure(self, coordinates: NDArray[np.float32]) -> Measured:
        """Measure every split as the weights stand, [R] each."""
        return {split: self._measure_split(split, coordinates) for split in self.problem.evaluation}

    def _measure_split(
        self, split: str, coordinates: NDArray[np.float32]
    ) -> dict[str, NDArray[np.float64]]:
        rows, runs = self.problem.evaluation[split], len(self.hyperparameters)
        margins, total = np.empty((rows.labels.size, runs), np.float32), np.zeros(runs)
        self.kernels.evaluate(rows, coordinates, margins, total)
        measures: dict[str, Callable[[], NDArray[np.float64]]] = {
            "loss": lambda: total / rows.labels.size,
            "accuracy": lambda: scores.accuracy(margins, rows.labels),
            "f1": lambda: scores.f1(margins, rows.labels),
            "auc": lambda: scores.area_under_curve(margins, rows.labels),
        }
        return {name: measures[name]() for name in self.problem.measured_on(split)}
