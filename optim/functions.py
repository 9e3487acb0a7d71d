"""The only functions a rule may call, in their NumPy meaning.

A rule imports them from here, so it runs as plain Python on floats and arrays; a backend gives
the same names another meaning (see `optim.meaning`). Three more, written over those, sum what a
decaying state goes on doing while its gradient is zero; `optim.drift` makes their tables. They add
term by term in double precision, and take their ratios as `optim.drift.pair` has them: single
precision would round a ratio such as 0.99999 and then raise that error to the power k. The rules on
whole vectors have three of their own.
"""

from typing import Any

import numpy as np
from numpy import absolute as abs
from numpy import expm1, float64, maximum, minimum, outer, remainder, sign, sqrt, where
from numpy.linalg import solve
from numpy.typing import NDArray

MATRIX_NAMES = ("outer", "inverse_root", "solve")
NAMES = ("sqrt", "abs", "maximum", "minimum", "sign", "expm1", "where", "product", "remainder")
SUMS = ("geometric_sum", "adaptive_sum", "clipped_sum")

__all__ = ["MATRIX_NAMES", "NAMES", "SUMS", "abs", "adaptive_sum", "clipped_sum", "expm1"]
__all__ += ["float64", "geometric_sum", "inverse_root", "maximum", "minimum", "outer", "product"]
__all__ += ["remainder", "sign", "solve", "sqrt", "where"]


def inverse_root(matrix: NDArray[np.float64], eps: float) -> NDArray[np.float64]:
    """Return (matrix^(1/2) + eps)^-1 on the range of a symmetric, positive semi-definite matrix.

    Zero on its null space, where a sum of g g^T has never seen a gradient.
    """
    values, vectors = np.linalg.eigh(matrix)
    seen = values > values.max() * values.size * np.finfo(np.float64).eps
    scale = np.where(seen, 1 / (np.sqrt(np.where(seen, values, 1)) + eps), 0)
    root: NDArray[np.float64] = (vectors * scale) @ vectors.T
    return root


def product(factor: Any, t: Any) -> Any:
    """Return factor(1) factor(2) ... factor(t), for a step `t` or an array of steps."""
    steps = np.asarray(t).astype(np.int64)
    running = np.cumprod(np.append(1.0, factor(np.arange(1, steps.max() + 1))))
    return running[steps]


def geometric_sum(before, after, decay, beta, terms, t, k):
    """Return the sum over i = 1..k of beta^i terms[t + i].

    `before` and `after` are `optim.drift.geometric` of the terms at t and t + k, `decay` is beta^k
    and `beta` a pair. Where most of the two would cancel, the few terms between are added up.
    """
    if decay < 0.95:
        return before - decay * after
    ratio = float64(beta[0]) + beta[1]
    total = 0.0 * ratio
    power = ratio
    for i in range(1, k + 1):
        total = total + power * terms[t + i]
        power = power * ratio
    return total


def adaptive_sum(m, s, eps, before, after, fading, steps, root, keep, t, k):
    """Return the sum over i = 1..k of m beta^i f / (s root^i x + eps) times the decay after i.

    `steps[t + i]` holds f, x and the pair of beta over the weight's own decay at that step, whose
    product over all k steps is `keep`; `before` and `after` are rows of `optim.drift.adaptive` at t
    and t + k, `fading` begins with beta^k and root^k, and `root` is a pair. The sum to infinity
    from t, less that from t + k, wherever the rows are good to the last digit in the precision at
    hand; else term by term, until what is left is lost in rounding.
    """
    if m == 0.0:
        return m
    # Everything is homogeneous in s and eps: both are divided by their sum, at t and at t + k.
    scale = 1.0 / (s + eps)
    a = s * scale
    b = eps * scale
    c = a * fading[1]
    fourth = (c + b) * (c + b) * (c + b) * (c + b)
    error = (b * b) * (b * b) * (before[4] * fourth + after[4])
    if fading[0] < 0.95 * keep and fourth + error == fourth:
        below = a * a + before[2] * a * b + before[3] * b * b
        below_rest = c * c + after[2] * c * b + after[3] * b * b
        whole = keep * (before[0] * a + before[1] * b) * below_rest
        rest = fading[0] * (after[0] * c + after[1] * b) * below
        # Smaller, and its square terms have lost digits to denormal numbers in single precision.
        if below_rest > 1e-30:
            return m * scale * (whole - rest) / (below * below_rest)
    ratio = float64(root[0]) + root[1]
    fade = float64(m)
    faded = float64(s)
    total = 0.0 * fade
    for i in range(1, k + 1):
        fade = fade * (float64(steps[t + i, 2]) + steps[t + i, 3])
        faded = faded * ratio
        total = total + fade * steps[t + i, 0] / (faded * steps[t + i, 1] + eps)
        if fade == 0.0 or abs(fade) * before[5] <= 1e-14 * abs(total) * (faded + eps):
            break
    return keep * total


def clipped_sum(
    m, s, lr, eps, low, low_later, high, high_later, ends, fading, steps, beta, root, t, k
):  # fmt: skip
    """Return the sum over i = 1..k of m beta^i c, c = lr f / (s root^i + eps) within [l, u].

    `steps` columns hold f, l and u of each step; `low`, `high` and their later values are
    `optim.drift.geometric` of l and u at t and t + k; `fading` is beta^k and root^j, j the steps of
    those k that matter; `beta` and `root` are pairs. `ends` bounds what comes after t: the most and
    the least of f, the least of l and the most of u before the schedule's factor, and what can be
    left of the sum over m. Term by term, until the rest is lost in rounding, only where the bounds
    cannot tell that all that matters is clipped on one side.
    """
    if lr * ends[0] <= ends[2] * (s * fading[1] + eps):
        return m * geometric_sum(low, low_later, fading[0], beta, steps[:, 1], t, k)
    if lr * ends[1] >= ends[3] * (s + eps):
        return m * geometric_sum(high, high_later, fading[0], beta, steps[:, 2], t, k)
    first = float64(beta[0]) + beta[1]
    second = float64(root[0]) + root[1]
    fade = float64(m)
    faded = float64(s)
    total = 0.0 * fade
    for i in range(1, k + 1):
        fade = fade * first
        faded = faded * second
        rate = maximum(lr * steps[t + i, 0] / (faded + eps), float64(steps[t + i, 1]))
        total = total + minimum(rate, float64(steps[t + i, 2])) * fade
        if abs(fade) * ends[4] <= 1e-14 * abs(total):
            break
    return total
