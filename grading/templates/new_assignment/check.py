"""The mean of the squares of a vector's entries: a check to change into what you want to ask."""

from __future__ import annotations

import numpy as np

from grading.check import Case, Check, Mistake, Values

DRAWN = 12


def _case(entries: object) -> Case:
    """One call: the arguments of the student's function by name, in their order."""
    return Case({"x": np.asarray(entries, dtype=np.float64)})


def draw_cases(rng: np.random.Generator) -> tuple[Case, ...]:
    """Vectors of 1 to 8 entries over four magnitudes."""
    sizes = rng.integers(1, 9, size=DRAWN)
    return tuple(_case(10.0 ** rng.uniform(-2, 2) * rng.normal(size=size)) for size in sizes)


def smaller_cases(case: Case) -> tuple[Case, ...]:
    """Simpler cases to show where a drawn one fails: the first entries, rounded, then as drawn."""
    x = case.arguments["x"]
    firsts = [x[:count] for count in range(1, len(x) + 1)]
    return tuple(_case(first.round(digits)) for digits in (0, 1, 16) for first in firsts)


def expected(case: Case) -> Values:
    """The right answer; it never enters the jail."""
    return (np.array(np.mean(case.arguments["x"] ** 2)),)


def allowed_error(case: Case, right: Values) -> Values:
    """How far off a right answer may be: a rounding for each square, sum and the quotient."""
    return ((len(case.arguments["x"]) + 2) * np.finfo(np.float64).eps * np.abs(right[0]),)


MISTAKES = (
    Mistake(
        "root of it",
        lambda case: (np.sqrt(expected(case)[0]),),
        "You return the root of the mean. This check asks for the mean of the squares itself.",
    ),
    Mistake(
        "sum for mean",
        lambda case: (np.array(np.sum(case.arguments["x"] ** 2)),),
        "You return the sum of the squares: divide it by the number of entries.",
    ),
)

CHECK = Check(
    function="mean_square",
    returns=("mean",),
    simple_cases=(_case([0]), _case([1]), _case([-2]), _case([1, 2]), _case([3, -4, 0])),
    draw_cases=draw_cases,
    expected=expected,
    allowed_error=allowed_error,
    tolerance_reason="one rounding for each square, sum and the quotient, in whichever order",
    smaller_cases=smaller_cases,
    mistakes=MISTAKES,
    kind="number",
)
