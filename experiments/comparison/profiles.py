"""Performance profiles (Dolan and Moré, Mathematical Programming 91 (2002), 201-213)."""

from __future__ import annotations

import numpy as np


def ratios(times: np.ndarray) -> np.ndarray:
    """By what factor each rule is slower than the fastest: [rules, instances], from such times.

    A miss is an infinite time and an infinite ratio, also where every rule misses.
    """
    fastest = times.min(axis=0, keepdims=True)
    missed = np.isinf(times)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(times == fastest, 1.0, times / fastest)
    return np.where(missed, np.inf, found)


def profile(ratios_of_a_rule: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """The part of the instances on which a rule is within each of `factors` of the fastest."""
    return (ratios_of_a_rule[None, :] <= factors[:, None]).mean(axis=1)
