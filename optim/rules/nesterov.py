"""Nesterov's momentum, torch's form (Sutskever et al., ICML 2013, eqs. 3-4, the weight moved to the
point where the gradient is taken)."""

from optim.functions import geometric_sum
from optim.rule import Rule
from optim.rules.momentum import tables


def update(w, g, v, lr, momentum):
    v = momentum * v + g
    return w - lr * (g + momentum * v), v


def skip(w, v, drift_before, drift_after, decay, beta, rate_all, t, k, lr, momentum):
    travel = geometric_sum(drift_before, drift_after, decay, beta, rate_all, t, k)
    return w - lr * momentum * v * travel, v * decay


RULE = Rule(
    name="nesterov",
    title="Nesterov momentum (torch's form)",
    update=update,
    state=("v",),
    defaults={"lr": 1e-3, "momentum": 0.9},
    paper="Nesterov (1983); Sutskever et al. (2013), eqs. 3-4",
    skip=skip,
    tables=tables,
)
