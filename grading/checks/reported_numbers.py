"""The numbers of exercise 2: how far Adagrad descends on f1, on f2 and on the rotated f1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grading.check import Case, Check, ReportedCheck, ReportedNumber, Values
from grading.quadratics import F1, F1_ROTATED, F2
from optim.registry import rule

START = (3.0, 1.0)
LR, EPS, STEPS = 0.2, 1e-8, 20


def _descent(gradient: str, hessian: np.ndarray) -> Check:
    """The check whose only case is the student's own step along their own gradient."""

    def expected(case: Case) -> Values:
        x, lr, eps, steps = case.arguments.values()
        s = np.zeros_like(x)
        for _ in range(steps):
            x, s = rule("adagrad").update(x, hessian @ x, s, lr, eps)
        return x, s

    return Check(
        function="adagrad_step",
        gradient=gradient,
        form="descent",
        returns=("x", "s"),
        simple_cases=(),
        draw_cases=lambda _: (),
        expected=expected,
        allowed_error=lambda _, right: tuple(np.zeros_like(value) for value in right),
        tolerance_reason="",
        smaller_cases=lambda case: (case,),
        mistakes=(),
    )


def _value(hessian: np.ndarray) -> Callable[[Values], float]:
    return lambda values: float(values[0] @ hessian @ values[0] / 2)


def _number(name: str, title: str, gradient: str, hessian: np.ndarray) -> ReportedNumber:
    case = Case({"x": np.array(START), "lr": LR, "eps": EPS, "steps": STEPS})
    says = f"{title} after {STEPS} steps of adagrad_step along {gradient} from (3, 1), lr {LR}"
    return ReportedNumber(name, says, _descent(gradient, hessian), case, _value(hessian))


CHECK = ReportedCheck(
    numbers=(
        _number("f1_after_20_steps", "the value of f1", "grad_f1", F1),
        _number("f2_after_20_steps", "the value of f2", "grad_f2", F2),
        _number(
            "rotated_f1_after_20_steps",
            "the value of the rotated f1",
            "grad_f1_rotated",
            F1_ROTATED,
        ),
    ),
    relative_error=0.005,
    tolerance_reason="three significant digits, as a table would print them",
)
