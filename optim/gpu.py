"""Sweeps on GPUs: which there are, what fits into their memory, and the launches that train.

The kernels are in `optim.kernels.cuda`. Sample orders and first weights are drawn by the same
generators as on the CPU, so that both train the same runs. Where NUMBA_ENABLE_CUDASIM=1 is set
before numba is first imported, everything runs in numba-cuda's simulator: the same code, slowly,
and every result says that it was simulated.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from optim.block import Trained
from optim.compiled import cuda_kernels
from optim.gpu_sweep import LANES, MARGINS_AT_ONCE, Lanes, Sweep, ranked, resident
from optim.problem import Problem
from optim.rule import Rule
from optim.step_tables import StepTables

WARPS = 32
"""Warps a multiprocessor can hold where each thread has 64 registers, which the kernels need."""

LAZY_WARPS = 16
"""The same for a rule that catches up on steps of zero gradient: 128 registers."""

FILLED = 0.9
"""Share of the free memory that a round may take."""


@dataclasses.dataclass(frozen=True)
class Gpu:
    """A GPU by its number and name, and how many multiprocessors it has."""

    number: int
    name: str
    processors: int


@dataclasses.dataclass(frozen=True)
class Done:
    """What was trained, the runs that shared each one's time, and on what; seconds beside."""

    trained: list[Trained]
    shared_by: list[int]
    compile_seconds: float
    device: str
    table_seconds: float = 0.0


def simulated() -> bool:
    """Tell whether CUDA is numba-cuda's simulator in this process."""
    from numba.cuda.core import config

    return bool(config.ENABLE_CUDASIM)


def present() -> list[Gpu]:
    """Return the GPUs of this machine; in the simulator its one."""
    from numba import cuda

    if simulated():
        return [Gpu(0, "simulator", 1)]
    if not cuda.is_available():
        return []
    return [
        Gpu(number, device.name, device.MULTIPROCESSOR_COUNT)
        for number, device in enumerate(cuda.gpus)
    ]


def demanded() -> list[Gpu]:
    """Return the GPUs of this machine, or raise RuntimeError where there is none."""
    from numba import cuda

    if gpus := present():
        return gpus
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    raise RuntimeError(
        "device = 'cuda', but no GPU was found: looked for an NVIDIA driver and its GPUs by "
        f"numba-cuda, with CUDA_VISIBLE_DEVICES {'not set' if visible is None else repr(visible)}; "
        f"it says: {' '.join((cuda.cuda_error() or 'no GPU is visible').split())} Make `nvidia-smi`"
        " list a GPU, or train with device = 'cpu' (or 'auto', which takes a GPU where there is one"
        ")"
    )


def obstacle(rule: Rule, batch: int, dense: bool) -> str | None:
    """Say why a sweep cannot be trained on a GPU, or None where it can."""
    if batch != 1:
        return f"batches of {batch}: the GPU's kernel takes one sample a step"
    if dense:
        because = rule.dense_because or "of a penalty, a schedule or its hyper-parameters"
        return f"{rule.name} must update every weight at every step here, because {because}"
    return None


def team_size(blocks: int, processors: int, most: int) -> int:
    """Warps that share a block's row: a power of two that fills a GPU, with `most` on a processor.

    A warp waits for memory most of the time: the more of them wait at once, the better.
    """
    team = 1
    while 2 * team <= most and 2 * team * blocks <= most * processors:
        team *= 2
    return team


def rounds(blocks: int, block_bytes: int, free: float) -> list[tuple[int, int]]:
    """Split blocks into as few rounds as `free` bytes hold, all about as large: (first, stop).

    Raises MemoryError where not even one block fits.
    """
    at_once = int(min(FILLED * free / block_bytes, blocks))
    if at_once < 1:
        raise MemoryError(
            f"{LANES} runs need {block_bytes / 2**30:.3g} GiB on the GPU and {FILLED:.0%} of its "
            f"{free / 2**30:.3g} GiB free may be used: end what else runs there, or train with "
            "device = 'cpu'"
        )
    edges = np.linspace(0, blocks, -(-blocks // at_once) + 1).astype(int)
    return [(int(first), int(stop)) for first, stop in itertools.pairwise(edges)]


def block_bytes(problem: Problem, rule: Rule, tables: Sequence[StepTables], thin: int) -> int:
    """Bytes that a block takes on the GPU, if it shared neither order nor tables with another."""
    features, samples = problem.features + 1, problem.train.labels.size
    largest = max(
        sum(array.nbytes for array in (step.rate, step.scalars, *step.tables)) for step in tables
    )
    per_feature = 4 * LANES * (1 + len(rule.state)) + 4 + 4  # with `last` and the first weights
    sampled = -(-samples // thin) * LANES * (4 + 8)
    # A rule without scalars has a column of them all the same.
    column = 4 * max(len(step.rate) for step in tables)
    return features * per_feature + largest + column + 4 * samples + sampled


def train_on_gpus(
    problem: Problem,
    rule: Rule,
    blocks: Sequence[Lanes],
    *,
    epochs: int,
    thin: int,
    among: int,
    progress: Callable[[], None],
) -> Done:
    """Train all blocks, split over the GPUs there are, each by a thread of its own.

    On each in as many rounds as its memory asks for. They are blocks of a sweep of `among`, by
    which the teams are chosen: where the others are trained changes no sum. `progress` is called
    for each block and epoch.
    """
    gpus = demanded()[: len(blocks)]
    parts = np.array_split(np.arange(len(blocks)), len(gpus))

    def on_one(gpu: Gpu, part: NDArray[np.int64]) -> Done:
        mine = [blocks[number] for number in part]
        return _on_one_gpu(gpu, problem, rule, mine, epochs, thin, among, progress)

    with ThreadPoolExecutor(len(gpus)) as pool:
        done = list(pool.map(on_one, gpus, parts))
    return Done(
        trained=[trained for one in done for trained in one.trained],
        shared_by=[count for one in done for count in one.shared_by],
        compile_seconds=max(one.compile_seconds for one in done),
        device="cuda (simulated)" if simulated() else f"cuda ({gpus[0].name})",
    )


def _on_one_gpu(
    gpu: Gpu,
    problem: Problem,
    rule: Rule,
    blocks: list[Lanes],
    epochs: int,
    thin: int,
    among: int,
    progress: Callable[[], None],
) -> Done:
    from numba import cuda

    with cuda.gpus[gpu.number]:
        rows = resident(problem)
        sizes = [r.labels.size for s, r in problem.evaluation.items() if ranked(problem, s)]
        margins = 4 * LANES * MARGINS_AT_ONCE * max(sizes, default=0)
        free = cuda.current_context().get_memory_info().free - margins
        size = block_bytes(problem, rule, [block.steps for block in blocks], thin)
        trained, shared_by, seconds = [], [], 0.0
        for first, stop in rounds(len(blocks), size, free):
            part = blocks[first:stop]
            team = team_size(among, gpu.processors, LAZY_WARPS if rule.skip else WARPS)
            kernels = cuda_kernels(rule, problem.loss, LANES, team)
            sweep = Sweep(problem, rule, part, rows, kernels, thin)
            seconds += sweep.compile()
            trained += sweep.train(epochs, progress)
            shared_by += [sum(len(b.hyperparameters) for b in part)] * len(part)
    return Done(trained, shared_by, seconds, gpu.name)
