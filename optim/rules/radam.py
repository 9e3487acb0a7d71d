"""RAdam: rectified Adam (Liu et al., arXiv:1908.03265, algorithm 2; above 5, as torch, not 4)."""

import numpy as np

from optim.drift import adaptive_tables, always, geometric
from optim.functions import adaptive_sum, geometric_sum, sqrt, where
from optim.rule import Rule


def per_step(t, beta1, beta2):
    correction1, correction2 = 1 - beta1**t, 1 - beta2**t
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / correction2
    ratio = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    return correction1, where(length > 5, sqrt(ratio * correction2), 0)


def update(w, g, m, v, correction1, rectifier, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    average = m / correction1
    move = where(rectifier > 0, rectifier * average / (sqrt(v) + eps), average)
    return w - lr * move, m, v


def tables(t, rate, beta1, beta2):
    with np.errstate(divide="ignore", invalid="ignore"):
        correction1, rectifier = per_step(np.maximum(t, 1), beta1, beta2)
    plain = np.where(rectifier > 0, 0.0, rate / correction1)
    return {
        **adaptive_tables(t, rate * rectifier / correction1, np.ones_like(t), beta1, beta2),
        "early": geometric(plain, beta1),
        "plain": plain,
        "beta": always(t, beta1),
    }


def skip(w, m, v, drift_before, drift_after, early_before, early_after, fading, beta, root,
         plain_all, steps_all, t, k, lr, eps):  # fmt: skip
    travel = 0.0 * m
    if plain_all[t + k] == 0.0:  # else no step so far was rectified: the sum would be rounding
        travel = adaptive_sum(
            m, sqrt(v), eps, drift_before, drift_after, fading, steps_all, root, 1.0, t, k
        )
    early = geometric_sum(early_before, early_after, fading[0], beta, plain_all, t, k)
    return w - lr * (travel + m * early), m * fading[0], v * fading[1] * fading[1]


RULE = Rule(
    name="radam",
    title="RAdam",
    update=update,
    per_step=per_step,
    state=("m", "v"),
    defaults={"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    paper="Liu et al. (2020), algorithm 2",
    skip=skip,
    tables=tables,
)
