"""The gradient of f1 after a rotation by 45 degrees, which exercise 2 says f2 is."""

from __future__ import annotations

import numpy as np

from grading.quadratics import F1, F1_ROTATED, gradient_check, times

MISTAKES = (
    times(
        "rotation without 1/sqrt(2)",
        2 * F1_ROTATED,
        "You return twice the gradient: a rotation by 45 degrees maps x to ((x1 + x2)/sqrt(2), "
        "(x1 - x2)/sqrt(2)), which keeps lengths. Without 1/sqrt(2) it stretches, and the function "
        "is f2, which is twice as steep.",
    ),
    times(
        "factor two missing",
        F1_ROTATED / 2,
        "You return half of it: the derivative of a square has a factor 2.",
    ),
    times(
        "not rotated back",
        F1 @ np.array([[1, 1], [1, -1]]) / np.sqrt(2),
        "You return the gradient of f1 at the rotated point. By the chain rule it has to be "
        "multiplied by the transposed rotation.",
    ),
    times(
        "rotated the other way",
        np.array([[2.1, 1.9], [1.9, 2.1]]),
        "You give x1 + x2 the steep direction. Here x1 - x2 has it: f1's second variable is "
        "(x1 - x2)/sqrt(2).",
    ),
    times("not rotated", F1, "You return the gradient of f1, which is not rotated."),
)

CHECK = gradient_check("grad_f1_rotated", F1_ROTATED, MISTAKES)
