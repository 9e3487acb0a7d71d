"""How fast a rule goes along one curvature of a quadratic, from the eigenvalues of its update.

Only for rules whose update is linear in gradient, weight and state, such as SGD and momentum: there
a step multiplies (weight, state) by a matrix, and the rule is stable where no eigenvalue of it is
outside the unit circle (Polyak 1964, section 2; Recht's and Wright's Optimization for Data
Analysis, 2022, section 4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from optim.rule import Rule


def update_matrix(
    rule: Rule, hyperparameters: Mapping[str, float], curvature: float, look_ahead: float = 0.0
) -> np.ndarray:
    """The matrix [1 + states, 1 + states] of one step of the rule on curvature w^2 / 2.

    The gradient is taken at w - look_ahead times the rule's first state. Raises ValueError for a
    rule that is not linear.
    """

    def step(vector: np.ndarray) -> np.ndarray:
        w, state = vector[:1], tuple(vector[k : k + 1] for k in range(1, vector.size))
        ahead = w - look_ahead * state[0] if look_ahead else w
        w, state = rule.step(w, curvature * ahead, state, 1, hyperparameters)
        return np.concatenate([w, *state])

    size = 1 + len(rule.state)
    matrix = np.column_stack([step(unit) for unit in np.eye(size)])
    probe = np.arange(1.0, size + 1)
    if rule.per_step or not np.allclose(matrix @ probe, step(probe)):
        raise ValueError(f"{rule.name} is not a linear rule; only such have an update matrix")
    return matrix


def growth(
    rule: Rule,
    hyperparameters: Mapping[str, float],
    curvatures: Iterable[float],
    look_ahead: float = 0.0,
) -> float:
    """The factor by which the farthest eigenvector grows a step: the largest spectral radius."""
    return max(
        float(
            np.abs(np.linalg.eigvals(update_matrix(rule, hyperparameters, each, look_ahead))).max()
        )
        for each in curvatures
    )


def largest_stable_rate(
    rule: Rule,
    hyperparameters: Mapping[str, float],
    curvature: float,
    look_ahead: float = 0.0,
) -> float:
    """The learning rate from which on steps along this curvature grow, by bisection.

    Zero where they grow at any rate; found to a relative 1e-12.
    """

    def stable(lr: float) -> bool:
        # Just below its limit a rule's eigenvalue is within rounding of one.
        given = {**hyperparameters, "lr": lr}
        return growth(rule, given, [curvature], look_ahead) <= 1 + 1e-14

    low, high = 1e-6 / curvature, 1 / curvature
    if not stable(low):
        return 0.0
    while stable(high):
        low, high = high, 2 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if stable(middle) else (low, middle)
    return low
