"""Linear models over CSR rows, trained by any rule, several runs at once.

Runs are innermost: `coordinates[feature, k, run]` holds the weight (k = 0) and the state of one
feature for LANES runs that share a sample order, so that a row is read once for all of them and
the runs fill the vector lanes. The last feature index is the intercept, whose input is always one.

Every function here is source for `optim.compiled`, which joins it with a rule and a loss.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.kernels.functions import LANES, step
from optim.kernels.functions import logistic as loss


def train_singly(
    rows: Any,
    order: Any,
    coordinates: Any,
    scalars: Any,
    hyper: Any,
    sampled: Any,
    summed: Any,
    diverged: Any,
    first_step: int,
    thin: int,
) -> None:
    """Take one update a sample, touching that sample's coordinates only.

    Equal to the dense update for a rule to which a zero gradient does nothing. Shapes: `order`
    [n] row numbers; `scalars` [n, per-step scalars, LANES]; `hyper` [hyper-parameters, LANES];
    `sampled` and `summed` [ceil(n / thin), LANES] receive the loss at every `thin`-th sample and
    the sum of each `thin` losses; `diverged` [LANES] the first step (from 1) with a loss that is
    not finite, 0 while there is none.
    """
    indptr, indices, values, labels = rows
    intercept = coordinates.shape[0] - 1
    z = np.empty(LANES, np.float32)
    for position in range(order.size):
        row = order[position]
        z[:] = coordinates[intercept, 0]
        for p in range(indptr[row], indptr[row + 1]):
            x = values[p]
            coordinate = coordinates[indices[p]]
            for r in range(LANES):
                z[r] += x * coordinate[0, r]
        for r in range(LANES):
            value, slope = loss(z[r], labels[row])
            z[r] = slope
            summed[position // thin, r] += value
            if position % thin == 0:
                sampled[position // thin, r] = value
            if diverged[r] == 0 and not np.isfinite(value):
                diverged[r] = first_step + position
        for p in range(indptr[row], indptr[row + 1]):
            x = values[p]
            coordinate = coordinates[indices[p]]
            for r in range(LANES):
                step(coordinate, r, z[r] * x, scalars[position], hyper)
        coordinate = coordinates[intercept]
        for r in range(LANES):
            step(coordinate, r, z[r], scalars[position], hyper)


def train_batches(
    rows: Any,
    order: Any,
    batch: int,
    gradient: Any,
    coordinates: Any,
    scalars: Any,
    hyper: Any,
    losses: Any,
    diverged: Any,
    first_step: int,
) -> None:
    """Take one update of every coordinate a batch, along the mean gradient of its rows.

    Shapes as in `train_singly`; `gradient` [features + 1, LANES] is zero on entry and on return;
    `losses` [batches, LANES] receives each batch's mean loss before its update. The last batch
    may be smaller, as a data loader's is.
    """
    indptr, indices, values, labels = rows
    intercept = coordinates.shape[0] - 1
    z = np.empty(LANES, np.float32)
    for number in range(losses.shape[0]):
        first = number * batch
        last = min(first + batch, order.size)
        share = np.float32(1) / np.float32(last - first)
        for position in range(first, last):
            row = order[position]
            z[:] = coordinates[intercept, 0]
            for p in range(indptr[row], indptr[row + 1]):
                for r in range(LANES):
                    z[r] += values[p] * coordinates[indices[p], 0, r]
            for r in range(LANES):
                value, slope = loss(z[r], labels[row])
                losses[number, r] += value * share
                z[r] = slope * share
            for p in range(indptr[row], indptr[row + 1]):
                for r in range(LANES):
                    gradient[indices[p], r] += z[r] * values[p]
            for r in range(LANES):
                gradient[intercept, r] += z[r]
        for r in range(LANES):
            if diverged[r] == 0 and not np.isfinite(losses[number, r]):
                diverged[r] = first_step + number
        for feature in range(intercept + 1):
            coordinate = coordinates[feature]
            for r in range(LANES):
                step(coordinate, r, gradient[feature, r], scalars[number], hyper)
                gradient[feature, r] = np.float32(0)


def evaluate(rows: Any, coordinates: Any, total: Any, correct: Any) -> None:
    """Add up the loss (`total` [LANES], float64) over all rows and count the right signs.

    `correct` [LANES] counts the rows whose label is 1 exactly where the margin is above zero;
    it means nothing for a regression.
    """
    indptr, indices, values, labels = rows
    intercept = coordinates.shape[0] - 1
    z = np.empty(LANES, np.float32)
    for row in range(labels.size):
        z[:] = coordinates[intercept, 0]
        for p in range(indptr[row], indptr[row + 1]):
            x = values[p]
            coordinate = coordinates[indices[p]]
            for r in range(LANES):
                z[r] += x * coordinate[0, r]
        for r in range(LANES):
            total[r] += loss(z[r], labels[row])[0]
            if (z[r] > 0) == (labels[row] > 0):
                correct[r] += 1
