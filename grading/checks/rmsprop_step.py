"""One RMSProp step in Adagrad's place, in the form of exercise 6 of section 3.8."""

from __future__ import annotations

import numpy as np

from grading.check import Case, Check, Mistake, Values
from grading.vector_steps import draw_gradients, each_coordinate, step_case, within_units
from optim.registry import rule

DRAWN = 24
# Two products, a square, a sum, root, sum, product and quotient: some nine roundings by half a
# unit, in the reference and in the answer.
ULPS = 9

SIMPLE = (
    step_case([0], [0], [0], lr=1, rho=0.5, eps=1),
    step_case([1], [1], [0], lr=1, rho=0.75, eps=1),
    step_case([1], [0], [1], lr=1, rho=0.75, eps=1),
    step_case([1], [2], [4], lr=1, rho=0.75, eps=1),
    step_case([1], [-2], [0], lr=1, rho=0.75, eps=1),
    step_case([3, 1], [2, 0], [0, 5], lr=0.01, rho=0.9, eps=1e-8),
)


def draw_cases(rng: np.random.Generator) -> tuple[Case, ...]:
    """Vectors of 1 to 6 entries; sparse gradients over four magnitudes; some fresh averages."""
    return tuple(_draw(rng) for _ in range(DRAWN))


def _draw(rng: np.random.Generator) -> Case:
    grad, s = draw_gradients(rng, seen=1, fresh=0.3)
    lr, rho = rng.choice([0.001, 0.01, 0.1]), rng.choice([0.9, 0.95, 0.99])
    x, eps = 3 * rng.normal(size=len(grad)), rng.choice([1e-8, 1e-6, 1e-3])
    return step_case(x, grad, s, lr=lr, rho=rho, eps=eps)


def expected(case: Case) -> Values:
    """The reference: the rule that the experiments train with."""
    x, s = rule("rmsprop").update(*case.arguments.values())
    return x, s


def _stepped(case: Case, averaged: np.ndarray, *, uphill: bool = False) -> Values:
    x, grad, _, lr, _, eps = case.arguments.values()
    step = lr * grad / (np.sqrt(averaged) + eps)
    return (x + step if uphill else x - step), averaged


def _average(case: Case, old: float | None = None, new: float | None = None) -> np.ndarray:
    rho, grad, s = (case.arguments[name] for name in ("rho", "grad", "s"))
    old, new = (rho if old is None else old), (1 - rho if new is None else new)
    averaged: np.ndarray = old * s + new * grad**2
    return averaged


def _eps_inside(case: Case) -> Values:
    x, grad, _, lr, _, eps = case.arguments.values()
    averaged = _average(case)
    return x - lr * grad / np.sqrt(averaged + eps), averaged


def _swapped(case: Case) -> Values:
    rho = case.arguments["rho"]
    return _stepped(case, _average(case, old=1 - rho, new=rho))


def _not_squared(case: Case) -> Values:
    rho, grad, s = (case.arguments[name] for name in ("rho", "grad", "s"))
    return _stepped(case, rho * s + (1 - rho) * grad)


def _update_first(case: Case) -> Values:
    return _stepped(case, case.arguments["s"])[0], _average(case)


MISTAKES = (
    Mistake(
        "eps inside the root",
        _eps_inside,
        "You divide by sqrt(s + eps). Exercise 6 of section 3.8 divides by sqrt(s) + eps.",
    ),
    Mistake(
        "weights swapped",
        _swapped,
        "You weight the old average with 1 - rho and the new square with rho. rho, close to one, "
        "belongs to the old average.",
    ),
    Mistake(
        "still a sum",
        lambda case: _stepped(case, _average(case, old=1, new=1)),
        "You add grad**2 to s, as Adagrad does. RMSProp replaces the sum by a moving average: "
        "rho * s + (1 - rho) * grad**2.",
    ),
    Mistake(
        "new square not weighted",
        lambda case: _stepped(case, _average(case, new=1)),
        "You compute rho * s + grad**2. For an average the weights add up to one: multiply grad**2 "
        "by 1 - rho.",
    ),
    Mistake(
        "average not squared",
        _not_squared,
        "You average the gradient itself. RMSProp averages its square.",
    ),
    Mistake(
        "update before average",
        _update_first,
        "You step with the average from before this gradient. Average first, then step.",
    ),
    Mistake(
        "step uphill",
        lambda case: _stepped(case, _average(case), uphill=True),
        "You add the scaled gradient. A descent step subtracts it.",
    ),
    Mistake(
        "average not returned",
        lambda case: (expected(case)[0], case.arguments["s"]),
        "Your x is right, but the s you return is the old one.",
    ),
)

CHECK = Check(
    function="rmsprop_step",
    returns=("x", "s"),
    simple_cases=SIMPLE,
    draw_cases=draw_cases,
    expected=expected,
    allowed_error=within_units(ULPS),
    tolerance_reason=f"{ULPS} units in the last place: nine roundings, in whichever order",
    smaller_cases=lambda case: each_coordinate(case, lr=1, rho=0.75, eps=1),
    mistakes=MISTAKES,
)
