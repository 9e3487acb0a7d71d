"""SGD with momentum (Polyak, USSR Comput. Math. Math. Phys. 4 (1964), eq. 9; torch's form)."""

from optim.drift import always, geometric
from optim.functions import geometric_sum
from optim.rule import Rule


def update(w, g, v, lr, momentum):
    v = momentum * v + g
    return w - lr * v, v


def tables(t, rate, momentum):
    return {
        "drift": geometric(rate, momentum),
        "decay": momentum**t,
        "beta": always(t, momentum),
        "rate": rate,
    }


def skip(w, v, drift_before, drift_after, decay, beta, rate_all, t, k, lr):
    travel = geometric_sum(drift_before, drift_after, decay, beta, rate_all, t, k)
    return w - lr * v * travel, v * decay


RULE = Rule(
    name="momentum",
    title="SGD with momentum",
    update=update,
    state=("v",),
    defaults={"lr": 1e-3, "momentum": 0.9},
    paper="Polyak (1964), eq. 9",
    skip=skip,
    tables=tables,
)
