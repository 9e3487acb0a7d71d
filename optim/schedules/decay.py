"""Schedules that stay or decay."""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.schedules.settings import fraction, positive, whole


def constant(t: Any) -> Any:
    """Return 1 at every step."""
    return np.ones_like(t, dtype=np.float64)[()]


def step(t: Any, *, step_size: int, gamma: float = 0.1) -> Any:
    """Return gamma to the number of whole `step_size`s done (torch's StepLR)."""
    whole("step", step_size=step_size)
    fraction("step", gamma=gamma)
    return gamma ** ((np.asarray(t) - 1) // step_size)


def exponential(t: Any, *, gamma: float) -> Any:
    """Return gamma^(t - 1) (torch's ExponentialLR)."""
    fraction("exponential", gamma=gamma)
    return gamma ** (np.asarray(t, dtype=np.float64) - 1)


def inverse_square_root(t: Any, *, timescale: float = 1.0) -> Any:
    """Return sqrt(timescale / (timescale + t - 1)): 1 at first, then as 1 / sqrt(t).

    With a timescale of 1 it is Zinkevich's (ICML 2003, section 2) 1 / sqrt(t).
    """
    positive("inverse_square_root", timescale=timescale)
    return np.sqrt(timescale / (timescale + np.asarray(t, dtype=np.float64) - 1))


def inverse_time(t: Any, *, lr_decay: float) -> Any:
    """Return 1 / (1 + lr_decay (t - 1)): torch's Adagrad's `lr_decay`, on any rule."""
    positive("inverse_time", lr_decay=lr_decay)
    return 1 / (1 + lr_decay * (np.asarray(t, dtype=np.float64) - 1))


def polynomial(t: Any, *, total_steps: int, power: float = 1.0) -> Any:
    """Return (1 - done / total_steps)^power, zero once all is done (torch's PolynomialLR)."""
    whole("polynomial", total_steps=total_steps)
    positive("polynomial", power=power)
    done = np.minimum(np.asarray(t, dtype=np.float64) - 1, total_steps)
    return (1 - done / total_steps) ** power
