"""Ball arithmetic's meaning of a rule: python-flint's `arb`, which encloses the true value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb


def ball(value: float) -> arb:
    """Return the ball that is exactly the double `value`."""
    return arb(float(value))


def _product(factor: Callable[[Any], Any], t: Any) -> arb:
    result = arb(1)
    for i in range(1, int(float(t)) + 1):
        result = result * factor(arb(i))
    return result


def _where(condition: Any, then: Any, otherwise: Any) -> Any:
    """Choose by a comparison of balls, which is true only where it is certain."""
    return then if condition else otherwise


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": lambda x: arb(x).sqrt(),
    "abs": lambda x: abs(arb(x)),
    "maximum": lambda a, b: arb(a).max(b),
    "minimum": lambda a, b: arb(a).min(b),
    "sign": lambda x: arb(x).sgn(),
    "expm1": lambda x: arb(x).expm1(),
    "where": _where,
    "product": _product,
    "remainder": lambda a, b: a - (arb(a) / b).floor() * b,
}
