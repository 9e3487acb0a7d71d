"""One cycle: up, then down to almost nothing (Smith and Topin, arXiv:1708.07120)."""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.schedules.settings import fraction, positive, whole


def one_cycle(
    t: Any,
    *,
    total_steps: int,
    warm: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> Any:
    """Return a factor that rises from 1 / div_factor to 1, then falls by final_div_factor more.

    Both along half cosines, the rise over the share `warm` of `total_steps`: torch's OneCycleLR,
    of which the learning rate here is `max_lr` and `warm` is `pct_start`; without its momentum.
    """
    whole("one_cycle", total_steps=total_steps)
    fraction("one_cycle", warm=warm)
    positive("one_cycle", div_factor=div_factor, final_div_factor=final_div_factor)
    done = np.minimum(np.asarray(t, dtype=np.float64) - 1, total_steps - 1)
    top = warm * total_steps - 1
    first, last = 1 / div_factor, 1 / (div_factor * final_div_factor)
    with np.errstate(divide="ignore", invalid="ignore"):
        up = _anneal(first, 1.0, done / top) if top > 0 else np.ones_like(done)
        down = _anneal(1.0, last, (done - top) / (total_steps - 1 - top))
    return np.where(done <= top, up, down)[()]


def _anneal(start: float, end: float, share: Any) -> Any:
    return end + (start - end) / 2 * (1 + np.cos(np.pi * share))
