"""Linear models over CSR rows, trained by any rule, several runs at once, on a CPU.

Runs that share a sample order are innermost, so that a row is read once for all of them and they
fill the vector lanes. The last feature is the intercept, whose input is always one. Every function
here is source for `optim.compiled`, which joins it with a rule and a loss; the number of runs is
a variable and their stride a constant, which is what the compiler vectorises best.

What the functions share: `rows` is (indptr, indices, values, labels); `coordinates` is as
`optim.kernels.functions` lays it out; `last` [features + 1] int32 is the step up to which a
coordinate has caught up; `tables` are the rule's, float32, `rate` [steps + 1] the schedule's
factors, `scalars` [steps + 1, SCALARS] the rule's per-step scalars, the same for all runs of a
block, and `hyper` [HYPERPARAMETERS] flat; `diverged` [runs] receives the first step (from 1) whose
loss is not finite and is 0 until then.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.kernels.functions import (
    HYPERPARAMETERS,
    LANES,
    LAZY,
    SCALARS,
    STRIDE,
    borrow_all,
    catch_up,
    schedule,
    step,
)
from optim.kernels.functions import logistic as loss
from optim.kernels.processor import borrowed, flush_denormals, on_stack, prefetch, restore


def dot_product(values: Any, indices: Any, start: int, stop: int, coordinates: Any) -> Any:
    """Return the sum of `values` times their coordinates' weights: the margin of a single run.

    Four sums, since a single one would wait for each of its additions; spelled out, since a
    compiler that may reassociate takes the processor's gathers, which are slower than its reads.
    """
    stride = np.uintp(STRIDE)
    p, end = np.uintp(start), np.uintp(stop)
    one, two, three, four = np.uintp(1), np.uintp(2), np.uintp(3), np.uintp(4)
    a = b = c = d = np.float32(0)
    while p + three < end:
        a += values[p] * coordinates[np.uintp(indices[p]) * stride]
        b += values[p + one] * coordinates[np.uintp(indices[p + one]) * stride]
        c += values[p + two] * coordinates[np.uintp(indices[p + two]) * stride]
        d += values[p + three] * coordinates[np.uintp(indices[p + three]) * stride]
        p += four
    while p < end:
        a += values[p] * coordinates[np.uintp(indices[p]) * stride]
        p += one
    return (a + b) + (c + d)


def begin_step(
    t: int, rate: Any, scalars: Any, given: Any, now: Any, here: Any, lanes: int
) -> None:
    """Write what updates read: `now` the scheduled hyper-parameters, `here` the step's scalars."""
    schedule(now, given, rate[t], lanes)
    for c in range(scalars.shape[1]):
        here[c] = scalars[t, c]


def prefetch_rows(
    indptr: Any, indices: Any, values: Any, labels: Any, order: Any, position: int
) -> None:
    """Ask for the row after next, and for where the eighth from here lies."""
    if position + 8 < order.size:
        prefetch(indptr, np.uintp(order[position + 8]))
    if position + 2 < order.size:
        coming = order[position + 2]
        prefetch(labels, np.uintp(coming))
        for p in range(indptr[coming], indptr[coming + 1], 16):
            prefetch(indices, np.uintp(p))
            prefetch(values, np.uintp(p))


def catch_up_before(
    t: int, j: Any, coordinates: Any, last: Any, tables: Any, given: Any, lanes: int
) -> None:
    """Let feature `j` catch up to the step before `t`; it is about to take that one."""
    idle = t - 1 - last[j]
    if idle > 0:
        base = j * np.uintp(STRIDE)
        for r in range(lanes):
            catch_up(coordinates, base, np.uintp(r), last[j], idle, tables, given)


def train_singly(
    rows: Any,
    order: Any,
    coordinates: Any,
    last: Any,
    tables: Any,
    rate: Any,
    scalars: Any,
    hyper: Any,
    sampled: Any,
    summed: Any,
    diverged: Any,
    first_step: int,
    thin: int,
    intercept: bool,
) -> None:
    """Take one update a sample, touching that sample's coordinates only.

    `order` [n] holds row numbers; `sampled` and `summed` [ceil(n / thin), runs] receive the loss at
    every `thin`-th sample and the sum of each `thin` losses. One loop, whose passes over a row
    share everything: it is longer than most functions here.
    """
    before = flush_denormals()
    indptr, indices, values, labels = rows
    coordinates, tables = borrowed(coordinates), borrow_all(tables)
    lanes = diverged.size if LANES > 1 else 1
    z, given, now, here = (
        on_stack(LANES), on_stack(HYPERPARAMETERS), on_stack(HYPERPARAMETERS), on_stack(SCALARS)
    )  # fmt: skip
    for c in range(HYPERPARAMETERS):
        given[c] = hyper[c]
        now[c] = hyper[c]
    constant = np.uintp(last.size - 1) * np.uintp(STRIDE)
    slot, until = 0, thin  # counted, for a division a step would cost a tenth of an SGD run
    for position in range(order.size):
        t = first_step + position
        if position == until:
            slot += 1
            until += thin
        row = order[position]
        prefetch_rows(indptr, indices, values, labels, order, position)
        begin_step(t, rate, scalars, given, now, here, lanes)
        for r in range(lanes):
            z[r] = coordinates[constant + np.uintp(r)]
        for p in range(indptr[row], indptr[row + 1]):
            j = np.uintp(indices[p])
            if LAZY:
                catch_up_before(t, j, coordinates, last, tables, given, lanes)
                last[j] = t
            if LANES > 1:
                x, base = values[p], j * np.uintp(STRIDE)
                for r in range(lanes):
                    z[r] += x * coordinates[base + np.uintp(r)]
        if LANES == 1:
            z[0] += dot_product(values, indices, indptr[row], indptr[row + 1], coordinates)
        for r in range(lanes):
            value, z[r] = loss(z[r], labels[row])
            summed[slot, r] += value
            if position + thin == until:
                sampled[slot, r] = value
            if diverged[r] == 0 and not np.isfinite(value):
                diverged[r] = t
        for p in range(indptr[row], indptr[row + 1]):
            x, base = values[p], np.uintp(indices[p]) * np.uintp(STRIDE)
            for r in range(lanes):
                step(coordinates, base, np.uintp(r), z[r] * x, here, now)
        if intercept:
            for r in range(lanes):
                step(coordinates, constant, np.uintp(r), z[r], here, now)
        last[last.size - 1] = t
    restore(before)


def take_margins(
    row: int, indptr: Any, indices: Any, values: Any, coordinates: Any, z: Any, lanes: int
) -> None:
    """Write a row's margins to `z`, for every run."""
    constant = np.uintp(coordinates.size - STRIDE)
    for r in range(lanes):
        z[r] = coordinates[constant + np.uintp(r)]
    if LANES == 1:
        z[0] += dot_product(values, indices, indptr[row], indptr[row + 1], coordinates)
    else:
        for p in range(indptr[row], indptr[row + 1]):
            x, base = values[p], np.uintp(indices[p]) * np.uintp(STRIDE)
            for r in range(lanes):
                z[r] += x * coordinates[base + np.uintp(r)]


def add_gradient(
    row: int,
    share: Any,
    rows: Any,
    coordinates: Any,
    gradient: Any,
    z: Any,
    losses: Any,
    lanes: int,
) -> None:
    """Add `share` of a row's losses to `losses` [runs], and of its gradient to `gradient`."""
    indptr, indices, values, labels = rows
    take_margins(row, indptr, indices, values, coordinates, z, lanes)
    for r in range(lanes):
        value, slope = loss(z[r], labels[row])
        losses[r] += value * share
        z[r] = slope * share
    for p in range(indptr[row], indptr[row + 1]):
        x, slot = values[p], np.uintp(indices[p]) * np.uintp(LANES)
        for r in range(lanes):
            gradient[slot + np.uintp(r)] += z[r] * x
    slot = np.uintp(gradient.size - LANES)
    for r in range(lanes):
        gradient[slot + np.uintp(r)] += z[r]


def step_all(coordinates: Any, gradient: Any, l2: Any, features: int, here: Any, now: Any) -> None:
    """Update every feature along `gradient` and its penalty `l2`; leave the gradient zero.

    Of all LANES, with a run or without: a loop of known length fills the vector lanes, and one of
    ten takes longer than one of sixteen.
    """
    for j in range(features):
        base, slot = np.uintp(j) * np.uintp(STRIDE), np.uintp(j) * np.uintp(LANES)
        for r in range(LANES):
            g = gradient[slot + np.uintp(r)] + l2[r] * coordinates[base + np.uintp(r)]
            step(coordinates, base, np.uintp(r), g, here, now)
            gradient[slot + np.uintp(r)] = np.float32(0)


def step_touched(
    coordinates: Any, gradient: Any, touched: Any, count: int, lanes: int, here: Any, now: Any
) -> None:
    """Update the first `count` of the `touched` features along `gradient`; leave that zero."""
    for c in range(count):
        j = np.uintp(touched[c])
        base, slot = j * np.uintp(STRIDE), j * np.uintp(LANES)
        for r in range(lanes):
            step(coordinates, base, np.uintp(r), gradient[slot + np.uintp(r)], here, now)
            gradient[slot + np.uintp(r)] = np.float32(0)


def train_batches(
    rows: Any,
    order: Any,
    batch: int,
    l2: Any,
    gradient: Any,
    touched: Any,
    dense: bool,
    coordinates: Any,
    last: Any,
    tables: Any,
    rate: Any,
    scalars: Any,
    hyper: Any,
    losses: Any,
    diverged: Any,
    first_step: int,
    intercept: bool,
) -> None:
    """Take one update a batch, along the mean gradient of its rows.

    Touches the batch's coordinates only, or all of them where `dense` (a rule that cannot skip
    steps of zero gradient, or a penalty: `l2` [LANES] times half the squared weights, the intercept
    left out). `gradient` [(features + 1) * LANES] is zero on entry and on return; `touched`
    [features + 1] is scratch; `losses` [batches, runs] receives each batch's mean loss before its
    update. The last batch may be smaller, as a data loader's is. Longer than most functions here by
    its parameters and their contract: what a batch does stands in functions of its own.
    """
    before = flush_denormals()
    indptr, indices = rows[0], rows[1]
    coordinates, tables = borrowed(coordinates), borrow_all(tables)
    lanes = diverged.size if LANES > 1 else 1
    z, given, now, here = (
        on_stack(LANES), on_stack(HYPERPARAMETERS), on_stack(HYPERPARAMETERS), on_stack(SCALARS)
    )  # fmt: skip
    for c in range(HYPERPARAMETERS):
        given[c] = hyper[c]
        now[c] = hyper[c]
    features = last.size - 1
    constant = np.uintp(features) * np.uintp(STRIDE)
    for number in range(losses.shape[0]):
        t = first_step + number
        begin_step(t, rate, scalars, given, now, here, lanes)
        first = number * batch
        stop = min(first + batch, order.size)
        share = np.float32(1) / np.float32(stop - first)
        count = 0
        for position in range(first, stop):
            row = order[position]
            if not dense:
                for p in range(indptr[row], indptr[row + 1]):
                    j = np.uintp(indices[p])
                    if last[j] != t:
                        if LAZY:
                            catch_up_before(t, j, coordinates, last, tables, given, lanes)
                        last[j] = t
                        touched[count] = j
                        count += 1
            add_gradient(row, share, rows, coordinates, gradient, z, losses[number], lanes)
        for r in range(lanes):
            if diverged[r] == 0 and not np.isfinite(losses[number, r]):
                diverged[r] = t
        if dense:
            step_all(coordinates, gradient, l2, features, here, now)
        else:
            step_touched(coordinates, gradient, touched, count, lanes, here, now)
        slot = np.uintp(features) * np.uintp(LANES)
        for r in range(lanes):
            if intercept:
                step(coordinates, constant, np.uintp(r), gradient[slot + np.uintp(r)], here, now)
            gradient[slot + np.uintp(r)] = np.float32(0)
        last[features] = t
    restore(before)


def settle(coordinates: Any, last: Any, tables: Any, hyper: Any, t: int, lanes: int) -> None:
    """Let every coordinate catch up to step `t`, so that the weights are those of a dense run."""
    before = flush_denormals()
    coordinates, tables = borrowed(coordinates), borrow_all(tables)
    if LAZY:
        for j in range(last.size - 1):
            catch_up_before(t + 1, np.uintp(j), coordinates, last, tables, hyper, lanes)
            last[j] = t
    restore(before)


def evaluate(rows: Any, coordinates: Any, margins: Any, total: Any) -> None:
    """Write every row's margin [rows, runs], and add its loss to `total` [runs] (float64)."""
    indptr, indices, values, labels = rows
    lanes = total.size if LANES > 1 else 1
    z = on_stack(LANES)
    for row in range(labels.size):
        take_margins(row, indptr, indices, values, coordinates, z, lanes)
        for r in range(lanes):
            margins[row, r] = z[r]
            total[r] += loss(z[r], labels[row])[0]
