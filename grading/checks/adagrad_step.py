"""One Adagrad step on NumPy arrays, in the form of exercise 2 of the assignment's section 3.8."""

from __future__ import annotations

import numpy as np

from grading.check import Case, Check, Mistake, Values
from grading.vector_steps import draw_gradients, each_coordinate, step_case, within_units
from optim.registry import rule

DRAWN = 24
# Both the reference and a right answer round at most eight times between the inputs and the step
# (square, add, root, add, product, quotient, in any order), each by half a unit in the last place.
ULPS = 8

SIMPLE = (
    step_case([0], [0], [0], lr=1, eps=1),
    step_case([1], [0], [0], lr=1, eps=1),
    step_case([1], [1], [0], lr=1, eps=1),
    step_case([1], [1], [1], lr=1, eps=1),
    step_case([1], [2], [0], lr=1, eps=1),
    step_case([1], [-2], [0], lr=1, eps=1),
    step_case([1, 0], [0, 0], [0, 0], lr=0.1, eps=1e-8),
    step_case([3, 1], [2, 0], [0, 5], lr=0.1, eps=1e-8),
)


def draw_cases(rng: np.random.Generator) -> tuple[Case, ...]:
    """Vectors of 1 to 6 entries; sparse gradients over four magnitudes; some fresh accumulators."""
    return tuple(_draw(rng) for _ in range(DRAWN))


def _draw(rng: np.random.Generator) -> Case:
    grad, s = draw_gradients(rng, seen=3, fresh=0.4)
    lr, eps = rng.choice([0.01, 0.1, 0.2, 1.0]), rng.choice([1e-8, 1e-6, 1e-3, 0.1])
    return step_case(3 * rng.normal(size=len(grad)), grad, s, lr=lr, eps=eps)


def expected(case: Case) -> Values:
    """The reference: the rule that the experiments train with."""
    x, s = rule("adagrad").update(*case.arguments.values())
    return x, s


def _eps_inside(case: Case) -> Values:
    x, s = rule("adagrad_eps_inside").update(*case.arguments.values())
    return x, s


def _eps_missing(case: Case) -> Values:
    x, grad, s, lr, _ = case.arguments.values()
    s = s + grad**2
    return x - lr * grad / np.sqrt(s), s


def _not_squared(case: Case) -> Values:
    x, grad, s, lr, eps = case.arguments.values()
    s = s + grad
    return x - lr * grad / (np.sqrt(s) + eps), s


def _absolute(case: Case) -> Values:
    x, grad, s, lr, eps = case.arguments.values()
    s = s + np.abs(grad)
    return x - lr * grad / (np.sqrt(s) + eps), s


def _update_first(case: Case) -> Values:
    x, grad, s, lr, eps = case.arguments.values()
    return x - lr * grad / (np.sqrt(s) + eps), s + grad**2


def _no_root(case: Case) -> Values:
    x, grad, s, lr, eps = case.arguments.values()
    s = s + grad**2
    return x - lr * grad / (s + eps), s


def _uphill(case: Case) -> Values:
    x, grad, s, lr, eps = case.arguments.values()
    s = s + grad**2
    return x + lr * grad / (np.sqrt(s) + eps), s


def _accumulator_not_returned(case: Case) -> Values:
    return expected(case)[0], case.arguments["s"]


def _accumulator_replaced(case: Case) -> Values:
    x, grad, _, lr, eps = case.arguments.values()
    s = grad**2
    return x - lr * grad / (np.sqrt(s) + eps), s


MISTAKES = (
    Mistake(
        "eps inside the root",
        _eps_inside,
        "You divide by sqrt(s + eps). Section 3.3 of the assignment writes it so, but exercise 2 "
        "of section 3.8, which this check asks for, divides by sqrt(s) + eps: move eps out of the "
        "root.",
    ),
    Mistake(
        "eps missing",
        _eps_missing,
        "You divide by sqrt(s) without eps. Where a coordinate has never had a gradient, that is "
        "0/0, which is nan: divide by sqrt(s) + eps.",
    ),
    Mistake(
        "accumulator not squared",
        _not_squared,
        "You add the gradient itself to s. Adagrad sums squares, so that signs do not cancel: "
        "add grad**2.",
    ),
    Mistake(
        "accumulator of absolute values",
        _absolute,
        "You add |grad| to s. Adagrad sums squares: add grad**2.",
    ),
    Mistake(
        "update before accumulate",
        _update_first,
        "You step with the accumulator from before this gradient. Adagrad adds grad**2 to s first, "
        "and divides by the root of the new s.",
    ),
    Mistake(
        "root missing",
        _no_root,
        "You divide by s + eps. Adagrad divides by the square root of s, plus eps.",
    ),
    Mistake(
        "step uphill",
        _uphill,
        "You add the scaled gradient. A descent step subtracts it.",
    ),
    Mistake(
        "accumulator not returned",
        _accumulator_not_returned,
        "Your x is right, but the s you return is the old one. Return the s that includes grad**2, "
        "or the next step starts from a wrong sum.",
    ),
    Mistake(
        "accumulator replaced",
        _accumulator_replaced,
        "You set s to grad**2. Adagrad keeps the sum over all steps: add grad**2 to the s you are "
        "given.",
    ),
)

CHECK = Check(
    function="adagrad_step",
    returns=("x", "s"),
    simple_cases=SIMPLE,
    draw_cases=draw_cases,
    expected=expected,
    allowed_error=within_units(ULPS),
    tolerance_reason=f"{ULPS} units in the last place: eight roundings, in whichever order",
    smaller_cases=lambda case: each_coordinate(case, lr=1, eps=1),
    mistakes=MISTAKES,
)
