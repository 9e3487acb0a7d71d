"""Tables of what a decaying state still does to a weight while its gradient is zero.

A momentum m goes on moving its weight: k steps of zero gradient after step t add
m sum_{i=1..k} beta^i c(t + i). With S(t) the same sum to the end of training, that is
m (S(t) - beta^k S(t + k)), and S follows from its end backwards, every term positive. Prefix sums
would lose all digits instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def geometric(terms: Array, ratio: Array | float) -> Array:
    """Return S(t) = sum_{i >= 1} ratio(t + 1) ... ratio(t + i) terms(t + i), for t = 0..T.

    `terms` and `ratio` are float64 [T + 1] (or one ratio); both count from step 0, which no sum
    reaches. Computed by doubling: sums of 1, 2, 4, ... terms, all t at once.
    """
    size = terms.size
    weights = np.append(np.broadcast_to(ratio, size)[1:], 0.0)
    sums: Array = np.append(terms[1:], 0.0) * weights
    reach = 1
    while reach < size and weights.any():
        sums[:-reach] += weights[:-reach] * sums[reach:]
        weights[:-reach] = weights[:-reach] * weights[reach:]
        weights[-reach:] = 0.0
        reach *= 2
    return sums


def greatest_after(values: Array) -> Array:
    """Return the greatest of `values` [T + 1] after each step; at T, the value there."""
    return np.maximum.accumulate(np.append(values[1:], values[-1])[::-1])[::-1]


def adaptive(
    factor: Array, scale: Array, beta: float, root: float, growth: Array | None = None
) -> Array:
    """Return [T + 1, 6], whose row t sums m beta^i f / (s root^i x + eps) over all steps after t.

    f = factor(t + i) and x = scale(t + i) >= 1; `growth` [T + 1] multiplies beta at each step
    (one over a weight decay), ones if not given. With y = 1 / (root^i x), the sum is an integral
    of 1 / (1 + y eps / s) over y, replaced by its two-point Gauss rule: (m / s) (n0 + n1 e) /
    (1 + d1 e + d2 e^2), e = eps / s. Columns: n0, n1, d1, d2; a bound on the relative error at
    e = (b / (1 - b)), to be multiplied by b^4; a bound on the sum that is left, in units of
    m / (s + eps).

    The error of a Gauss rule for 1 / (1 + y e) grows with e towards its value at infinity, where
    the integral is the plain geometric sum: so the bound is computed, not estimated.
    """
    growth = np.ones_like(factor) if growth is None else growth
    with np.errstate(divide="ignore", invalid="ignore"):  # a root of zero: no rows, and no bound
        ratios = [beta * growth / root**power for power in range(5)]
    rows = np.zeros((factor.size, 6))
    rows[:, 2:4] = 2.0, 1.0
    largest = greatest_after(factor)
    slowest = ratios[1].max()
    rows[:, 5] = largest / (1 - slowest) if slowest < 1 else np.inf
    if not ratios[4].max() < 1:
        rows[:, 4] = np.inf
        return rows
    plain, *moments = (geometric(factor / scale**n, ratio) for n, ratio in enumerate(ratios))
    used = moments[0] > 0
    rows[used, :5] = _two_points(plain[used], *(moment[used] for moment in moments))
    return rows


def _two_points(plain: Array, q0: Array, q1: Array, q2: Array, q3: Array) -> Array:
    """Columns 0 to 4 of `adaptive`, from the moments q0..q3 of y and the plain geometric sum."""
    mean = q1 / q0
    variance = np.maximum(q2 / q0 - mean**2, 0.0)
    deviation = np.sqrt(variance)
    # Below this spread the third moment is rounding, and no longer matters: one point would do.
    spread = deviation > 1e-5 * mean
    cube = np.where(spread, deviation**3, 1.0)
    skew = np.where(spread, (q3 / q0 - 3 * mean * (q2 / q0) + 2 * mean**3) / cube, 0.0)
    half = np.sqrt(1 + skew**2 / 4)
    high, low = mean + deviation * (skew / 2 + half), mean + deviation * (skew / 2 - half)
    share = (half - skew / 2) / (2 * half)
    d1 = high + low
    with np.errstate(divide="ignore"):
        limit = q0 * (share / high + (1 - share) / low)
    error = np.where(low > 0, np.abs(limit / plain - 1), np.inf) * np.maximum(1.0, d1) ** 4
    return np.stack([q0, q0 * (share * low + (1 - share) * high), d1, high * low, error], axis=1)


def split(total: Array) -> Array:
    """Return [T + 1, 2]: a growing sum as coarse and fine parts, exact apart in single precision.

    The coarse part is a multiple of a power of two with fewer than 24 bits, so differences of two
    rows lose nothing but the rounding of the fine parts.
    """
    step = 2.0 ** np.ceil(np.log2(max(float(np.abs(total).max()), 1e-300)) - 23)
    coarse = np.round(total / step) * step
    return np.stack([coarse, total - coarse], axis=1)


def pair(value: Array | float) -> Array:
    """Return [..., 2]: numbers as the nearest in single precision, and what is left of each.

    Their sum in double precision is good to 1e-14 where the two themselves are in single.
    """
    nearest = np.asarray(value, np.float32).astype(np.float64)
    return np.stack([nearest, value - nearest], axis=-1)


def always(t: Array, *values: float) -> Array:
    """Return [T + 1, 2 n]: the pairs of n numbers, the same at every step of `t`."""
    return np.broadcast_to(pair(np.array(values)).ravel(), (t.size, 2 * len(values)))


def adaptive_tables(
    t: Array, factor: Array, scale: Array, beta: float, square: float, growth: Array | None = None
) -> dict[str, Array]:
    """Return the tables that `optim.functions.adaptive_sum` reads, by name.

    `factor`, `scale`, `beta` and `growth` as in `adaptive`, whose root is that of `square`: the
    factor by which the average under the root falls at each step.
    """
    ratio = pair(beta * (np.ones_like(t) if growth is None else growth))
    return {
        "drift": adaptive(factor, scale, beta, square**0.5, growth),
        "fading": np.stack([beta**t, square ** (t / 2)], axis=1),
        "root": always(t, square**0.5),
        "steps": np.stack([factor, scale, ratio[:, 0], ratio[:, 1]], axis=1),
    }
