"""The linear engine: logistic or squared-loss models over CSR rows, many runs for one pass."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
import psutil

from optim import gpu
from optim.block import Block, StepTables, depends_on, step_tables
from optim.compiled import kernels
from optim.problem import Problem, Rows
from optim.rule import Rule

WIDTHS = (1, 8, 32)
"""Numbers of runs that kernels are compiled for; a block is padded to the next one."""

MANY = 256
"""Runs from which on a GPU is worth its trouble: fewer are trained as fast by some ten cores."""

Schedule = Callable[[np.ndarray], np.ndarray]
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
    whose loss was not finite, 0 for none; `weights` [features + 1, R] end with the intercept;
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
    steps = epochs * -(-problem.train.labels.size // batch)
    began = time.perf_counter()
    groups = _groups(rule, runs, steps)
    table_seconds = time.perf_counter() - began
    dense = any(tables.dense for _, tables in groups)
    if _on_gpus(device, rule, batch, dense, len(runs)):
        parts = [(part, t) for members, t in groups for part in _parts(members, gpu.LANES)]
        done = _train_on_gpus(problem, rule, runs, parts, epochs, thin, progress)
    else:
        parts = [(part, t) for members, t in groups for part in _parts(members, width)]
        blocks = [_block(problem, rule, [runs[i] for i in part], t, width) for part, t in parts]
        done = _train_on_cores(blocks, epochs, batch, thin, cores, progress)
    stride = thin if batch == 1 and not parts[0][1].dense else batch * -(-thin // batch)
    offsets = np.arange(0, problem.train.labels.size, stride)
    return History(
        **_joined([part for part, _ in parts], done),
        sampled_steps=np.concatenate(
            [epoch * problem.train.labels.size + offsets for epoch in range(epochs)]
        ),
        compile_seconds=done.compile_seconds,
        table_seconds=table_seconds,
        updates=steps,
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


def _on_gpus(device: Device, rule: Rule, batch: int, dense: bool, runs: int) -> bool:
    """Decide where to train; ValueError where a GPU is demanded for what it cannot do."""
    if device not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device is 'auto', 'cpu' or 'cuda', found {device!r}")
    obstacle = gpu.obstacle(rule, batch, dense)
    if device == "cuda":
        gpu.demanded()
        if obstacle:
            raise ValueError(f"device = 'cuda': {obstacle}; train with device = 'cpu' or 'auto'")
        return True
    possible = device == "auto" and obstacle is None and runs >= MANY
    return possible and not gpu.simulated() and bool(gpu.present())


def _train_on_gpus(
    problem: Problem,
    rule: Rule,
    runs: Sequence[Run],
    parts: list[tuple[list[int], StepTables]],
    epochs: int,
    thin: int,
    progress: Callable[[float], None],
) -> gpu.Done:
    blocks = [
        gpu.Lanes(
            tuple(rule.hyperparameters(**runs[i].hyperparameters) for i in part),
            runs[part[0]].seed,
            tables,
        )
        for part, tables in parts
    ]
    report = _counter(progress, len(blocks) * epochs)
    return gpu.train_on_gpus(problem, rule, blocks, epochs=epochs, thin=thin, progress=report)


def _train_on_cores(
    blocks: list[Block],
    epochs: int,
    batch: int,
    thin: int,
    cores: int | None,
    progress: Callable[[float], None],
) -> gpu.Done:
    compile_seconds = _warm(blocks, batch)
    report = _counter(progress, len(blocks) * epochs)
    with ThreadPoolExecutor(_workers(blocks, cores)) as pool:
        trained = list(pool.map(lambda block: block.train(epochs, batch, thin, report), blocks))
    return gpu.Done(
        trained, [len(block.hyperparameters) for block in blocks], compile_seconds, "cpu"
    )


def _groups(rule: Rule, runs: Sequence[Run], steps: int) -> Iterable[tuple[list[int], StepTables]]:
    """Runs that may share a block, by number, with their tables: computed once where shared."""
    names = depends_on(rule)
    groups: dict[tuple, list[int]] = defaultdict(list)
    tables: dict[tuple, StepTables] = {}
    for number, run in enumerate(runs):
        given = rule.hyperparameters(**run.hyperparameters)
        if not np.isfinite(run.l2) or run.l2 < 0:
            raise ValueError(f"l2 = {run.l2}, expected a finite number of at least 0")
        shared = (run.schedule, run.l2 > 0, *(given[name] for name in names))
        groups[(run.seed, *shared)].append(number)
        if shared not in tables:
            tables[shared] = step_tables(rule, given, steps, _rate(run, steps), run.l2 > 0)
    return [(members, tables[key[1:]]) for key, members in groups.items()]


def _rate(run: Run, steps: int) -> np.ndarray | None:
    if run.schedule is None:
        return None
    factors = np.asarray(run.schedule(np.arange(1.0, steps + 1)), np.float64)
    if factors.shape != (steps,) or not np.all(np.isfinite(factors)):
        raise ValueError(f"a schedule gives one finite factor for each of the {steps} steps")
    return np.concatenate([[1.0], factors])


def _parts(members: list[int], width: int | None) -> list[list[int]]:
    """Members split into blocks of at most the width."""
    size = width or WIDTHS[-1]
    return [members[first : first + size] for first in range(0, len(members), size)]


def _block(
    problem: Problem, rule: Rule, runs: list[Run], tables: StepTables, width: int | None
) -> Block:
    lanes = width or next(size for size in WIDTHS if size >= len(runs))
    return Block(
        problem=problem,
        rule=rule,
        kernels=kernels(rule, problem.loss, lanes),
        hyperparameters=tuple(rule.hyperparameters(**run.hyperparameters) for run in runs),
        l2=tuple(run.l2 for run in runs),
        seed=runs[0].seed,
        steps=tables,
    )


def _warm(blocks: list[Block], batch: int) -> float:
    """Compile (or load) every kernel that the blocks need, on two rows; return the seconds."""
    began = time.perf_counter()
    seen = set()
    for block in blocks:
        kind = (block.kernels, block.steps.dense)
        if kind not in seen:
            seen.add(kind)
            rows = block.problem.train
            few = Rows(rows.indptr[:3], rows.indices, rows.values, rows.labels[:2])
            evaluation = dict.fromkeys(list(block.problem.evaluation)[:1], few)
            small = dataclasses.replace(block.problem, evaluation={})
            object.__setattr__(small, "train", few)
            object.__setattr__(small, "evaluation", evaluation)
            dataclasses.replace(block, problem=small).train(1, batch, 1)
    return time.perf_counter() - began


def _workers(blocks: list[Block], cores: int | None) -> int:
    """Threads to run on: no more than there are cores, blocks, or memory for."""
    block = blocks[0]
    states = 2 + len(block.rule.state)
    lanes = max(each.kernels.LANES for each in blocks)
    needed = 4 * (block.problem.features + 1) * lanes * states
    room = psutil.virtual_memory().available // (2 * needed)
    usable = cores or len(os.sched_getaffinity(0))
    return max(1, min(usable, len(blocks), room))


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
            for name in ("sampled_losses", "mean_losses", "seconds", "diverged", "weights")
        },
    }
