"""Finds an instance on which a premise holds although the hypotheses behind it were dropped.

Used to ask whether a step follows from what it cites: the premise `M @ x = lam * x`, say, is met by
matrices that were not drawn with an eigenpair, by solving it for entries that enter it linearly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flint import acb, acb_mat

from proofs.steps.evaluate import Budget, value_of
from proofs.steps.givens import Given
from proofs.steps.language import Expression
from proofs.steps.statements import Relation, Statement, sides_of_equation
from proofs.steps.values import Truth, UndecidedError, UndefinedError, Value

FREE_KINDS = frozenset(
    {"real", "complex", "vector", "complex_vector", "matrix", "complex_matrix", "scalar_and_vector"}
)
REAL_KINDS = frozenset({"real", "vector", "matrix"})

Definitions = Mapping[str, Expression]
Place = tuple[str, int, int]


def meet(
    premise: Relation | Statement | None,
    drawn: dict[str, Value],
    givens: tuple[Given, ...],
    definitions: Definitions,
    budget: Budget,
) -> dict[str, Value] | None:
    """The drawn instance, changed in free entries if need be so that the premise holds."""
    names = _defined(drawn, definitions, budget)
    if premise is None or _holds(premise, names, budget):
        return names
    equation = sides_of_equation(premise)
    if equation is None:
        return None
    entries = len(_difference(equation, names, budget))
    for component in range(entries):
        solved = _solve(equation, component, drawn, givens, definitions, budget)
        if solved is None:
            return None
        drawn = solved
    names = _defined(drawn, definitions, budget)
    return names if _holds(premise, names, budget) else None


def _holds(premise: Relation | Statement, names: Mapping[str, Value], budget: Budget) -> bool:
    return premise.truth(names, budget) >= Truth.CLOSE


def _defined(drawn: dict[str, Value], definitions: Definitions, budget: Budget) -> dict[str, Value]:
    names = dict(drawn)
    for name, expression in definitions.items():
        names[name] = value_of(expression, names, budget)
    return names


def _difference(equation: Relation, names: Mapping[str, Value], budget: Budget) -> list[acb]:
    left, right = equation.values(names, budget)
    if isinstance(left, acb_mat) and isinstance(right, acb_mat):
        return [a - b for a, b in zip(left.entries(), right.entries(), strict=True)]
    one = left[0, 0] if isinstance(left, acb_mat) else acb(left)
    other = right[0, 0] if isinstance(right, acb_mat) else acb(right)
    return [one - other]


def _solve(
    equation: Relation,
    component: int,
    drawn: dict[str, Value],
    givens: tuple[Given, ...],
    definitions: Definitions,
    budget: Budget,
) -> dict[str, Value] | None:
    """One entry changed so that this component of the equation, and those before it, hold."""

    def differences(candidate: dict[str, Value]) -> list[acb]:
        return _difference(equation, _defined(candidate, definitions, budget), budget)

    now = differences(drawn)
    if now[component].contains(0):
        return drawn
    for place, is_real in _free_places(drawn, givens):
        try:
            once = differences(_moved(drawn, place, acb(1)))
            twice = differences(_moved(drawn, place, acb(2)))
            slope = once[component] - now[component]
            if slope.contains(0) or not (twice[component] - once[component]).overlaps(slope):
                continue
            step = -now[component] / slope
            if is_real and not step.imag.is_zero():
                continue
            candidate = _moved(drawn, place, step)
            after = differences(candidate)
        except (UndefinedError, UndecidedError):
            continue
        if all(one.contains(0) for one in after[: component + 1]):
            return candidate
    return None


def _free_places(
    drawn: Mapping[str, Value], givens: tuple[Given, ...]
) -> Iterator[tuple[Place, bool]]:
    for given in givens:
        if given.kind not in FREE_KINDS:
            continue
        for name in given.names:
            value = drawn[name]
            if isinstance(value, acb_mat):
                for i in range(value.nrows()):
                    for j in range(value.ncols()):
                        yield (name, i, j), given.kind in REAL_KINDS
            else:
                yield (name, 0, 0), given.kind in REAL_KINDS


def _moved(drawn: dict[str, Value], place: Place, step: acb) -> dict[str, Value]:
    name, row, column = place
    value = drawn[name]
    if not isinstance(value, acb_mat):
        return {**drawn, name: acb(value) + step}
    changed = acb_mat(value)
    changed[row, column] = value[row, column] + step
    return {**drawn, name: changed}
