"""RMSProp, centred and with momentum (Graves, arXiv:1308.0850, eqs. 38-45; torch's form, with eps
outside the root and the learning rate outside the momentum)."""

from optim.functions import geometric_sum, maximum, sqrt
from optim.rule import Rule
from optim.rules.rmsprop_momentum import tables


def update(w, g, v, a, m, lr, alpha, eps, momentum):
    v = alpha * v + (1 - alpha) * g * g
    a = alpha * a + (1 - alpha) * g
    # The variance is never negative but for rounding.
    m = momentum * m + g / (sqrt(maximum(v - a * a, 0)) + eps)
    return w - lr * m, v, a, m


def skip(w, v, a, m, drift_before, drift_after, fading, decay, beta, rate_all, t, k, lr):
    travel = geometric_sum(drift_before, drift_after, decay, beta, rate_all, t, k)
    return w - lr * m * travel, v * fading, a * fading, m * decay


RULE = Rule(
    name="rmsprop_centered_momentum",
    title="RMSProp (centred) with momentum",
    update=update,
    state=("v", "a", "m"),
    defaults={"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "momentum": 0.9},
    paper="Graves (2013), eqs. 38-45",
    skip=skip,
    tables=tables,
)
