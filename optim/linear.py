"""The linear engine: logistic or squared-loss models over CSR rows, many runs for one pass."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from optim import gpu, gpu_sweep, memory
from optim.block import Block, Measured, Trained
from optim.compiled import kernels
from optim.divergence import first_steps, without_results
from optim.plan import WIDTHS, Key, Maker, Part, Plan, Run, grouped, parts, stretch
from optim.problem import Problem, Rows
from optim.rule import Rule
from optim.step_tables import Shared, StepTables

MANY = 256
"""Runs from which on a GPU is worth its trouble: fewer are trained as fast by some ten cores."""

Device = Literal["auto", "cpu", "cuda"]


@dataclasses.dataclass(frozen=True)
class History:
    """What a sweep of R runs left behind; losses are means over rows, without a penalty.

    `measured[split][name]` is [epochs + 1, R] with row 0 before training; the names are loss and,
    for classification, accuracy and (but on "train") f1 and auc. `sampled_steps` [k] counts the
    samples seen before each of the `sampled_losses` [k, R]; `mean_losses` [k, R] are means over
    the samples from one sampled step to the next. `seconds` [epochs + 1, R] is the training time
    of a run's block, shared by the `shared_by` [R] runs in it, without compiling
    (`compile_seconds`), tables (`table_seconds`) or measuring. `diverged` [R] is the first step
    whose loss (of the last, whose weights) was not finite, 0 for none: from the end of its epoch
    on, nothing measured of that run is finite. `weights` [features + 1, R] end with the intercept;
    `device` says where they trained: "cpu", "cuda (its name)" or "cuda (simulated)".
    """

    measured: Measured
    sampled_steps: NDArray[np.int64]
    sampled_losses: NDArray[np.float64]
    mean_losses: NDArray[np.float64]
    seconds: NDArray[np.float64]
    shared_by: NDArray[np.int64]
    compile_seconds: float
    table_seconds: float
    updates: int
    diverged: NDArray[np.int64]
    weights: NDArray[np.float32]
    device: str


def train(
    problem: Problem,
    rule: Rule,
    runs: Sequence[Run],
    *,
    epochs: int,
    batch: int = 1,
    thin: int = 100,
    width: int | None = None,
    cores: int | None = None,
    device: Device = "auto",
    only: range | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> History:
    """Train a sweep and return its History, the runs in the order given.

    Runs with the same seed share their start and sample order. They are trained in blocks of up to
    `width` at once (1, 8, 16 or 32; the best fit if not given) on `cores` threads (all that this
    process may use if not given); neither changes a result beyond float32 rounding, and `cores`
    not by a bit. Of `runs` the History holds those at `only` (all if not given), to the bit as they
    are among all: so a sweep may be split over jobs, each with all `runs` and a stretch of its own,
    of which the blocks that hold one of it are trained. A run that diverges goes on as not-a-number
    in its own lane and leaves its neighbours alone. `device` "auto" takes GPUs where there are any
    (not simulated ones) and the sweep is one for them, of MANY runs or more; "cuda" takes them or
    raises RuntimeError (no GPU) or ValueError (not a sweep for them, and why); `width` and `cores`
    are the CPU's. `progress` is called with the share done.
    """
    _check(rule, runs, epochs, batch, thin, width)
    samples = problem.train.labels.size
    plan = Plan(problem, rule, runs, stretch(only, len(runs)), epochs, batch, thin)
    groups, makers = grouped(rule, runs, plan.steps)
    weights = np.empty((problem.features + 1, len(plan.only)), np.float32)
    began = time.perf_counter()
    tables = _tables_for_gpus(device, rule, batch, len(runs), makers)
    if tables is not None:
        seconds = time.perf_counter() - began
        places, done = _train_on_gpus(plan, groups, tables, weights, progress)
        done = dataclasses.replace(done, table_seconds=seconds)
    else:
        places, done = _train_on_cores(plan, groups, makers, weights, width, cores, progress)
    joined = _joined(places, done)
    diverged = first_steps(joined["measured"], joined["diverged"], weights, epochs, plan.steps)
    joined |= {
        "diverged": diverged,
        "measured": without_results(joined["measured"], diverged, plan.steps // epochs),
    }
    return History(
        **joined,
        sampled_steps=np.concatenate(
            [epoch * samples + np.arange(0, samples, plan.stride) for epoch in range(epochs)]
        ),
        compile_seconds=done.compile_seconds,
        table_seconds=done.table_seconds,
        updates=plan.steps,
        weights=weights,
        device=done.device,
    )


def _check(
    rule: Rule, runs: Sequence[Run], epochs: int, batch: int, thin: int, width: int | None
) -> None:
    """Raise ValueError on what no engine could train."""
    if epochs < 1 or batch < 1 or thin < 1:
        raise ValueError(
            f"epochs, batch and thin are at least 1, found {epochs}, {batch} and {thin}"
        )
    if not runs:
        raise ValueError("a sweep needs at least one run")
    if not rule.coordinatewise:
        raise ValueError(f"{rule.name} is not coordinate-wise: the linear engine cannot run it")
    if width is not None and width not in WIDTHS:
        raise ValueError(f"width is one of {WIDTHS}, found {width}")


def _tables_for_gpus(
    device: Device, rule: Rule, batch: int, runs: int, makers: Mapping[Key, Maker]
) -> dict[Key, StepTables] | None:
    """All tables, where the sweep is to train on GPUs; None where it is to train on the CPU.

    ValueError or RuntimeError where a GPU is demanded for what it cannot do, or there is none.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device is 'auto', 'cpu' or 'cuda', found {device!r}")
    if device == "cuda":
        gpu.demanded()
    elif device == "cpu" or runs < MANY or gpu.simulated() or not gpu.present():
        return None
    tables = {}
    obstacle = gpu.obstacle(rule, batch, dense=False)
    if obstacle is None:
        tables = {key: make() for key, make in makers.items()}
        obstacle = gpu.obstacle(rule, batch, any(each.dense for each in tables.values()))
    if obstacle is None:
        return tables
    if device == "cuda":
        raise ValueError(f"device = 'cuda': {obstacle}; train with device = 'cpu' or 'auto'")
    return None


def _train_on_gpus(
    plan: Plan,
    groups: list[tuple[list[int], Key]],
    tables: Mapping[Key, StepTables],
    weights: NDArray[np.float32],
    progress: Callable[[float], None],
) -> tuple[list[list[int]], gpu.Done]:
    blocks = parts(plan, groups, gpu_sweep.LANES)
    lanes = [
        gpu_sweep.Lanes(
            plan.given(block.members), plan.runs[block.members[0]].seed, tables[block.key]
        )
        for block in blocks
    ]
    report = _counter(progress, len(blocks) * plan.epochs)
    done = gpu.train_on_gpus(
        plan.problem, plan.rule, lanes, epochs=plan.epochs, thin=plan.thin, progress=report,
        among=sum(-(-len(members) // gpu_sweep.LANES) for members, _ in groups),
    )  # fmt: skip
    kept = [
        _kept(plan, block.members, trained, weights)
        for block, trained in zip(blocks, done.trained, strict=True)
    ]
    places = [plan.lanes(block.members) for block in blocks]
    return places, dataclasses.replace(done, trained=kept)


def _train_on_cores(
    plan: Plan,
    groups: list[tuple[list[int], Key]],
    makers: Mapping[Key, Maker],
    weights: NDArray[np.float32],
    width: int | None,
    cores: int | None,
    progress: Callable[[float], None],
) -> tuple[list[list[int]], gpu.Done]:
    """Train in blocks as wide, and as many at once, as the memory holds."""
    problem, rule = plan.problem, plan.rule
    kept = memory.kept_bytes(problem, len(plan.only), plan.epochs, plan.stride)
    widths = (width,) if width else WIDTHS
    widest, at_once = memory.fitting(problem, rule, plan.steps, widths, kept)
    blocks = parts(plan, groups, widest)
    uses = Counter(block.key for block in blocks)
    shared = {key: Shared(makers[key], count) for key, count in uses.items()}
    report = _counter(progress, len(blocks) * plan.epochs)
    compiled = _Compiled(plan.batch)

    def train_part(part: Part, kernel: ModuleType) -> Trained:
        members = part.members
        with shared[part.key].borrowed() as tables:
            block = Block(
                problem, rule, kernel, plan.given(members),
                tuple(plan.runs[i].l2 for i in members), plan.runs[members[0]].seed, tables,
            )  # fmt: skip
            compiled.for_block(block)
            trained = block.train(plan.epochs, plan.batch, plan.thin, report)
        return _kept(plan, members, trained, weights)

    modules = [kernels(rule, problem.loss, width or part.width) for part in blocks]
    usable = cores or len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(min(usable, len(blocks), at_once)) as pool:
        trained = list(pool.map(train_part, blocks, modules))
    return [plan.lanes(part.members) for part in blocks], gpu.Done(
        trained,
        [len(part.members) for part in blocks],
        compiled.seconds,
        "cpu",
        sum(each.seconds for each in shared.values()),
    )


def _kept(
    plan: Plan, members: list[int], trained: Trained, weights: NDArray[np.float32]
) -> Trained:
    """What is kept of a block: the runs asked for, whose weights move to those of all."""
    asked = plan.asked(members)
    weights[:, plan.lanes(members)] = trained.weights[:, asked]
    return Trained(
        measured={
            split: {name: values[..., asked] for name, values in measured.items()}
            for split, measured in trained.measured.items()
        },
        sampled_losses=trained.sampled_losses[..., asked],
        mean_losses=trained.mean_losses[..., asked],
        seconds=trained.seconds[..., asked],
        diverged=trained.diverged[..., asked],
        weights=trained.weights[:0].copy(),
    )


class _Compiled:
    """Compiles (or loads) the kernels that blocks need, each once; counts the seconds."""

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._lock = threading.Lock()
        self._seen: set[tuple[ModuleType, bool]] = set()
        self.seconds = 0.0

    def for_block(self, block: Block) -> None:
        """Train the block on two rows, unless one like it was seen before."""
        kind = (block.kernels, block.steps.dense)
        with self._lock:
            if kind in self._seen:
                return
            began = time.perf_counter()
            rows = block.problem.train
            few = Rows(rows.indptr[:3], rows.indices, rows.values, rows.labels[:2])
            evaluation = dict.fromkeys(list(block.problem.evaluation)[:1], few)
            small = dataclasses.replace(block.problem, evaluation={})
            object.__setattr__(small, "train", few)
            object.__setattr__(small, "evaluation", evaluation)
            dataclasses.replace(block, problem=small).train(1, self._batch, 1)
            self._seen.add(kind)
            self.seconds += time.perf_counter() - began


def _counter(progress: Callable[[float], None], total: int) -> Callable[[], None]:
    """A function that threads call for each epoch done, and that reports the share."""
    lock = threading.Lock()
    done = 0

    def report() -> None:
        nonlocal done
        with lock:
            done += 1
            progress(done / total)

    return report


def _joined(places: list[list[int]], done: gpu.Done) -> dict[str, Any]:
    """The blocks' arrays side by side, each run at its place."""
    trained = done.trained
    order = np.argsort([lane for block in places for lane in block])

    def side_by_side(arrays: list[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate(arrays, axis=-1)[..., order]

    first = trained[0].measured
    return {
        "measured": {
            split: {
                name: side_by_side([block.measured[split][name] for block in trained])
                for name in first[split]
            }
            for split in first
        },
        "shared_by": np.repeat(done.shared_by, [len(block) for block in places])[order],
        **{
            name: side_by_side([getattr(block, name) for block in trained])
            for name in ("sampled_losses", "mean_losses", "seconds", "diverged")
        },
    }
