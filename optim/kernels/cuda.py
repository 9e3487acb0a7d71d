"""Linear models over CSR rows, trained by any rule, on GPUs: a thread is a run.

A block of threads is a team of TEAM warps that trains LANES runs sharing a sample order and tables.
A row's non-zeros are dealt out to the warps of the team, so that all their reads are under way at
once; what is read of a coordinate stands side by side for the runs of a warp, one line of 128
bytes. No two warps of a team touch the same coordinate, because no row names a feature twice
(`optim.problem` refuses one). Source for `optim.compiled`, as in `optim.kernels.linear`, with
another axis in front: `coordinates` [blocks, (features + 1) * STRIDE], `last` [blocks, features +
1], `hyper` [blocks, HYPERPARAMETERS], each of `tables`, `rate` and `scalars` [groups, ...], and
`shares` [blocks, 2], the number of a block's order and of its group.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import cuda

from optim.kernels.functions import (
    HYPERPARAMETERS,
    LANES,
    LAZY,
    STRIDE,
    catch_up,
    schedule,
    step,
)
from optim.kernels.functions import logistic as loss

TEAM = 1


def tables_of(tables: Any, group: int) -> Any:  # noqa: ARG001
    """Hold the place of what returns a group's part of each table."""
    raise TypeError("this kernel has no rule yet: use optim.compiled.cuda_kernels")


def begin(coordinates: Any, shares: Any, weights: Any, states: Any) -> None:
    """Write the first coordinates; a grid of (blocks, any).

    From `weights` [orders, features + 1] and `states` [blocks, at least the states, LANES].
    """
    block, lane = cuda.blockIdx.x, cuda.threadIdx.x
    for j in range(
        cuda.blockIdx.y * TEAM + cuda.threadIdx.y, weights.shape[1], cuda.gridDim.y * TEAM
    ):
        base = j * STRIDE + lane
        coordinates[block, base] = weights[shares[block, 0], j]
        for k in range(1, STRIDE // LANES):
            coordinates[block, base + k * LANES] = states[block, k - 1, lane]


def train_singly(
    indptr: Any,
    indices: Any,
    values: Any,
    labels: Any,
    orders: Any,
    shares: Any,
    all_coordinates: Any,
    all_last: Any,
    all_tables: Any,
    rate: Any,
    scalars: Any,
    all_hyper: Any,
    sampled: Any,
    summed: Any,
    diverged: Any,
    first_step: int,
    start: int,
    stop: int,
    thin: int,
    intercept: bool,
) -> None:
    """Take one update a sample for positions `start` to `stop` of the `orders` [orders, n].

    `sampled` and `summed` [blocks, ceil(n / thin), LANES] receive the loss at every `thin`-th
    sample and the sum (added to what is there) of each `thin` losses; `diverged` [blocks, LANES] as
    on the CPU; `first_step` is the step of position 0. One loop, whose passes over a row share what
    is in a thread's registers and the team's memory: parted, it would hand over a dozen of them.
    """
    lane, member, block = cuda.threadIdx.x, cuda.threadIdx.y, cuda.blockIdx.x
    r = np.uintp(lane)
    partial = cuda.shared.array((TEAM, LANES), np.float32)
    now = cuda.shared.array(HYPERPARAMETERS, np.float32)
    order, group = orders[shares[block, 0]], shares[block, 1]
    tables, given = tables_of(all_tables, group), all_hyper[block]
    coordinates, last = all_coordinates[block], all_last[block]
    constant = np.uintp(coordinates.size - STRIDE)
    if member == 0:
        for c in range(HYPERPARAMETERS // LANES):
            now[c * LANES + lane] = given[c * LANES + lane]
    total = 0.0
    row = order[start] if start < stop else 0
    head, tail, label = indptr[row], indptr[row + 1], labels[row]
    for position in range(start, stop):
        t = first_step + position
        # Where the next row lies is read a step ahead.
        coming = order[position + 1] if position + 1 < stop else row
        next_head, next_tail, next_label = indptr[coming], indptr[coming + 1], labels[coming]
        here = scalars[group, t]
        if member == 0:
            schedule(now[lane:], given[lane:], rate[group, t], 1)
        z = np.float32(0)
        if member == 0:
            z = coordinates[constant + r]
        for p in range(head + member, tail, TEAM):
            j = np.uintp(indices[p])
            base = j * np.uintp(STRIDE)
            if LAZY:
                idle = t - 1 - last[j]
                if idle > 0:
                    catch_up(coordinates, base, r, last[j], idle, tables, given)
            z += values[p] * coordinates[base + r]
        partial[member, lane] = z
        half = TEAM // 2
        while half > 0:
            cuda.syncthreads()
            if member < half:
                partial[member, lane] += partial[member + half, lane]
            half //= 2
        cuda.syncthreads()
        value, slope = loss(partial[0, lane], label)
        if member == 0:
            total += value
            if position % thin == 0:
                sampled[block, position // thin, lane] = value
            if position % thin == thin - 1 or position == stop - 1:
                summed[block, position // thin, lane] += total
                total = 0.0
            if diverged[block, lane] == 0 and not math.isfinite(value):
                diverged[block, lane] = t
        for p in range(head + member, tail, TEAM):
            j = np.uintp(indices[p])
            step(coordinates, j * np.uintp(STRIDE), r, slope * values[p], here, now)
            if LAZY and lane == 0:
                last[j] = t
        # The last of the team has the fewest non-zeros: it takes the intercept.
        if intercept and member == TEAM - 1:
            step(coordinates, constant, r, slope, here, now)
        head, tail, label = next_head, next_tail, next_label
        # The next row may give this coordinate to another warp, and overwrites what was shared.
        cuda.syncthreads()


def settle(coordinates: Any, last: Any, shares: Any, tables: Any, hyper: Any, t: int) -> None:
    """Let every coordinate catch up to step `t`; `mark` must follow. A grid of (blocks, any)."""
    block = cuda.blockIdx.x
    mine = tables_of(tables, shares[block, 1])
    for j in range(
        cuda.blockIdx.y * TEAM + cuda.threadIdx.y, last.shape[1] - 1, cuda.gridDim.y * TEAM
    ):
        idle = t - last[block, j]
        if idle > 0:
            catch_up(
                coordinates[block], np.uintp(j) * np.uintp(STRIDE), np.uintp(cuda.threadIdx.x),
                last[block, j], idle, mine, hyper[block],
            )  # fmt: skip


def mark(last: Any, t: int) -> None:
    """Write that every coordinate has caught up to step `t`. A grid of (blocks, any)."""
    first = (cuda.blockIdx.y * TEAM + cuda.threadIdx.y) * LANES + cuda.threadIdx.x
    for j in range(first, last.shape[1], cuda.gridDim.y * TEAM * LANES):
        last[cuda.blockIdx.x, j] = t


def evaluate(
    indptr: Any,
    indices: Any,
    values: Any,
    labels: Any,
    coordinates: Any,
    margins: Any,
    total: Any,
    right: Any,
    keep: bool,
) -> None:
    """Sum each thread's part of the losses, and of the rows on the right side of zero.

    `total` and `right` are [blocks, parts, LANES], parts being TEAM times the grid's second
    dimension; `margins` [blocks, rows, LANES] are written only to `keep` them.
    """
    block, lane = cuda.blockIdx.x, cuda.threadIdx.x
    part = cuda.blockIdx.y * TEAM + cuda.threadIdx.y
    mine, r = coordinates[block], np.uintp(lane)
    losses, hits = 0.0, 0
    for row in range(part, labels.size, total.shape[1]):
        z = mine[np.uintp(mine.size - STRIDE) + r]
        for p in range(indptr[row], indptr[row + 1]):
            z += values[p] * mine[np.uintp(indices[p]) * np.uintp(STRIDE) + r]
        losses += loss(z, labels[row])[0]
        if (z > 0) == (labels[row] > 0):
            hits += 1
        if keep:
            margins[block, row, lane] = z
    total[block, part, lane] = losses
    right[block, part, lane] = hits
