"""One round of a sweep on one GPU: blocks of runs in its memory, and what is launched on them."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optim import scores
from optim.block import INITIAL_SCALE, Measured, Trained
from optim.problem import Problem, Rows
from optim.rule import Rule
from optim.step_tables import StepTables

LANES = 32
"""Runs that share a sample order: the threads of a warp."""

STEPS_PER_LAUNCH = 1 << 16
"""Some 0.2 s of steps: a GPU that also drives a screen stops a launch of several seconds."""

GRID = 16
"""Teams on a block's coordinates or rows where these need no order."""

MARGINS_AT_ONCE = 16
"""Blocks whose margins are brought to the host together, to be ranked there."""


@dataclasses.dataclass(frozen=True)
class Lanes:
    """Up to LANES runs that share a sample order and all tables."""

    hyperparameters: tuple[Mapping[str, float], ...]
    seed: int
    steps: StepTables


def resident(problem: Problem) -> dict[str, Rows]:
    """Rows on the current GPU: those to train on as "", and each split by name.

    Rows that are several of these are there once.
    """
    from numba import cuda

    held: dict[int, Rows] = {}
    placed = {}
    for name, rows in {"": problem.train, **problem.evaluation}.items():
        if id(rows.values) not in held:
            held[id(rows.values)] = Rows(*(cuda.to_device(array) for array in rows))
        placed[name] = held[id(rows.values)]
    return placed


def ranked(problem: Problem, split: str) -> bool:
    """Tell whether a split is measured by ranks, too."""
    return not {"f1", "auc"}.isdisjoint(problem.measured_on(split))


def stacked(arrays: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Arrays of different lengths as one, the shorter going on with their last row."""
    longest = max(len(array) for array in arrays)
    return np.stack(
        [np.concatenate([a, np.repeat(a[-1:], longest - len(a), axis=0)]) for a in arrays]
    )


class Sweep:
    """Blocks in the memory of the current GPU, whose kernels give the team's size."""

    def __init__(
        self,
        problem: Problem,
        rule: Rule,
        blocks: Sequence[Lanes],
        rows: Mapping[str, Rows],
        kernels: ModuleType,
        thin: int,
    ) -> None:
        from numba import cuda

        self.problem, self.rule, self.blocks = problem, rule, blocks
        self.rows, self.kernels, self.thin = rows, kernels, thin
        count, features = len(blocks), problem.features + 1
        seeds = list(dict.fromkeys(block.seed for block in blocks))
        groups = list({id(block.steps): block.steps for block in blocks}.values())
        number = {id(steps): k for k, steps in enumerate(groups)}
        self._generators = [np.random.default_rng([seed, 1]) for seed in seeds]
        self._shares = cuda.to_device(
            np.array([(seeds.index(b.seed), number[id(b.steps)]) for b in blocks], np.int32)
        )
        self._rate = cuda.to_device(stacked([steps.rate for steps in groups]))
        self._tables = tuple(
            cuda.to_device(stacked(arrays))
            for arrays in zip(*(s.tables for s in groups), strict=True)
        )
        # A rule without scalars has rows of one, which nobody reads.
        scalars = [s.scalars if s.scalars.size else s.rate[:, None] for s in groups]
        self._scalars = cuda.to_device(stacked(scalars))
        self._hyper = cuda.to_device(self._hyperparameters())
        self._coordinates = cuda.device_array((count, features * kernels.STRIDE), np.float32)
        self._last = cuda.to_device(np.zeros((count, features if kernels.LAZY else 1), np.int32))
        self._diverged = cuda.to_device(np.zeros((count, LANES), np.int64))
        samples = problem.train.labels.size
        self._losses = (count, -(-samples // thin), LANES)
        self._sampled = cuda.device_array(self._losses, np.float32)
        self._summed = cuda.device_array(self._losses, np.float64)
        self._orders = cuda.device_array((len(seeds), samples), np.int32)
        self._begin(seeds)

    def compile(self) -> float:
        """Compile (or load) the kernels by launches that change nothing; return the seconds."""
        began = time.perf_counter()
        self._launch(1, 0, 0)
        self._settle(0)
        self._synchronize()
        return time.perf_counter() - began

    def train(self, epochs: int, progress: Callable[[], None]) -> list[Trained]:
        """Train all blocks, measuring before the first epoch and after each."""
        samples, runs = self.problem.train.labels.size, self._runs()
        seconds, sampled, means = np.zeros(epochs + 1), [], []
        measured = [self._measure()]
        sizes = np.full((self._losses[1], 1), self.thin)
        sizes[-1] = samples - (len(sizes) - 1) * self.thin
        orders = self._permutations()
        for epoch in range(epochs):
            self._orders.copy_to_device(orders)
            self._summed.copy_to_device(np.zeros(self._losses))
            self._synchronize()
            began = time.perf_counter()
            for start in range(0, samples, STEPS_PER_LAUNCH):
                self._launch(1 + epoch * samples, start, min(start + STEPS_PER_LAUNCH, samples))
            self._settle((epoch + 1) * samples)
            if epoch + 1 < epochs:
                orders = self._permutations()  # while the GPU is at work
            self._synchronize()
            seconds[epoch + 1] = seconds[epoch] + time.perf_counter() - began
            sampled.append(self._sampled.copy_to_host().astype(np.float64))
            means.append(self._summed.copy_to_host() / sizes)
            measured.append(self._measure())
            for _ in self.blocks:
                progress()
        diverged = self._diverged.copy_to_host()
        return [
            Trained(
                measured=_over_epochs([epoch[k] for epoch in measured]),
                sampled_losses=np.concatenate([epoch[k][:, :count] for epoch in sampled]),
                mean_losses=np.concatenate([epoch[k][:, :count] for epoch in means]),
                seconds=np.repeat(seconds[:, None], count, axis=1),
                diverged=diverged[k, :count],
                weights=self._weights(k, count),
            )
            for k, count in enumerate(runs)
        ]

    def _runs(self) -> list[int]:
        return [len(block.hyperparameters) for block in self.blocks]

    def _synchronize(self) -> None:
        from numba import cuda

        cuda.synchronize()

    def _given(self, block: Lanes, lane: int) -> Mapping[str, float]:
        """Hyper-parameters of a lane; those without a run do as the last one does."""
        return block.hyperparameters[min(lane, len(block.hyperparameters) - 1)]

    def _hyperparameters(self) -> NDArray[np.float32]:
        """Hyper-parameters as the kernels read them: by block, by name, by run."""
        names = self.rule.defaults
        hyper = np.zeros((len(self.blocks), max(1, len(names)), LANES), np.float32)
        for block, row in zip(self.blocks, hyper, strict=True):
            for lane in range(LANES):
                given = self._given(block, lane)
                row[: len(names), lane] = [given[name] for name in names]
        return hyper.reshape(len(self.blocks), -1)

    def _begin(self, seeds: Sequence[int]) -> None:
        """Write the first weights, one draw a seed, zero intercepts and the rule's first state."""
        from numba import cuda

        features = self.problem.features
        weights = np.zeros((len(seeds), features + 1), np.float32)
        for row, seed in zip(weights, seeds, strict=True):
            row[:-1] = np.random.default_rng([seed, 0]).normal(0, INITIAL_SCALE, features)
        states = np.zeros((len(self.blocks), max(1, len(self.rule.state)), LANES), np.float32)
        for block, row in zip(self.blocks, states, strict=True):
            for lane in range(LANES):
                start = self.rule.initial_state(np.zeros(1), self._given(block, lane))
                row[: len(start), lane] = [state[0] for state in start]
        first = cuda.to_device(weights), cuda.to_device(states)
        self._spread(self.kernels.begin, self._coordinates, self._shares, *first)

    def _spread(self, kernel: Any, *arguments: Any) -> None:
        """Launch a kernel whose blocks share the work on one block of runs."""
        kernel[(len(self.blocks), GRID), (LANES, self.kernels.TEAM)](*arguments)

    def _permutations(self) -> NDArray[np.int32]:
        samples = self.problem.train.labels.size
        return np.stack([draw.permutation(samples) for draw in self._generators]).astype(np.int32)

    def _launch(self, first_step: int, start: int, stop: int) -> None:
        self.kernels.train_singly[len(self.blocks), (LANES, self.kernels.TEAM)](
            *self.rows[""], self._orders, self._shares, self._coordinates, self._last, self._tables,
            self._rate, self._scalars, self._hyper, self._sampled, self._summed, self._diverged,
            first_step, start, stop, self.thin, self.problem.intercept,
        )  # fmt: skip

    def _settle(self, t: int) -> None:
        if self.kernels.LAZY:
            shares, tables = self._shares, self._tables
            self._spread(
                self.kernels.settle, self._coordinates, self._last, shares, tables, self._hyper, t
            )
            self._spread(self.kernels.mark, self._last, t)

    def _weights(self, block: int, runs: int) -> NDArray[np.float32]:
        shape = (-1, 1 + len(self.rule.state), LANES)
        coordinates: NDArray[np.float32] = self._coordinates[block].copy_to_host().reshape(shape)
        return coordinates[:, 0, :runs].copy()

    def _measure(self) -> list[Measured]:
        """Measure every split as the weights stand: for each block, [R] each."""
        measured: list[Measured] = [{} for _ in self.blocks]
        for split in self.problem.evaluation:
            size = MARGINS_AT_ONCE if ranked(self.problem, split) else len(self.blocks)
            for first in range(0, len(self.blocks), size):
                part = self._measure_blocks(split, first, min(first + size, len(self.blocks)))
                for block, values in enumerate(part, start=first):
                    measured[block][split] = values
        return measured

    def _measure_blocks(
        self, split: str, first: int, stop: int
    ) -> list[dict[str, NDArray[np.float64]]]:
        """Measure blocks `first` to `stop` on one split; sums on the GPU, ranks on the host."""
        from numba import cuda

        keep, team = ranked(self.problem, split), self.kernels.TEAM
        labels = self.problem.evaluation[split].labels
        margins = cuda.device_array((stop - first, labels.size if keep else 1, LANES), np.float32)
        parts = (stop - first, GRID * team, LANES)
        total, right = cuda.device_array(parts, np.float64), cuda.device_array(parts, np.int64)
        self.kernels.evaluate[(stop - first, GRID), (LANES, team)](
            *self.rows[split], self._coordinates[first:stop], margins, total, right, keep
        )
        losses = total.copy_to_host().sum(axis=1) / labels.size
        shares = right.copy_to_host().sum(axis=1) / labels.size
        rows = margins.copy_to_host() if keep else None
        measured = []
        for k, runs in enumerate(self._runs()[first:stop]):
            values = {"loss": losses[k, :runs], "accuracy": shares[k, :runs]}
            if rows is not None:
                values["f1"] = scores.f1(rows[k, :, :runs], labels)
                values["auc"] = scores.area_under_curve(rows[k, :, :runs], labels)
            measured.append({name: values[name] for name in self.problem.measured_on(split)})
        return measured


def _over_epochs(measured: list[Measured]) -> Measured:
    """One block's measurements as arrays [epochs + 1, R]."""
    return {
        split: {
            name: np.array([epoch[split][name] for epoch in measured])
            for name in measured[0][split]
        }
        for split in measured[0]
    }
