"""Adadelta (Zeiler, arXiv:1212.5701 (2012), algorithm 1; lr as in torch, 1 in the paper)."""

from optim.functions import sqrt
from optim.rule import Rule


def update(w, g, v, u, lr, rho, eps):
    v = rho * v + (1 - rho) * g * g
    move = sqrt(u + eps) / sqrt(v + eps) * g
    u = rho * u + (1 - rho) * move * move
    return w - lr * move, v, u


def tables(t, rho):
    return {"fading": rho**t}


def skip(w, v, u, fading):
    return w, v * fading, u * fading


RULE = Rule(
    name="adadelta",
    title="Adadelta",
    update=update,
    state=("v", "u"),
    defaults={"lr": 1.0, "rho": 0.9, "eps": 1e-6},
    paper="Zeiler (2012), algorithm 1",
    skip=skip,
    tables=tables,
)
