"""Cosine annealing (Loshchilov and Hutter, SGDR, ICLR 2017, equation 5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from optim.schedules.settings import fraction, whole


def cosine(t: Any, *, total_steps: int, final: float = 0.0) -> Any:
    """Return half a cosine from 1 to `final` over `total_steps`, and `final` from then on.

    torch's CosineAnnealingLR with eta_min = final times the learning rate, up to T_max; torch's
    goes up again after that.
    """
    whole("cosine", total_steps=total_steps)
    fraction("cosine", final=final)
    done = np.minimum(np.asarray(t, dtype=np.float64) - 1, total_steps)
    return final + (1 - final) * (1 + np.cos(np.pi * done / total_steps)) / 2


def cosine_with_restarts(t: Any, *, period: int, growth: int = 1, final: float = 0.0) -> Any:
    """Return half cosines that restart after `period` steps, each `growth` times longer.

    torch's CosineAnnealingWarmRestarts with T_0 = period, T_mult = growth.
    """
    whole("cosine_with_restarts", period=period, growth=growth)
    fraction("cosine_with_restarts", final=final)
    done = np.asarray(t, dtype=np.float64) - 1
    length: int | NDArray[np.int64] = period
    if growth == 1:
        since = done % period
    else:
        # Whole-number logarithms: a rounded one would restart a step early or late.
        starts, lengths = [0], [period]
        while starts[-1] + lengths[-1] <= done.max():
            starts.append(starts[-1] + lengths[-1])
            lengths.append(lengths[-1] * growth)
        cycle = np.searchsorted(starts, done, side="right") - 1
        since, length = done - np.array(starts)[cycle], np.array(lengths)[cycle]
    return final + (1 - final) * (1 + np.cos(np.pi * since / length)) / 2
