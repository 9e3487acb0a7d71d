"""Gerschgorin's discs of a real square matrix, as centres and radii (Gerschgorin, 1931)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grading.check import Case, Check, Mistake, Values

DRAWN = 16


def _case(rows: object) -> Case:
    return Case({"matrix": np.asarray(rows, dtype=np.float64)})


SIMPLE = (
    _case([[0]]),
    _case([[2]]),
    _case([[1, 0], [0, 2]]),
    _case([[1, 2], [0, 3]]),
    _case([[1, -2], [0, 3]]),
    _case([[1, 1, -1], [2, 3, 0], [0, 0, -4]]),
)


def draw_cases(rng: np.random.Generator) -> tuple[Case, ...]:
    """Full matrices of order 1 to 5 over four magnitudes, without symmetry."""
    return tuple(_draw(rng) for _ in range(DRAWN))


def _draw(rng: np.random.Generator) -> Case:
    order = int(rng.integers(1, 6))
    return _case(10.0 ** rng.uniform(-2, 2) * rng.normal(size=(order, order)))


def smaller_cases(case: Case) -> Iterator[Case]:
    """Each leading block, in whole numbers, with one decimal, and as it was drawn."""
    matrix = case.arguments["matrix"]
    return (
        _case(matrix[:order, :order].round(digits))
        for digits in (0, 1, 16)
        for order in range(1, len(matrix) + 1)
    )


def expected(case: Case) -> Values:
    """The diagonal, and each row's sum of the absolute values beside it."""
    matrix = case.arguments["matrix"]
    beside = np.abs(matrix)
    np.fill_diagonal(beside, 0)
    return np.diagonal(matrix).copy(), beside.sum(axis=1)


def allowed_error(case: Case, right: Values) -> Values:
    """None in the centres; in a radius, that of adding its whole row up and taking off again."""
    matrix = case.arguments["matrix"]
    roundings = (len(matrix) + 1) * np.finfo(np.float64).eps
    return np.zeros_like(right[0]), roundings * np.abs(matrix).sum(axis=1)


def _with_diagonal(case: Case) -> Values:
    matrix = case.arguments["matrix"]
    return np.diagonal(matrix), np.abs(matrix).sum(axis=1)


def _of_columns(case: Case) -> Values:
    return expected(_case(case.arguments["matrix"].T))


def _without_absolute_value(case: Case) -> Values:
    matrix = case.arguments["matrix"]
    return np.diagonal(matrix), matrix.sum(axis=1) - np.diagonal(matrix)


def _absolute_last(case: Case) -> Values:
    centres, sums = _without_absolute_value(case)
    return centres, np.abs(sums)


MISTAKES = (
    Mistake(
        "diagonal in the radius",
        _with_diagonal,
        "Your radii include the diagonal. The diagonal is the centre; a radius is the sum of the "
        "other absolute values of its row.",
    ),
    Mistake(
        "columns for rows",
        _of_columns,
        "You sum the columns. Those discs hold the eigenvalues too, but this check asks for rows.",
    ),
    Mistake(
        "absolute value missing",
        _without_absolute_value,
        "You sum the entries themselves, so that signs cancel, and a radius may be negative. Take "
        "absolute values first.",
    ),
    Mistake(
        "absolute value last",
        _absolute_last,
        "You take the absolute value of the sum. Take it of each entry, and then sum.",
    ),
)

CHECK = Check(
    function="gerschgorin_discs",
    returns=("centres", "radii"),
    simple_cases=SIMPLE,
    draw_cases=draw_cases,
    expected=expected,
    allowed_error=allowed_error,
    tolerance_reason="one rounding for every entry of a row, in whichever order they are added",
    smaller_cases=smaller_cases,
    mistakes=MISTAKES,
)
