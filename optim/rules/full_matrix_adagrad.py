"""Adagrad with full matrices (Duchi, Hazan and Singer, JMLR 12 (2011), figure 1): the root of a
d x d matrix at every step, so for small problems only."""

import numpy as np

from optim.rule import Rule


def update(w, g, s, lr, eps):
    s = s + np.outer(g, g)
    values, vectors = np.linalg.eigh(s)
    # The gradient lies in the span of s: a direction s has never seen takes no step.
    seen = values > values.max() * values.size * np.finfo(float).eps
    scale = np.where(seen, 1 / (np.sqrt(np.where(seen, values, 1)) + eps), 0)
    return w - lr * vectors @ (scale * (vectors.T @ g)), s


RULE = Rule(
    name="full_matrix_adagrad",
    title="Adagrad with full matrices",
    update=update,
    state=("s",),
    defaults={"lr": 1e-2, "eps": 1e-10},
    paper="Duchi, Hazan and Singer (2011), figure 1",
    coordinatewise=False,
    dense_because="every coordinate moves whenever one does",
)
