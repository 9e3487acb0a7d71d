"""The book's starting states of Adagrad for a linear model, in the form of section 3.6.2."""

from __future__ import annotations

import numpy as np

from grading.check import Case, Check, Mistake, Values

DRAWN = 6


def _case(feature_dim: int) -> Case:
    return Case({"feature_dim": int(feature_dim)})


def draw_cases(rng: np.random.Generator) -> tuple[Case, ...]:
    """Numbers of features from 2 to 60."""
    return tuple(_case(number) for number in rng.choice(np.arange(2, 61), DRAWN, replace=False))


def smaller_cases(case: Case) -> tuple[Case, ...]:
    """Fewer features: one, two, half as many."""
    number = case.arguments["feature_dim"]
    return tuple(_case(n) for n in sorted({1, min(2, number), max(1, number // 2), number}))


def _states(case: Case, value: float, *, flat: bool = False) -> Values:
    number = case.arguments["feature_dim"]
    shape = (number,) if flat else (number, 1)
    return np.full(shape, value, np.float32), np.full(1, value, np.float32)


def expected(case: Case) -> Values:
    """Zeros in the shapes of the weights and of the intercept."""
    return _states(case, 0)


def allowed_error(_: Case, right: Values) -> Values:
    """None: zero is exact."""
    return tuple(np.zeros_like(value) for value in right)


MISTAKES = (
    Mistake(
        "ones",
        lambda case: _states(case, 1),
        "You start from ones. The states are sums over gradients, and no gradient has been seen: "
        "start from zeros.",
    ),
    Mistake(
        "flat weights",
        lambda case: _states(case, 0, flat=True),
        "Your state of the weights has one dimension. The weights are a column: (feature_dim, 1).",
    ),
)

CHECK = Check(
    function="init_adagrad_states",
    returns=("s_w", "s_b"),
    simple_cases=(_case(1), _case(2), _case(5)),
    draw_cases=draw_cases,
    expected=expected,
    allowed_error=allowed_error,
    tolerance_reason="nothing at all: zeros are exact",
    smaller_cases=smaller_cases,
    mistakes=MISTAKES,
    kind="tensor",
)
