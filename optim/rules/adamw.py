"""AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019, arXiv:1711.05101,
algorithm 2). In torch's form: the weight loses lr * weight_decay of itself, before Adam's step; the
paper takes its decay by the schedule's factor alone, so its lambda is lr * weight_decay here."""

import numpy as np

from optim.drift import adaptive_tables, split
from optim.functions import adaptive_sum, expm1, sqrt
from optim.rule import Rule
from optim.rules.adam import per_step


def update(w, g, m, v, correction1, correction2, lr, beta1, beta2, eps, weight_decay):
    w = w - lr * weight_decay * w
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / correction1) / (sqrt(v / correction2) + eps), m, v


def tables(t, rate, lr, beta1, beta2, weight_decay):
    lost = lr * weight_decay * np.append(0.0, rate[1:])
    shrink, constant = 1 - lost, np.all(rate[1:] == 1)
    if shrink.min() <= beta1:
        return None  # the weight decays faster than the momentum: there is nothing to sum
    correction1, correction2 = per_step(np.maximum(t, 1), beta1, beta2)
    factor, scale = rate / correction1, 1 / np.sqrt(correction2)
    return {
        **adaptive_tables(t, factor, scale, beta1, beta2, 1 / shrink),
        # Without a schedule the decay of k steps needs no logarithm; -1 where there is one.
        "kept": shrink[-1] ** t if constant else np.full_like(t, -1),
        "shrunk": split(np.cumsum(np.log1p(-lost)) * (not constant)),
    }


def skip(w, m, v, drift_before, drift_after, fading, shrunk_before, shrunk_after, kept, root,
         steps_all, t, k, lr, eps):  # fmt: skip
    keep = kept
    if kept < 0.0:
        fade = (shrunk_before[0] - shrunk_after[0]) + (shrunk_before[1] - shrunk_after[1])
        keep = 1.0 / (1.0 + expm1(fade))
    travel = adaptive_sum(
        m, sqrt(v), eps, drift_before, drift_after, fading, steps_all, root, keep, t, k
    )
    return w * keep - lr * travel, m * fading[0], v * fading[1] * fading[1]


RULE = Rule(
    name="adamw",
    title="AdamW",
    update=update,
    per_step=per_step,
    state=("m", "v"),
    defaults={"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 1e-2},
    paper="Loshchilov and Hutter (2019), algorithm 2",
    skip=skip,
    tables=tables,
)
