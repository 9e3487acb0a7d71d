"""Sparse rows with labels, and the linear engine's training of them by dense updates in float64."""

import numpy as np

from optim.block import INITIAL_SCALE
from optim.registry import names, rule

ROWS, FEATURES = 200, 60


SINGLE = 1e-4
"""Float32 keeps 6e-8 a step; some hundred steps of accumulated rounding stay far below this."""


COORDINATEWISE = [name for name in names() if rule(name).coordinatewise]


def sparse_rows(seed: int, rows: int = ROWS, features: int = FEATURES):
    """Unit rows with 1 to 12 non-zeros of very different frequencies, and learnable 0/1 labels."""
    draw = np.random.default_rng(seed)
    likely = 1 / np.arange(1, features + 1)
    chosen = [
        np.sort(draw.choice(features, draw.integers(1, 13), False, likely / likely.sum()))
        for _ in range(rows)
    ]
    values = [draw.uniform(0.1, 1, len(ids)) for ids in chosen]
    values = [row / np.linalg.norm(row) for row in values]
    truth = draw.normal(0, 3, features)
    labels = [row @ truth[ids] > 0 for ids, row in zip(chosen, values, strict=True)]
    indptr = np.concatenate([[0], np.cumsum([len(ids) for ids in chosen])]).astype(np.int64)
    return (
        indptr,
        np.concatenate(chosen).astype(np.int32),
        np.concatenate(values).astype(np.float32),
        np.array(labels, np.float32),
    )


def dense(rows, features: int = FEATURES) -> np.ndarray:
    """The rows as a dense float64 matrix with a column of ones for the intercept."""
    indptr, indices, values, labels = rows
    matrix = np.zeros((labels.size, features + 1))
    matrix[np.repeat(np.arange(labels.size), np.diff(indptr)), indices] = values
    matrix[:, -1] = 1
    return matrix


def reference(rows, chosen, given, *, epochs, seed, batch, loss="logistic", rate=None, l2=0.0):
    """Weights and batch losses by dense updates in float64, written from the definitions."""
    matrix, labels = dense(rows), rows[3].astype(np.float64)
    start, orders = (np.random.default_rng([seed, stream]) for stream in (0, 1))
    w = np.append(start.normal(0, INITIAL_SCALE, FEATURES), 0.0)
    state = chosen.initial_state(w, given)
    penalised = np.append(np.full(FEATURES, l2), 0.0)
    losses, t = [], 0
    for _ in range(epochs):
        order = orders.permutation(labels.size)
        for first in range(0, labels.size, batch):
            x, y = matrix[order[first : first + batch]], labels[order[first : first + batch]]
            z = x @ w
            if loss == "logistic":
                p = 1 / (1 + np.exp(-z))
                losses.append(np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p)))
                g = x.T @ (p - y) / len(y)
            else:
                losses.append(np.mean((z - y) ** 2) / 2)
                g = x.T @ (z - y) / len(y)
            t += 1
            factor = 1.0 if rate is None else rate(t)
            now = {k: v * factor if k in chosen.scheduled else v for k, v in given.items()}
            w, state = chosen.step(w, g + penalised * w, state, t, now)
    return w, np.array(losses)
