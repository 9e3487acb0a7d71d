"""The gradient of f2(x) = 0.1 (x1 + x2)^2 + 2 (x1 - x2)^2, exercise 2 of section 3.8."""

from __future__ import annotations

import numpy as np

from grading.quadratics import F1, F2, gradient_check, times

MISTAKES = (
    times(
        "half of it",
        F2 / 2,
        "You return half of it. Either the factor 2 of the derivative of a square is missing, or "
        "you rotated with 1/sqrt(2): f2 as exercise 2 writes it has none, and is twice the rotated "
        "f1.",
    ),
    times(
        "inner derivative missing",
        np.array([[4.2, -3.8], [4.2, -3.8]]),
        "Your second entry is the first one: the derivative of (x1 - x2)**2 by x2 is "
        "-2 * (x1 - x2), with a minus.",
    ),
    times("sign", -F2, "You return minus the gradient. It is the step that subtracts it."),
    times("gradient of f1", F1, "You return the gradient of f1, which is not rotated."),
)

CHECK = gradient_check("grad_f2", F2, MISTAKES)
