"""Yogi (Zaheer, Reddi, Sachan, Kale and Kumar, NeurIPS 2018, algorithm 2; no bias correction)."""

from optim.drift import always, geometric
from optim.functions import geometric_sum, sign, sqrt
from optim.rule import Rule


def update(w, g, m, v, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = v - (1 - beta2) * sign(v - g * g) * g * g
    return w - lr * m / (sqrt(v) + eps), m, v


def tables(t, rate, beta1):
    return {
        "drift": geometric(rate, beta1),
        "decay": beta1**t,
        "beta": always(t, beta1),
        "rate": rate,
    }


def skip(w, m, v, drift_before, drift_after, decay, beta, rate_all, t, k, lr, eps):
    travel = geometric_sum(drift_before, drift_after, decay, beta, rate_all, t, k)
    return w - lr * travel * m / (sqrt(v) + eps), m * decay, v


DEFAULTS = {
    "lr": 1e-2,
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-3,
    "initial_accumulator_value": 1e-6,
}
RULE = Rule(
    name="yogi",
    title="Yogi",
    update=update,
    state=("m", "v"),
    defaults=DEFAULTS,
    initial={"v": "initial_accumulator_value"},
    paper="Zaheer et al. (2018), algorithm 2",
    skip=skip,
    tables=tables,
)
