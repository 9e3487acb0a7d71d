"""AdaBound (Luo, Xiong, Liu and Sun, arXiv:1902.09843, algorithm 2), as its authors' own code: with
bias corrections, without the 1 / sqrt(t), its bounds scaled as a schedule scales lr."""

import numpy as np

from optim.drift import always, geometric, greatest_after
from optim.functions import clipped_sum, maximum, minimum, sqrt
from optim.rule import Rule


def per_step(t, beta1, beta2, final_lr, gamma):
    lower, upper = final_lr * (1 - 1 / (gamma * t + 1)), final_lr * (1 + 1 / (gamma * t))
    return sqrt(1 - beta2**t) / (1 - beta1**t), lower, upper


def update(w, g, m, v, correction, lower, upper, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - minimum(maximum(lr * correction / (sqrt(v) + eps), lower), upper) * m, m, v


def tables(t, rate, beta1, beta2, final_lr, gamma):
    free, lower, upper = per_step(np.maximum(t, 1), beta1, beta2, final_lr, gamma)
    most, least = greatest_after(free), -greatest_after(-free)
    left = greatest_after(rate * upper) / (1 - beta1)
    # After `span` steps the momentum has faded below double precision: later ones do not matter.
    span = np.minimum(t, np.ceil(37 / -np.log(max(beta1, 1e-16))))
    return {
        "low": geometric(rate * lower, beta1),
        "high": geometric(rate * upper, beta1),
        "ends": np.stack([most, least, -greatest_after(-lower), upper, left], axis=1),
        "fading": np.stack([beta1**t, beta2 ** (span / 2), beta2**t], axis=1),
        "beta": always(t, beta1),
        "root": always(t, beta2**0.5),
        "steps": np.stack([rate * free, rate * lower, rate * upper], axis=1),
    }


def skip(w, m, v, low_before, low_after, high_before, high_after, ends_before, fading, beta, root,
         steps_all, t, k, lr, eps):  # fmt: skip
    travel = clipped_sum(m, sqrt(v), lr, eps, low_before, low_after, high_before, high_after,
                         ends_before, fading, steps_all, beta, root, t, k)  # fmt: skip
    return w - travel, m * fading[0], v * fading[2]


DEFAULTS = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "final_lr": 0.1, "gamma": 1e-3}
RULE = Rule(
    name="adabound",
    title="AdaBound",
    update=update,
    per_step=per_step,
    state=("m", "v"),
    defaults=DEFAULTS,
    paper="Luo, Xiong, Liu and Sun (2019), algorithm 2",
    scheduled=("lr", "final_lr"),
    skip=skip,
    tables=tables,
)
