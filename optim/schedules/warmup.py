"""Linear warm-up before any schedule (Goyal et al., arXiv:1706.02677, section 2.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from optim.schedules.settings import fraction, whole


def with_warmup(
    schedule: Callable[[Any], Any], *, steps: int, start: float = 0.0
) -> Callable[[Any], Any]:
    """Return `schedule` begun after `steps` steps that rise in a straight line from `start`.

    torch's SequentialLR of LinearLR(start_factor=start, total_iters=steps) and the schedule.
    """
    whole("warm-up", steps=steps)
    fraction("warm-up", start=start)

    def warmed(t: Any) -> Any:
        done = np.asarray(t, dtype=np.float64) - 1
        rising = start + (1 - start) * np.minimum(done, steps) / steps
        return np.where(done < steps, rising, schedule(np.maximum(done - steps, 0) + 1))[()]

    return warmed
