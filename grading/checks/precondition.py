"""Diagonal preconditioning of a symmetric positive definite matrix: the diagonal becomes one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from grading.check import Case, Check, Mistake, Values

DRAWN = 16
# Two roots, a product and a quotient, in any order, each rounded by half a unit, and as much again.
ULPS = 4


def _case(rows: object) -> Case:
    return Case({"matrix": np.asarray(rows, dtype=np.float64)})


SIMPLE = (
    _case([[1]]),
    _case([[4]]),
    _case([[1, 0], [0, 4]]),
    _case([[4, 1], [1, 9]]),
    _case([[4, -1, 0], [-1, 9, 2], [0, 2, 25]]),
)


def draw_cases(rng: np.random.Generator) -> tuple[Case, ...]:
    """Positive definite matrices of order 1 to 5 whose rows have very different sizes."""
    return tuple(_draw(rng) for _ in range(DRAWN))


def _draw(rng: np.random.Generator) -> Case:
    order = int(rng.integers(1, 6))
    factor = 10.0 ** rng.uniform(-1, 1, size=(order, 1)) * rng.normal(size=(order, order + 1))
    return _case(factor @ factor.T + 1e-3 * np.eye(order))


def smaller_cases(case: Case) -> Iterator[Case]:
    """Each leading block, which is positive definite too: rounded where that keeps it so."""
    matrix = case.arguments["matrix"]
    blocks = [matrix[:order, :order] for order in range(1, len(matrix) + 1)]
    rounded = (block.round(digits) for digits in (0, 1) for block in blocks)
    return map(_case, chain(filter(_is_definite, rounded), blocks))


def _is_definite(block: np.ndarray) -> bool:
    """Positive definite by a margin that rounding cannot feign."""
    eigenvalues = np.linalg.eigvalsh(block)
    return bool(eigenvalues[0] > 1e-6 * eigenvalues[-1])


def expected(case: Case) -> Values:
    """Every entry divided by the roots of the two diagonal entries that it shares lines with."""
    matrix = case.arguments["matrix"]
    roots = np.sqrt(np.diagonal(matrix))
    return (matrix / np.outer(roots, roots),)


def allowed_error(_: Case, right: Values) -> Values:
    """`ULPS` units in the last place of every entry."""
    return (ULPS * np.finfo(np.float64).eps * np.abs(right[0]),)


def _one_side(case: Case) -> Values:
    matrix = case.arguments["matrix"]
    return (matrix / np.diagonal(matrix)[:, None],)


def _without_roots(case: Case) -> Values:
    matrix = case.arguments["matrix"]
    return (matrix / np.outer(np.diagonal(matrix), np.diagonal(matrix)),)


def _multiplied(case: Case) -> Values:
    matrix = case.arguments["matrix"]
    roots = np.sqrt(np.diagonal(matrix))
    return (matrix * np.outer(roots, roots),)


MISTAKES = (
    Mistake(
        "one side only",
        _one_side,
        "You divide each row by its diagonal entry. That loses the symmetry: divide rows and "
        "columns, each by the root.",
    ),
    Mistake(
        "roots missing",
        _without_roots,
        "You divide by the diagonal entries themselves. Divide by their square roots, and the "
        "diagonal becomes one.",
    ),
    Mistake(
        "multiplied",
        _multiplied,
        "You multiply by the roots. The exponent is minus one half: divide by them.",
    ),
)

CHECK = Check(
    function="precondition",
    returns=("preconditioned",),
    simple_cases=SIMPLE,
    draw_cases=draw_cases,
    expected=expected,
    allowed_error=allowed_error,
    tolerance_reason=f"{ULPS} units in the last place: two roots, a product and a quotient",
    smaller_cases=smaller_cases,
    mistakes=MISTAKES,
)
