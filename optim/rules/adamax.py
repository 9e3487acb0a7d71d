"""Adamax (Kingma and Ba, arXiv:1412.6980, algorithm 2; eps added to |g| in the maximum: torch)."""

import numpy as np

from optim.drift import always, geometric, greatest_after
from optim.functions import abs, float64, geometric_sum, maximum
from optim.rule import Rule


def per_step(t, beta1):
    return (1 - beta1**t,)


def update(w, g, m, u, correction1, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    u = maximum(beta2 * u, abs(g) + eps)
    return w - lr * (m / correction1) / u, m, u


def tables(t, rate, beta1, beta2):
    if beta1 >= beta2:
        return None  # the steps would grow while nothing happens, and there is no sum to take
    factor, ratio = rate / (1 - beta1 ** np.maximum(t, 1)), beta1 / beta2
    span = np.minimum(t, np.ceil(37 / -np.log(max(ratio, 1e-16))))  # the drift has faded by then
    return {
        "sum": geometric(factor, ratio),
        "fading": np.stack([beta1**t, beta2**t, ratio**t, beta2**span], axis=1),
        "pairs": always(t, ratio, beta1, beta2),
        "factor": factor,
        "left": greatest_after(factor) / (1 - beta1),
    }


def skip(w, m, u, sum_before, sum_after, fading, pairs, factor_all, left_before, t, k, lr, eps):
    end = maximum(u * fading[1], eps)
    if u * fading[3] > eps:
        travel = geometric_sum(sum_before, sum_after, fading[2], pairs, factor_all, t, k)
        return w - lr * travel * m / u, m * fading[0], end
    beta1, beta2 = float64(pairs[2]) + pairs[3], float64(pairs[4]) + pairs[5]
    fade, faded, travel = float64(m), float64(u), float64(0.0)
    for i in range(1, k + 1):
        fade, faded = fade * beta1, maximum(faded * beta2, float64(eps))
        travel = travel + fade * factor_all[t + i] / faded
        if abs(fade) * left_before <= 1e-14 * abs(travel) * eps:
            break
    return w - lr * travel, m * fading[0], end


RULE = Rule(
    name="adamax",
    title="Adamax",
    update=update,
    per_step=per_step,
    state=("m", "u"),
    defaults={"lr": 2e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    paper="Kingma and Ba (2015), algorithm 2",
    skip=skip,
    tables=tables,
)
