"""The linear engine: logistic or squared-loss models over CSR rows, many runs for one pass."""

from __future__ import annotations

import dataclasses
import functools
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any, Literal

import numpy as np

from optim import gpu, memory
from optim.block import Block, Trained
from optim.compiled import kernels
from optim.divergence import first_steps, without_results
from optim.problem import Problem, Rows
from optim.rule import Rule
from optim.step_tables import Shared, StepTables, depends_on, step_tables
from optim.zero_gradient import tabled

WIDTHS = (1, 8, 16, 32)
"""Numbers of runs that kernels are compiled for; a block is padded to the next one."""

MANY = 256
"""Runs from which on a GPU is worth its trouble: fewer are trained as fast by some ten cores."""

Schedule = Callable[[np.ndarray], np.ndarray]
Key = tuple[Any, ...]
"""Whatever tables depend on: runs with the same may share a block."""

Maker = Callable[[], StepTables]
Device = Literal["auto", "cpu", "cuda"]


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

    measured: dict[str, dict[str, np.ndarray]]
    sampled_steps: np.ndarray
    sampled_losses: np.ndarray
    mean_losses: np.ndarray
    seconds: np.ndarray
    shared_by: np.ndarray
    compile_seconds: float
    table_seconds: float
    updates: int
    diverged: np.ndarray
    weights: np.ndarray
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
    progress: Callable[[float], None] = lambda _share: None,
) -> History:
    """Train a sweep and return its History, the runs in the order given.

    Runs with the same seed share their start and sample order. They are trained in blocks of up to
    `width` at once (1, 8 or 32; the best fit if not given) on `cores` threads (all that this
    process may use if not given); neither changes a result beyond float32 rounding, and `cores`
    not by a bit. A run that diverges goes on as not-a-number in its own lane and leaves its
    neighbours alone. `device` "auto" takes GPUs where there are any (not simulated ones) and the
    sweep is one for them, of MANY runs or more; "cuda" takes them or raises RuntimeError (no GPU)
    or ValueError (not a sweep for them, and why); `width` and `cores` are the CPU's. `progress` is
    called with the share done.
    """
    _check(rule, runs, epochs, batch, thin, width)
    samples = problem.train.labels.size
    plan = Plan(problem, rule, runs, epochs, batch, thin)
    groups, makers = _groups(rule, runs, plan.steps)
    weights = np.empty((problem.features + 1, len(runs)), np.float32)
    began = time.perf_counter()
    tables = _tables_for_gpus(device, rule, batch, len(runs), makers)
    if tables is not None:
        seconds = time.perf_counter() - began
        parts, done = _train_on_gpus(plan, groups, tables, weights, progress)
        done = dataclasses.replace(done, table_seconds=seconds)
    else:
        parts, done = _train_on_cores(plan, groups, makers, weights, width, cores, progress)
    joined = _joined(parts, done)
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


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is asked of a sweep; arguments of `train`."""

    problem: Problem
    rule: Rule
    runs: Sequence[Run]
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
    weights: np.ndarray,
    progress: Callable[[float], None],
) -> tuple[list[list[int]], gpu.Done]:
    parts = [(part, key) for members, key in groups for part in _parts(members, gpu.LANES)]
    blocks = [
        gpu.Lanes(_given(plan, part), plan.runs[part[0]].seed, tables[key]) for part, key in parts
    ]
    report = _counter(progress, len(blocks) * plan.epochs)
    done = gpu.train_on_gpus(
        plan.problem, plan.rule, blocks, epochs=plan.epochs, thin=plan.thin, progress=report
    )
    numbers = [part for part, _ in parts]
    kept = [_kept(*each, weights) for each in zip(numbers, done.trained, strict=True)]
    return numbers, dataclasses.replace(done, trained=kept)


def _train_on_cores(
    plan: Plan,
    groups: list[tuple[list[int], Key]],
    makers: Mapping[Key, Maker],
    weights: np.ndarray,
    width: int | None,
    cores: int | None,
    progress: Callable[[float], None],
) -> tuple[list[list[int]], gpu.Done]:
    """Train in blocks as wide, and as many at once, as the memory holds."""
    problem, rule = plan.problem, plan.rule
    kept = memory.kept_bytes(problem, len(plan.runs), plan.epochs, plan.stride)
    widths = (width,) if width else WIDTHS
    widest, at_once = memory.fitting(problem, rule, plan.steps, widths, kept)
    parts = [(part, key) for members, key in groups for part in _parts(members, widest)]
    uses = Counter(key for _, key in parts)
    shared = {key: Shared(makers[key], count) for key, count in uses.items()}
    report = _counter(progress, len(parts) * plan.epochs)
    compiled = _Compiled(plan.batch)

    def train_part(members: list[int], key: Key, kernel: ModuleType) -> Trained:
        with shared[key].borrowed() as tables:
            block = Block(
                problem, rule, kernel, _given(plan, members),
                tuple(plan.runs[i].l2 for i in members), plan.runs[members[0]].seed, tables,
            )  # fmt: skip
            compiled.for_block(block)
            trained = block.train(plan.epochs, plan.batch, plan.thin, report)
        return _kept(members, trained, weights)

    numbers, keys = zip(*parts, strict=True)
    lanes = [width or next(size for size in WIDTHS if size >= len(part)) for part in numbers]
    modules = [kernels(rule, problem.loss, count) for count in lanes]
    usable = cores or len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(min(usable, len(parts), at_once)) as pool:
        trained = list(pool.map(train_part, numbers, keys, modules))
    return list(numbers), gpu.Done(
        trained,
        [len(part) for part in numbers],
        compiled.seconds,
        "cpu",
        sum(each.seconds for each in shared.values()),
    )


def _given(plan: Plan, members: list[int]) -> tuple[dict[str, float], ...]:
    """Hyper-parameters of runs, by number."""
    return tuple(plan.rule.hyperparameters(**plan.runs[i].hyperparameters) for i in members)


def _kept(members: list[int], trained: Trained, weights: np.ndarray) -> Trained:
    """What is kept of a block: its weights move to those of all runs, held but once."""
    weights[:, members] = trained.weights
    return dataclasses.replace(trained, weights=trained.weights[:0].copy())


def _groups(
    rule: Rule, runs: Sequence[Run], steps: int
) -> tuple[list[tuple[list[int], Key]], dict[Key, Maker]]:
    """Runs that may share a block, by number, and what makes the tables of each.

    Groups with the same tables stand side by side, so that few tables are there at once.
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


def _rate(run: Run, steps: int) -> np.ndarray | None:
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


def _parts(members: list[int], size: int) -> list[list[int]]:
    """Members split into blocks of at most `size`."""
    return [members[first : first + size] for first in range(0, len(members), size)]


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


def _joined(parts: list[list[int]], done: gpu.Done) -> dict:
    """The blocks' arrays side by side, in the order in which the runs were given."""
    trained = done.trained
    order = np.argsort([number for part in parts for number in part])

    def side_by_side(arrays: list[np.ndarray]) -> np.ndarray:
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
        "shared_by": np.repeat(done.shared_by, [len(part) for part in parts])[order],
        **{
            name: side_by_side([getattr(block, name) for block in trained])
            for name in ("sampled_losses", "mean_losses", "seconds", "diverged")
        },
    }
