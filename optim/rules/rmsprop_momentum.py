"""RMSProp with momentum (torch's `momentum` argument; Graves, arXiv:1308.0850, eqs. 38-45)."""

from optim.drift import always, geometric
from optim.functions import geometric_sum, sqrt
from optim.rule import Rule


def update(w, g, v, m, lr, alpha, eps, momentum):
    v = alpha * v + (1 - alpha) * g * g
    m = momentum * m + g / (sqrt(v) + eps)
    return w - lr * m, v, m


def tables(t, rate, alpha, momentum):
    return {
        "drift": geometric(rate, momentum),
        "fading": alpha**t,
        "decay": momentum**t,
        "beta": always(t, momentum),
        "rate": rate,
    }


def skip(w, v, m, drift_before, drift_after, fading, decay, beta, rate_all, t, k, lr):
    travel = geometric_sum(drift_before, drift_after, decay, beta, rate_all, t, k)
    return w - lr * m * travel, v * fading, m * decay


RULE = Rule(
    name="rmsprop_momentum",
    title="RMSProp with momentum",
    update=update,
    state=("v", "m"),
    defaults={"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "momentum": 0.9},
    paper="Graves (2013), eqs. 38-45, uncentred",
    skip=skip,
    tables=tables,
)
