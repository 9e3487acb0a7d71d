"""NAdam: Adam with Nesterov's momentum (Dozat, ICLR 2016 workshop, algorithm 2; torch's form)."""

import numpy as np

from optim.drift import adaptive_tables
from optim.functions import product, sqrt
from optim.rule import Rule
from optim.rules.adam import skip


def per_step(t, beta1, beta2, momentum_decay):
    def mu(i):
        return beta1 * (1 - 0.96 ** (i * momentum_decay) / 2)

    now = mu(t)
    soon = mu(t + 1)
    past = product(mu, t)
    return (1 - now) / (1 - past), soon / (1 - past * soon), 1 - beta2**t


def update(w, g, m, v, ahead, behind, correction2, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (ahead * g + behind * m) / (sqrt(v / correction2) + eps), m, v


def tables(t, rate, beta1, beta2, momentum_decay):
    _, behind, correction2 = per_step(np.maximum(t, 1), beta1, beta2, momentum_decay)
    return adaptive_tables(t, rate * behind, 1 / np.sqrt(correction2), beta1, beta2)


RULE = Rule(
    name="nadam",
    title="NAdam",
    update=update,
    per_step=per_step,
    state=("m", "v"),
    defaults={"lr": 2e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "momentum_decay": 4e-3},
    paper="Dozat (2016), algorithm 2",
    skip=skip,
    tables=tables,
)
