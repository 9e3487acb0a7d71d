"""Refuses settings that cannot mean anything, before any step is taken."""

from __future__ import annotations

import math


def whole(schedule: str, **settings: float) -> None:
    """Raise ValueError unless every setting is a whole number, 1 or more."""
    for name, value in settings.items():
        if not (math.isfinite(value) and value == int(value) and value >= 1):
            raise ValueError(f"{schedule}: {name} = {value}, expected a whole number, 1 or more")


def positive(schedule: str, **settings: float) -> None:
    """Raise ValueError unless every setting is finite and above 0."""
    for name, value in settings.items():
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{schedule}: {name} = {value}, expected a finite number above 0")


def fraction(schedule: str, **settings: float) -> None:
    """Raise ValueError unless every setting is from 0 to 1."""
    for name, value in settings.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{schedule}: {name} = {value}, expected a number from 0 to 1")
