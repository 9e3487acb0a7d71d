"""What depends on the step alone: a schedule's factors, a rule's scalars, tables of skipped steps.

They can be larger than the weights, so blocks of runs borrow them: made when the first block that
needs them starts, freed when the last one ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from optim.compiled import column_count, scalar_count, table_names, whole_tables
from optim.rule import Rule, parameters
from optim.zero_gradient import tables as zero_gradient_tables

BEYOND = 4096
"""Steps after the last that tables are computed for, so that their sums settle before the end."""

SETTLED = 3e-8
"""Relative change below which a row is the last one: half a unit in the last place of float32."""


COLUMNS_MEANWHILE = 5
"""Columns of float64 that are alive at once while a column of a table is made, at most."""


@dataclasses.dataclass(frozen=True)
class StepTables:
    """What depends on the step alone: float32 arrays over t = 0..T, and whether runs are dense."""

    rate: NDArray[np.float32]
    scalars: NDArray[np.float32]
    tables: tuple[NDArray[np.float32], ...]
    dense: bool


def step_tables(
    rule: Rule,
    hyperparameters: Mapping[str, float],
    steps: int,
    rate: NDArray[np.float64] | None,
    penalised: bool,
) -> StepTables:
    """Tables of `steps` steps; `rate` [steps + 1] are a schedule's factors, ones if not given."""
    factors = np.ones(steps + 1) if rate is None else np.asarray(rate, np.float64)
    scalars = np.zeros((steps + 1, scalar_count(rule)), np.float32)
    scheduled = {
        name: value * factors[1:] if name in rule.scheduled else value
        for name, value in hyperparameters.items()
    }
    for k, column in enumerate(rule.scalars(np.arange(1.0, steps + 1), scheduled)):
        scalars[1:, k] = column
    # Without a schedule, sums over later steps are those of a training that goes on for ever.
    beyond = BEYOND if rate is None else 0
    tabled = (
        None if penalised else zero_gradient_tables(rule, steps + beyond, hyperparameters, rate)
    )
    skipped = rule.zero_gradient_is_idle or tabled is not None
    # A dense run reads no table, but the kernel is compiled for arrays of their dimensions.
    shapes = tabled or zero_gradient_tables(rule, 1, rule.hyperparameters()) or {}
    whole = whole_tables(rule)
    return StepTables(
        rate=factors.astype(np.float32),
        scalars=scalars,
        tables=tuple(
            (table if name in whole else until_settled(table[: steps + 1])).astype(np.float32)
            for name, table in ((name, shapes[name]) for name in table_names(rule))
        ),
        dense=penalised or not skipped,
    )


def until_settled(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rows of a table up to where they no longer change in single precision.

    The kernels read the last row for all later ones: a table that fits the processor's cache is
    read many times faster.
    """
    with np.errstate(invalid="ignore"):  # a bound may be infinite, and is then not below itself
        change = np.abs(table - table[-1]) > SETTLED * np.abs(table[-1])
    moving = np.flatnonzero(change.reshape(len(table), -1).any(axis=1))
    return table[: moving[-1] + 2] if moving.size else table[:1]


def depends_on(rule: Rule) -> tuple[str, ...]:
    """Hyper-parameters that `step_tables` depends on: runs of a block have them in common.

    Among them may be `lr_weight_decay`, as `optim.zero_gradient.tabled` gives it.
    """
    functions = [function for function in (rule.per_step, rule.tables) if function]
    names = {name for function in functions for name in parameters(function)}
    return tuple(name for name in (*rule.defaults, "lr_weight_decay") if name in names)


def building_bytes(rule: Rule, steps: int) -> int:
    """Bytes that making the tables of `steps` steps takes at most, the tables included."""
    columns = sum(column_count(rule, name) or 1 for name in table_names(rule))
    return 8 * (steps + BEYOND + 1) * (COLUMNS_MEANWHILE * columns + 2 * scalar_count(rule) + 4)


class Shared:
    """Tables that `uses` blocks borrow, one after another or at once; safe between threads."""

    def __init__(self, make: Callable[[], StepTables], uses: int) -> None:
        self._make, self._uses = make, uses
        self._lock = threading.Lock()
        self._tables: StepTables | None = None
        self.seconds = 0.0

    @contextlib.contextmanager
    def borrowed(self) -> Iterator[StepTables]:
        """Lend the tables; the first to come waits for their making, the last frees them."""
        with self._lock:
            if self._tables is None:
                began = time.perf_counter()
                self._tables = self._make()
                self.seconds += time.perf_counter() - began
            tables = self._tables
        try:
            yield tables
        finally:
            del tables
            with self._lock:
                self._uses -= 1
                if self._uses == 0:
                    self._tables = None
