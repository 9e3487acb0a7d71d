"""What the names of metrics say: their unit, and the metric in words."""

from __future__ import annotations

_UNITS = {"loss": "loss", "accuracy": "%", "seconds": "s"}


def unit_of(metric: str) -> str:
    """The unit of a metric of runs, from the last word of its name."""
    known = _UNITS.get(words(metric).rsplit(" ", 1)[-1])
    return known or ("loss" if "loss" in metric else "")


def factor_of(metric: str) -> float:
    """What a recorded value is multiplied by to be in the metric's unit: shares are in percent."""
    return 100.0 if unit_of(metric) == "%" else 1.0


def words(metric: str) -> str:
    """A metric's name for readers."""
    return metric.replace("_", " ")


def capital(told: str) -> str:
    """The text with its first letter as a sentence begins."""
    return told[:1].upper() + told[1:]
