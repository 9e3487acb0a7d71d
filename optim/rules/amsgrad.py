"""AMSGrad (Reddi, Kale and Kumar, ICLR 2018, algorithm 2), bias-corrected as torch."""

import numpy as np

from optim.drift import adaptive
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
    factor, scale = rate / correction1, 1 / np.sqrt(correction2)
    return {
        "drift": adaptive(factor, scale, beta1, 1.0),
        "fading": np.stack([beta1**t, np.ones_like(t), beta2**t], axis=1),
        "steps": np.stack([factor, scale, np.ones_like(t)], axis=1),
    }


def skip(w, m, v, top, drift_before, drift_after, fading, steps_all, t, k, lr, beta1, eps):
    travel = adaptive_sum(
        m, sqrt(top), eps, drift_before, drift_after, fading, steps_all, beta1, 1.0, 1.0, t, k
    )
    return w - lr * travel, m * fading[0], v * fading[2], top


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
