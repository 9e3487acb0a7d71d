"""How a number is written. The unit decides, so that a column of one unit lines up."""

from __future__ import annotations

import dataclasses
import math

from reports.language import _, in_writing, named
from reports.number import Number

_DECIMALS = {"loss": 4, "%": 2, "ratio": 3}
_SUFFIX = {"%": " %", "s": " s"}
_SHORTEST_IN_SECONDS = 0.1
_SIGNIFICANT = 4


@dataclasses.dataclass(frozen=True)
class Written:
    """A number in writing: `mantissa` times ten to the `exponent` ("" for none), then `suffix`."""

    mantissa: str
    exponent: str = ""
    suffix: str = ""


def written(number: Number) -> Written:
    """The number as text, with the language's marks.

    Whole numbers are grouped; very small and large ones get an exponent.
    """
    found = _in_english(number)
    return dataclasses.replace(found, mantissa=in_writing(found.mantissa))


def _in_english(number: Number) -> Written:
    value = number.value
    if value is None:
        raise ValueError(f"{number.computed}: a missing number has no written form")
    suffix = _SUFFIX.get(number.unit, "")
    if isinstance(value, int):
        return Written(_minus(f"{value:,}"), "", suffix)
    if number.unit == "s":
        return _duration(value)
    decimals = _DECIMALS.get(number.unit)
    if _needs_exponent(value, decimals):
        mantissa, exponent = f"{value:.2e}".split("e")
        return Written(_minus(mantissa), _minus(str(int(exponent))), suffix)
    if decimals is not None:
        return Written(_minus(f"{value:,.{decimals}f}"), "", suffix)
    return Written(_minus(_significant(value)), "", suffix)


def plain(number: Number) -> str:
    """The number in one line of text, for alternative texts and tooltips."""
    if number.value is None:
        return _("missing ({reason})", reason=named(number.missing))
    text = written(number)
    power = f" × 10^{text.exponent}" if text.exponent else ""
    return f"{text.mantissa}{power}{text.suffix}"


def rough(value: float) -> str:
    """A number in a line of text that no one computes with: three significant digits."""
    return in_writing(f"{value:.3g}")


def _significant(value: float) -> str:
    """Four significant digits, and never fewer than the whole part has."""
    whole = len(str(int(abs(value))))
    return f"{value:,.{max(_SIGNIFICANT, whole)}g}"


def _duration(seconds: float) -> Written:
    """Seconds, or milliseconds where there are few."""
    if abs(seconds) < _SHORTEST_IN_SECONDS:
        return Written(_minus(f"{1000 * seconds:.3g}"), "", " ms")
    return Written(_minus(f"{seconds:,.3g}" if abs(seconds) < 100 else f"{seconds:,.0f}"), "", " s")


def _needs_exponent(value: float, decimals: int | None) -> bool:
    if value == 0:
        return False
    magnitude = math.floor(math.log10(abs(value)))
    smallest = -4 if decimals is None else -decimals + 1
    return magnitude < smallest or magnitude > 8


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
