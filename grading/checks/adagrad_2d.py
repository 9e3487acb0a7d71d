"""The trainer's step on the bowl 0.1 x1^2 + 2 x2^2, in the form of section 3.6.1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grading.check import Case, Check, Mistake, Values

DRAWN = 16
ETA, EPS = 0.4, 1e-6
# Gradient, square, two sums, root, quotient, product, difference: eight roundings by half a unit,
# in the reference and in the answer.
ULPS = 8


def _case(x1: float, x2: float, s1: float, s2: float) -> Case:
    return Case({"x1": float(x1), "x2": float(x2), "s1": float(s1), "s2": float(s2)})


SIMPLE = (
    _case(0, 0, 0, 0),
    _case(5, 0, 0, 0),
    _case(0, 1, 0, 0),
    _case(-5, -2, 0, 0),
    _case(5, 1, 3, 9),
)


def draw_cases(rng: np.random.Generator) -> tuple[Case, ...]:
    """Points around the start (-5, -2), with sums of squares of earlier gradients."""
    return tuple(_case(*(5 * rng.normal(size=2)), *rng.gamma(1, 10, 2)) for _ in range(DRAWN))


def smaller_cases(case: Case) -> Iterator[Case]:
    """One coordinate at a time in whole numbers, then both, then with one decimal."""
    x1, x2, s1, s2 = case.arguments.values()
    candidates = [
        candidate
        for digits in (0, 1)
        for a, b, c, d in [[round(value, digits) for value in (x1, x2, s1, s2)]]
        for candidate in ((a, 0, c, 0), (0, b, 0, d), (a, b, c, d))
    ]
    return (_case(*candidate) for candidate in (*candidates, (x1, x2, s1, s2)))


def _step(
    case: Case,
    *,
    eta: float = ETA,
    slopes: tuple[float, float] = (0.2, 4.0),
    inside: bool = True,
    power: int = 2,
    fresh: bool = True,
) -> Values:
    x, s = (np.array(list(case.arguments.values())[part]) for part in (slice(0, 2), slice(2, 4)))
    gradient = np.array(slopes) * x
    grown = s + gradient**power
    divisor = grown if fresh else s
    root = np.sqrt(divisor + EPS) if inside else np.sqrt(divisor) + EPS
    moved = x - eta * gradient / root
    return tuple(np.array(value) for value in (*moved, *grown))


def expected(case: Case) -> Values:
    """The step as section 3.6.1 writes it, with eps under the root."""
    return _step(case)


def allowed_error(case: Case, right: Values) -> Values:
    """`ULPS` units in the last place of each position, of its step, and of each sum."""
    unit = ULPS * np.finfo(np.float64).eps
    x = (case.arguments["x1"], case.arguments["x2"])
    positions = [unit * (abs(a) + np.abs(b - a)) for a, b in zip(x, right[:2], strict=True)]
    return (*positions, *(unit * np.abs(value) for value in right[2:]))


def _order_of_book(case: Case) -> Values:
    x1, x2, s1, s2 = expected(case)
    return x1, s1, x2, s2


def _sums_not_returned(case: Case) -> Values:
    sums = (np.array(case.arguments[name]) for name in ("s1", "s2"))
    return (*expected(case)[:2], *sums)


MISTAKES = (
    Mistake(
        "eps outside the root",
        lambda case: _step(case, inside=False),
        "You divide by sqrt(s) + eps. Exercise 2 of section 3.8 writes it so, but section 3.6.1, "
        "which this check asks for, divides by sqrt(s + eps): move eps under the root.",
    ),
    Mistake(
        "accumulator not squared",
        lambda case: _step(case, power=1),
        "You add the gradient itself to s1 and s2. Adagrad sums squares: add g**2.",
    ),
    Mistake(
        "update before accumulate",
        lambda case: _step(case, fresh=False),
        "You step with the sums from before this gradient. Add g**2 first, then divide.",
    ),
    Mistake(
        "step uphill",
        lambda case: _step(case, eta=-ETA),
        "You add the scaled gradient. A descent step subtracts it.",
    ),
    Mistake(
        "rate of another try",
        lambda case: _step(case, eta=2.0),
        "You step with a learning rate of 2, as the book does in its second try. This check asks "
        "for 0.4.",
    ),
    Mistake(
        "factor two missing",
        lambda case: _step(case, slopes=(0.1, 2.0)),
        "Your gradient is half of it: the derivatives are 0.2 * x1 and 4 * x2.",
    ),
    Mistake(
        "order of the values",
        _order_of_book,
        "You return x1, s1, x2, s2. The order is x1, x2, s1, s2.",
    ),
    Mistake(
        "sums not returned",
        _sums_not_returned,
        "Your x1 and x2 are right, but the s1 and s2 you return are the old ones.",
    ),
)

CHECK = Check(
    function="adagrad_2d",
    returns=("x1", "x2", "s1", "s2"),
    simple_cases=SIMPLE,
    draw_cases=draw_cases,
    expected=expected,
    allowed_error=allowed_error,
    tolerance_reason=f"{ULPS} units in the last place: eight roundings, in whichever order",
    smaller_cases=smaller_cases,
    mistakes=MISTAKES,
    kind="number",
)
