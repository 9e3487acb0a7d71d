"""Adam (Kingma and Ba, ICLR 2015, arXiv:1412.6980, algorithm 1)."""

import numpy as np

from optim.drift import adaptive_tables
from optim.functions import adaptive_sum, sqrt
from optim.rule import Rule


def per_step(t, beta1, beta2):
    return 1 - beta1**t, 1 - beta2**t


def update(w, g, m, v, correction1, correction2, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / correction1) / (sqrt(v / correction2) + eps), m, v


def tables(t, rate, beta1, beta2):
    correction1, correction2 = per_step(np.maximum(t, 1), beta1, beta2)
    return adaptive_tables(t, rate / correction1, 1 / np.sqrt(correction2), beta1, beta2)


def skip(w, m, v, drift_before, drift_after, fading, root, steps_all, t, k, lr, eps):
    travel = adaptive_sum(
        m, sqrt(v), eps, drift_before, drift_after, fading, steps_all, root, 1.0, t, k
    )
    return w - lr * travel, m * fading[0], v * fading[1] * fading[1]


RULE = Rule(
    name="adam",
    title="Adam",
    update=update,
    per_step=per_step,
    state=("m", "v"),
    defaults={"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    paper="Kingma and Ba (2015), algorithm 1",
    skip=skip,
    tables=tables,
)
