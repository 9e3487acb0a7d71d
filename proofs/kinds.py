"""How a rule's result transforms, read off the rule's own code.

Each value is replaced by its kind: how it changes when the problem is transformed. A kind algebra
says which kind an operation gives, and refuses where the operation has no law (a gradient squared
entry by entry is not a rotated vector). A rule whose update gives every state and the weight their
kinds back commutes with the transformation at every step, so its whole trajectory does: a proof
for all inputs and all values of the hyper-parameters. A refusal proves nothing by itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from optim.functions import MATRIX_NAMES, NAMES
from optim.meaning import with_meaning
from optim.rule import Rule

Kind = Any
ZERO = "zero"


class NoLaw(Exception):
    """An operation after which nothing is known of how the result transforms."""


@dataclass(frozen=True)
class Algebra:
    """What each operation does to kinds; every function raises NoLaw where there is no law.

    `constant` is the kind of a number that the transformation leaves alone, `filled` that of a
    state filled with one such number; `candidates` are the kinds that a state may have.
    """

    constant: Kind
    filled: Kind
    candidates: tuple[Kind, ...]
    add: Callable[[Kind, Kind], Kind]
    subtract: Callable[[Kind, Kind], Kind]
    multiply: Callable[[Kind, Kind], Kind]
    divide: Callable[[Kind, Kind], Kind]
    named: Mapping[str, Callable[..., Kind]]


@dataclass(frozen=True, eq=False)
class Typed:
    """A value of which only the kind is known; exact zero has every kind."""

    kind: Kind
    algebra: Algebra

    def __add__(self, other: Any) -> Typed:
        b = self._kind_of(other)
        if ZERO in (self.kind, b):
            return self._as(b if self.kind == ZERO else self.kind)
        return self._as(self.algebra.add(self.kind, b))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Typed:
        b = self._kind_of(other)
        if b == ZERO:
            return self
        first = self.algebra.constant if self.kind == ZERO else self.kind
        return self._as(self.algebra.subtract(first, b))

    def __rsub__(self, other: Any) -> Typed:
        return Typed(self._kind_of(other), self.algebra) - self

    def __mul__(self, other: Any) -> Typed:
        b = self._kind_of(other)
        return self._as(ZERO if ZERO in (self.kind, b) else self.algebra.multiply(self.kind, b))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Typed:
        b = self._kind_of(other)
        if b == ZERO:
            raise NoLaw("division by zero")
        return self._as(ZERO if self.kind == ZERO else self.algebra.divide(self.kind, b))

    def __rtruediv__(self, other: Any) -> Typed:
        return Typed(self._kind_of(other), self.algebra) / self

    def __matmul__(self, other: Typed) -> Typed:
        return self._as(_law(self.algebra, "matmul")(self.kind, other.kind))

    def __gt__(self, other: Any) -> Typed:
        """A comparison of numbers that the transformation leaves alone, which it leaves alone."""
        known = (self.algebra.constant, self.algebra.filled, ZERO)
        kinds = (self.kind, self._kind_of(other))
        if not all(kind in known for kind in kinds):
            raise NoLaw(f"{self.kind} compared")
        filled = self.algebra.filled
        return self._as(filled if filled in kinds else self.algebra.constant)

    __lt__ = __ge__ = __le__ = __gt__

    def _kind_of(self, other: Any) -> Kind:
        if isinstance(other, Typed):
            return other.kind
        return ZERO if other == 0 else self.algebra.constant

    def _as(self, kind: Kind) -> Typed:
        return Typed(kind, self.algebra)


def _law(algebra: Algebra, name: str) -> Callable[..., Kind]:
    def refused(*_kinds: Kind) -> Kind:
        raise NoLaw(f"no law for {name}")

    return algebra.named.get(name, refused)


def _meaning(algebra: Algebra) -> dict[str, Callable[..., Typed]]:
    def function(name: str) -> Callable[..., Typed]:
        return lambda *values: Typed(_named(algebra, name, values), algebra)

    return {name: function(name) for name in (*NAMES, *MATRIX_NAMES)}


def _named(algebra: Algebra, name: str, values: tuple[Any, ...]) -> Kind:
    kinds = [Typed(ZERO, algebra)._kind_of(value) for value in values]
    if name == "where":
        return _either(algebra, *kinds)
    known = [kind for kind in kinds if kind != ZERO]
    if name in ("maximum", "minimum") and len(known) == 1:
        kinds = known * 2
    elif not known or (name in ("outer", "solve") and kinds[-1] == ZERO):
        return ZERO
    return _law(algebra, name)(*kinds)


def _either(algebra: Algebra, condition: Kind, one: Kind, other: Kind) -> Kind:
    """One of two values by a condition that the transformation leaves alone: their common kind."""
    unchanged = (algebra.constant, algebra.filled)
    if condition not in (*unchanged, ZERO):
        raise NoLaw(f"a choice by {condition}")
    if one == other or other == ZERO:
        return one
    if one == ZERO:
        return other
    if one in unchanged and other in unchanged:
        return algebra.filled
    raise NoLaw(f"{one} or {other}")


def uses_known_functions_only(rule: Rule) -> bool:
    """Whether the update names no global, attribute or outer variable but `optim.functions`."""
    code = rule.update.__code__
    return not code.co_freevars and set(code.co_names) <= {*NAMES, *MATRIX_NAMES}


def state_kinds(
    rule: Rule,
    algebra: Algebra,
    inputs: tuple[Kind, ...],
    zero: Iterable[str] = (),
) -> dict[str, Kind] | None:
    """The kinds of the states with which one step keeps all kinds; None where there are none.

    `inputs` are the kinds of what the rule takes before its state (weight first); the
    hyper-parameters named in `zero` are zero, all others are any numbers. A state that starts from
    a number, and not from zero, has the algebra's kind for that. A rule that uses anything but the
    functions of `optim.functions` could mix coordinates unseen, and nothing is said of it.
    """
    if not uses_known_functions_only(rule):
        return None
    update = with_meaning(rule.update, _meaning(algebra))
    vanishing = set(zero)
    free = [n for n in rule.state if rule.initial.get(n, "") in vanishing | {""}]
    rest = [algebra.constant] * len(rule.per_step_names) + [
        ZERO if name in vanishing else algebra.constant for name in rule.update_hyperparameters
    ]
    for chosen in itertools.product(algebra.candidates, repeat=len(free)):
        kinds = dict.fromkeys(rule.state, algebra.filled) | dict(zip(free, chosen, strict=True))
        given = [*inputs, *kinds.values(), *rest]
        if _kinds_after(update, given, algebra) == [inputs[0], *kinds.values()]:
            return kinds
    return None


def _kinds_after(
    update: Callable[..., Any], given: Iterable[Kind], algebra: Algebra
) -> list[Kind] | None:
    try:
        result = update(*(Typed(kind, algebra) for kind in given))
    except (NoLaw, TypeError):  # TypeError: an operation that no kind has, such as a comparison
        return None
    return [value.kind for value in (result if isinstance(result, tuple) else (result,))]
