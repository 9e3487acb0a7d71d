"""AMSGrad (Reddi, Kale and Kumar, arXiv:1904.09237, algorithm 2), bias-corrected as torch."""

import numpy as np

from optim.drift import adaptive_tables
from optim.functions import adaptive_sum, maximum, sqrt
from optim.rule import Rule
from optim.rules.adam import per_step


def update(w, g, m, v, top, correction1, correction2, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    top = maximum(top, v)
    return w - lr * (m / correction1) / (sqrt(top / correction2) + eps), m, v, top


def tables(t, rate, beta1, beta2):
    correction1, correction2 = per_step(np.maximum(t, 1), beta1, beta2)
    adaptive = adaptive_tables(t, rate / correction1, 1 / np.sqrt(correction2), beta1, 1.0)
    return {**adaptive, "decay": beta2**t}


def skip(w, m, v, top, drift_before, drift_after, fading, decay, root, steps_all, t, k, lr, eps):
    travel = adaptive_sum(
        m, sqrt(top), eps, drift_before, drift_after, fading, steps_all, root, 1.0, t, k
    )
    return w - lr * travel, m * fading[0], v * decay, top


RULE = Rule(
    name="amsgrad",
    title="AMSGrad",
    update=update,
    per_step=per_step,
    state=("m", "v", "top"),
    defaults={"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    paper="Reddi, Kale and Kumar (2018), algorithm 2",
    skip=skip,
    tables=tables,
)
