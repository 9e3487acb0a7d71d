"""Gradients of the plane's quadratics x^T H x / 2, which several checks ask for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grading.check import Case, Check, Mistake, Values

DRAWN = 16
# At most two sums and four products, each rounded by half a unit of its largest term, in the
# reference and in the answer; and as much again.
ULPS = 8

# The functions of exercise 2 of the assignment's section 3.8, by their second derivatives.
F1 = np.array([[0.2, 0.0], [0.0, 4.0]])
F2 = np.array([[4.2, -3.8], [-3.8, 4.2]])
F1_ROTATED = F2 / 2


def point(x1: float, x2: float) -> Case:
    """A case of one point of the plane."""
    return Case({"x": np.array([x1, x2], dtype=np.float64)})


SIMPLE = (point(0, 0), point(1, 0), point(0, 1), point(1, 1), point(1, -1), point(3, 1))


def draw_cases(rng: np.random.Generator) -> tuple[Case, ...]:
    """Points over four magnitudes."""
    return tuple(point(*(10.0 ** rng.uniform(-2, 2) * rng.normal(size=2))) for _ in range(DRAWN))


def smaller_cases(case: Case) -> Iterator[Case]:
    """The coordinates in whole numbers, one at a time and both, then with one decimal."""
    x1, x2 = case.arguments["x"]
    pairs = [
        pair
        for digits in (0, 1)
        for a, b in [(round(x1, digits), round(x2, digits))]
        for pair in ((a, 0), (0, b), (a, b))
    ]
    return (point(*pair) for pair in (*pairs, (x1, x2)))


def product(hessian: np.ndarray, case: Case) -> Values:
    """The gradient H x."""
    return (hessian @ case.arguments["x"],)


def gradient_check(function: str, hessian: np.ndarray, mistakes: tuple[Mistake, ...]) -> Check:
    """The check that `function(x)` is the gradient of the quadratic with this Hessian."""
    unit = ULPS * np.finfo(np.float64).eps * np.abs(hessian).max()
    return Check(
        function=function,
        returns=("gradient",),
        simple_cases=SIMPLE,
        draw_cases=draw_cases,
        expected=lambda case: product(hessian, case),
        allowed_error=lambda case, _: (np.full(2, unit * np.abs(case.arguments["x"]).sum()),),
        tolerance_reason=f"{ULPS} units in the last place of the largest term: sums and products "
        "in whichever order",
        smaller_cases=smaller_cases,
        mistakes=mistakes,
    )


def times(name: str, hessian: np.ndarray, explanation: str) -> Mistake:
    """The mistake of returning another matrix times x."""
    return Mistake(name, lambda case: product(hessian, case), explanation)
