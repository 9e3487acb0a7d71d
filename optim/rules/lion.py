"""Lion (Chen et al., arXiv:2302.06675, algorithm 2). A weight goes on moving at full speed,
in its last direction, for as long as its gradient is zero."""

import numpy as np

from optim.drift import split
from optim.functions import expm1, sign
from optim.rule import Rule


def update(w, g, m, lr, beta1, beta2, weight_decay):
    direction = sign(beta1 * m + (1 - beta1) * g)
    m = beta2 * m + (1 - beta2) * g
    return w - lr * (direction + weight_decay * w), m


def tables(t, rate, beta2, lr_weight_decay):
    rate = np.append(0.0, rate[1:])
    if lr_weight_decay * rate.max() >= 1 or beta2 == 0:
        return None  # one step would carry the weight past zero, or forget its direction
    decayed = np.log1p(-lr_weight_decay * rate)
    return {
        "moved": split(np.cumsum(rate)),
        "shrunk": split(np.cumsum(decayed)),
        "decay": beta2**t,
    }


def skip(w, m, moved_before, moved_after, shrunk_before, shrunk_after, decay,
         lr, beta1, weight_decay):  # fmt: skip
    direction = sign(beta1 * m)
    if weight_decay > 0.0:
        fade = (shrunk_before[0] - shrunk_after[0]) + (shrunk_before[1] - shrunk_after[1])
        w = w / (1.0 + expm1(fade)) + expm1(-fade) * direction / weight_decay
    else:
        moved = (moved_after[0] - moved_before[0]) + (moved_after[1] - moved_before[1])
        w = w - lr * direction * moved
    later = m * decay
    if later == 0.0:
        later = 1e-37 * direction  # still pulls the same way, however long ago it was set
    return w, later


RULE = Rule(
    name="lion",
    title="Lion",
    update=update,
    state=("m",),
    defaults={"lr": 1e-4, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0},
    paper="Chen et al. (2023), algorithm 2",
    skip=skip,
    tables=tables,
)
