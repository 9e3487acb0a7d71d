"""What is asked of a sweep of the linear engine, and which of its runs are trained as a block."""

from __future__ import annotations

import dataclasses
import functools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optim.problem import Problem
from optim.rule import Rule
from optim.step_tables import StepTables, depends_on, step_tables
from optim.zero_gradient import tabled

WIDTHS = (1, 8, 16, 32)
"""Numbers of runs that kernels are compiled for; a block is padded to the next one."""

Schedule = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Key = tuple[Any, ...]
"""Whatever tables depend on: runs with the same may share a block."""

Maker = Callable[[], StepTables]


@dataclasses.dataclass(frozen=True)
class Run:
    """One training trajectory: hyper-parameters, the seed of its start and sample order.

    `schedule` takes the steps 1..T (float64) and returns the factors on the learning rate; `l2`
    adds half that multiple of the squared weights (not of the intercept) to the loss trained on.
    """

    hyperparameters: Mapping[str, float]
    seed: int = 0
    schedule: Schedule | None = None
    l2: float = 0.0


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is asked of a sweep; arguments of `optim.linear.train`. Of `runs` it trains `only`."""

    problem: Problem
    rule: Rule
    runs: Sequence[Run]
    only: range
    epochs: int
    batch: int
    thin: int

    @property
    def steps(self) -> int:
        """Updates of a run."""
        return self.epochs * -(-self.problem.train.labels.size // self.batch)

    @property
    def stride(self) -> int:
        """Samples from one sampled loss to the next: whole batches."""
        return self.batch * -(-self.thin // self.batch)

    def given(self, members: Sequence[int]) -> tuple[dict[str, float], ...]:
        """Hyper-parameters of runs, by number."""
        return tuple(self.rule.hyperparameters(**self.runs[i].hyperparameters) for i in members)

    def asked(self, members: Sequence[int]) -> list[int]:
        """Places in a block of the runs that are asked for, by number."""
        return [place for place, number in enumerate(members) if number in self.only]

    def lanes(self, members: Sequence[int]) -> list[int]:
        """Where in the History those of these runs have their place that are asked for."""
        return [number - self.only.start for number in members if number in self.only]


@dataclasses.dataclass(frozen=True)
class Part:
    """A block of a sweep: the numbers of its runs, and its tables' key.

    It is trained whole where only some of its runs are asked for: in other company the compiler may
    have a run's arithmetic done by other instructions, which round otherwise.
    """

    members: list[int]
    key: Key

    @property
    def width(self) -> int:
        """Lanes of its kernel."""
        return next(size for size in WIDTHS if size >= len(self.members))


def parts(plan: Plan, groups: list[tuple[list[int], Key]], size: int) -> list[Part]:
    """The groups cut into blocks of at most `size` runs, those of which a run is asked for."""
    blocks = [
        Part(members[first : first + size], key)
        for members, key in groups
        for first in range(0, len(members), size)
    ]
    return [block for block in blocks if plan.asked(block.members)]


def stretch(only: range | None, runs: int) -> range:
    """The numbers of the runs to train; ValueError where they are no stretch of the sweep."""
    asked = range(runs) if only is None else only
    if not asked or asked.step != 1 or asked.start < 0 or asked.stop > runs:
        raise ValueError(f"only is {only}, expected a stretch of the {runs} runs")
    return asked


def grouped(
    rule: Rule, runs: Sequence[Run], steps: int
) -> tuple[list[tuple[list[int], Key]], dict[Key, Maker]]:
    """Runs that may share a block, by number, and what makes the tables of each.

    Groups with the same tables stand side by side, so that few tables are there at once. Raises
    ValueError for a penalty or a schedule that cannot be used.
    """
    names = depends_on(rule)
    groups: dict[Key, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    makers: dict[Key, Maker] = {}
    for number, run in enumerate(runs):
        given = rule.hyperparameters(**run.hyperparameters)
        if not np.isfinite(run.l2) or run.l2 < 0:
            raise ValueError(f"l2 = {run.l2}, expected a finite number of at least 0")
        values = tabled(given)
        key = (run.schedule, run.l2 > 0, *(values[name] for name in names))
        groups[key][run.seed].append(number)
        if key not in makers:
            _rate(run, steps)  # a schedule that cannot be used is refused before any training
            makers[key] = functools.partial(_step_tables, rule, run, steps)
    seeded = [(members, key) for key, seeds in groups.items() for members in seeds.values()]
    return seeded, makers


def _step_tables(rule: Rule, run: Run, steps: int) -> StepTables:
    given = rule.hyperparameters(**run.hyperparameters)
    return step_tables(rule, given, steps, _rate(run, steps), run.l2 > 0)


def _rate(run: Run, steps: int) -> NDArray[np.float64] | None:
    if run.schedule is None:
        return None
    factors = np.asarray(run.schedule(np.arange(1.0, steps + 1)), np.float64)
    if factors.shape != (steps,) or not np.all(np.isfinite(factors)):
        raise ValueError(f"a schedule gives one finite factor for each of the {steps} steps")
    if (factors < 0).any():
        step = int(np.argmax(factors < 0)) + 1
        raise ValueError(
            f"a schedule gives the factor {factors[step - 1]} at step {step}, expected at least 0"
        )
    return np.concatenate([[1.0], factors])
