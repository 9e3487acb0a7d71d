"""Schedules as a protocol describes them: settings as shares of a run, whatever its length."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from optim.schedules import schedule
from optim.schedules.warmup import with_warmup

SHARES = ("step_size", "period", "timescale")
"""Settings that count steps, given as shares of the steps there are."""


def described(description: Mapping[str, Any], steps: int) -> Callable[[Any], Any]:
    """The schedule of a run of `steps` steps that a protocol describes.

    Beside the settings of `optim.schedules`: `warmup`, the share of the steps that rise in a
    straight line before the shape begins, and for an exponential `final`, the factor at the last
    step. A shape that needs to know how many steps there are is told. Raises ValueError for an
    unknown shape or setting.
    """
    settings = {key: value for key, value in description.items() if key not in ("shape", "warmup")}
    shape = description["shape"]
    rising = round(description.get("warmup", 0.0) * steps)
    left = steps - rising
    for name in SHARES:
        if name in settings:
            settings[name] = max(1, round(settings[name] * left))
    if shape == "exponential" and "final" in settings:
        settings["gamma"] = settings.pop("final") ** (1 / max(1, left - 1))
    if shape in ("polynomial", "cosine", "one_cycle"):
        settings["total_steps"] = left
    chosen = schedule(shape, **settings)
    return with_warmup(chosen, steps=rising) if rising else chosen
