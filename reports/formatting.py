"""How a number is written. The unit decides, so that a column of one unit lines up."""

from __future__ import annotations

import dataclasses
import math

from reports.number import Number

_DECIMALS = {"loss": 4, "%": 2, "s": 3}
_SUFFIX = {"%": " %", "s": " s"}
_SIGNIFICANT = 6


@dataclasses.dataclass(frozen=True)
class Written:
    """A number in writing: `mantissa` times ten to the `exponent`, then the `suffix`."""

    mantissa: str
    exponent: int | None = None
    suffix: str = ""


def written(number: Number) -> Written:
    """The number as text. Whole numbers are grouped; very small and large ones get an exponent."""
    value = number.value
    if value is None:
        raise ValueError(f"{number.computed}: a missing number has no written form")
    suffix = _SUFFIX.get(number.unit, "")
    if isinstance(value, int):
        return Written(_minus(f"{value:,}"), None, suffix)
    decimals = _DECIMALS.get(number.unit)
    if _needs_exponent(value, decimals):
        mantissa, exponent = f"{value:.2e}".split("e")
        return Written(_minus(mantissa), int(exponent), suffix)
    if decimals is not None:
        return Written(_minus(f"{value:,.{decimals}f}"), None, suffix)
    return Written(_minus(f"{value:,.{_SIGNIFICANT}g}"), None, suffix)


def plain(number: Number) -> str:
    """The number in one line of text, for alternative texts and tooltips."""
    if number.value is None:
        return f"missing ({number.missing})"
    text = written(number)
    power = "" if text.exponent is None else f" × 10^{_minus(str(text.exponent))}"
    return f"{text.mantissa}{power}{text.suffix}"


def _needs_exponent(value: float, decimals: int | None) -> bool:
    if value == 0:
        return False
    magnitude = math.floor(math.log10(abs(value)))
    smallest = -4 if decimals is None else -decimals + 1
    return magnitude < smallest or magnitude > 8


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
