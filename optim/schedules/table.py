"""Schedules by name, and the table of factors that an engine reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optim.rule import nearest, parameters
from optim.schedules import annealing, cycle, decay

_SCHEDULES: dict[str, Callable[..., Any]] = {
    "constant": decay.constant,
    "step": decay.step,
    "exponential": decay.exponential,
    "inverse_square_root": decay.inverse_square_root,
    "inverse_time": decay.inverse_time,
    "polynomial": decay.polynomial,
    "cosine": annealing.cosine,
    "cosine_with_restarts": annealing.cosine_with_restarts,
    "one_cycle": cycle.one_cycle,
}
NAMES = tuple(_SCHEDULES)


def schedule(name: str, **settings: float) -> Callable[[Any], Any]:
    """Return the schedule called `name` with its settings.

    ValueError with the nearest name where there is no such schedule or setting, or a setting
    cannot mean anything.
    """
    if name not in _SCHEDULES:
        raise ValueError(f"there is no schedule {name!r}; {nearest(name, NAMES)}")
    function = _SCHEDULES[name]
    known = parameters(function)[1:]
    for setting in settings:
        if setting not in known:
            raise ValueError(
                f"{name} has no setting {setting!r}; {nearest(setting, known) if known else 'none'}"
            )
    chosen = partial(function, **settings)
    try:
        chosen(1)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from error
    return chosen


def factors(chosen: Callable[[Any], Any], steps: int) -> NDArray[np.float64]:
    """Return the factors of steps 0..steps, float64; step 0 is never taken, and has factor 1."""
    return np.append(1.0, chosen(np.arange(1, steps + 1, dtype=np.float64)))
