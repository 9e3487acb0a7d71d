"""What breaks each check of the notebook's formulas and statements."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import sympy
from broken_rules import (
    adamw_for_both,
    averaged,
    half_a_step,
    printed_lookahead,
    squared_gradient,
    summed_moments,
    with_rules,
)
from mutation import Mutation

from optim.rule import Rule
from proofs.exercises import (
    notebook_formulas,
    notebook_landscape,
    notebook_momentum,
)
from proofs.exercises.critical_points import X


def doubled(rule: Rule) -> Callable[..., Any]:
    """The rule's update on symbols, and one number twice what it should be: the new weight."""
    update = TRUE_SYMBOLIC(rule)

    def twice(*given: Any) -> Any:
        result = update(*given)
        return (2 * result[0], *result[1:]) if isinstance(result, tuple) else 2 * result

    return twice


def with_another_moment(rule: Rule) -> Callable[..., Any]:
    """The update on symbols, its last state doubled."""
    update = TRUE_SYMBOLIC(rule)

    def moved(*given: Any) -> Any:
        result = update(*given)
        if not isinstance(result, tuple) or len(result) < 3:
            return result
        return (*result[:-1], 2 * result[-1])

    return moved


TRUE_SYMBOLIC = notebook_formulas.symbolic
FORMULAS = ("sgd", "momentum", "adagrad_eps_inside", "rmsprop_eps_inside", "adam", "adamw")

NOTEBOOK = [
    # the notebook
    Mutation(
        notebook_landscape,
        {
            "losses": lambda: dict.fromkeys("ab", -(sympy.Symbol("z", real=True) ** 2)),
            "VALLEY": notebook_landscape.A**2 + notebook_landscape.B**2,
            "LANDSCAPE": X**4 + 5 * X**2 + 4,
        },
        (
            "notebook-regressions-are-convex",
            "notebook-convex-unique-minimum",
            "notebook-saddle-point",
            "notebook-minima",
        ),
    ),
    Mutation(
        notebook_momentum,
        {
            "registry": with_rules(
                momentum=averaged, nesterov_lookahead=printed_lookahead, sgd=half_a_step
            )
        },
        (
            "notebook-momentum-sum",
            "notebook-momentum-average",
            "notebook-ten-past-gradients",
            "notebook-lookahead",
            "notebook-lookahead-converges",
            "notebook-plain-sgd-converges",
        ),
    ),
    Mutation(
        notebook_formulas,
        {"symbolic": doubled},
        tuple(f"notebook-formula-{name}" for name in FORMULAS),
    ),
    Mutation(notebook_formulas, {"symbolic": with_another_moment}, ("notebook-second-moment",)),
    Mutation(
        notebook_formulas,
        {"registry": with_rules(adam=summed_moments, sgd=squared_gradient)},
        (
            "notebook-bias-correction",
            "notebook-bias-correction-first-steps",
            "notebook-decay-in-sgd",
        ),
    ),
    Mutation(
        notebook_formulas,
        {"registry": SimpleNamespace(rule=adamw_for_both)},
        ("notebook-decay-in-adam",),
    ),
]
