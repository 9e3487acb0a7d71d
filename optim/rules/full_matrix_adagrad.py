"""Adagrad with full matrices (Duchi, Hazan and Singer, JMLR 12 (2011), figure 1): the root of a
d x d matrix at every step, so for small problems only."""

from optim.functions import inverse_root, outer
from optim.rule import Rule


def update(w, g, s, lr, eps):
    s = s + outer(g, g)
    return w - lr * (inverse_root(s, eps) @ g), s


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
