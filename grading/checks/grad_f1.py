"""The gradient of f1(x) = 0.1 x1^2 + 2 x2^2, exercise 2 of the assignment's section 3.8."""

from __future__ import annotations

from grading.quadratics import F1, F2, gradient_check, times

MISTAKES = (
    times(
        "factor two missing",
        F1 / 2,
        "You return half of it: the derivative of x**2 is 2 * x, so that of 0.1 * x1**2 is "
        "0.2 * x1.",
    ),
    times("sign", -F1, "You return minus the gradient. It is the step that subtracts it."),
    times("coordinates swapped", F1[::-1], "The two entries of your gradient are swapped."),
    times("gradient of f2", F2, "You return the gradient of f2, the rotated function."),
)

CHECK = gradient_check("grad_f1", F1, MISTAKES)
