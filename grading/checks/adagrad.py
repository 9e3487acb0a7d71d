"""The book's trainer on torch tensors, changed in place, in the form of section 3.6.2."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grading.check import Case, Check, Mistake, Values

DRAWN = 12
EPS = 1e-6
# Single precision: square, sum, sum, root, product, quotient, difference, and the rounding of lr
# and of eps, in the answer; the reference is rounded once.
ULPS = 9
NAMES = ("w", "grad_w", "s_w", "b", "grad_b", "s_b")


def _case(*arrays: object, lr: float) -> Case:
    columns = [np.asarray(a, dtype=np.float32) for a in arrays]
    shaped = [a.reshape(-1, 1) if place < 3 else a.reshape(1) for place, a in enumerate(columns)]
    return Case({**dict(zip(NAMES, shaped, strict=True)), "lr": float(lr)})


SIMPLE = (
    _case([1], [0], [0], 1, 0, 0, lr=1),
    _case([1], [1], [0], 1, 0, 0, lr=1),
    _case([1], [0], [0], 1, 2, 0, lr=1),
    _case([1], [2], [3], 1, -1, 8, lr=0.5),
    _case([1, 2], [3, -4], [0, 9], 1, 2, 0, lr=0.1),
)


def draw_cases(rng: np.random.Generator) -> tuple[Case, ...]:
    """Two to five weights with an intercept; some gradients zero, some states fresh.

    Gradients of four magnitudes: where eps stands is seen where they are small.
    """
    return tuple(_draw(rng) for _ in range(DRAWN))


def _draw(rng: np.random.Generator) -> Case:
    size = int(rng.integers(2, 6))
    scale = 10.0 ** rng.uniform(-3, 1)
    grad = scale * rng.normal(size=size) * (rng.random(size) > 0.2)
    state = scale**2 * rng.gamma(1, 2, size) * (rng.random(size) > 0.2)
    rest = (rng.normal(), scale * rng.normal(), scale**2 * rng.gamma(1, 2))
    return _case(rng.normal(size=size), grad, state, *rest, lr=rng.choice([0.01, 0.1, 0.4]))


def smaller_cases(case: Case) -> Iterator[Case]:
    """One weight at a time in whole numbers, then with one decimal, then as it was drawn."""
    *arrays, lr = case.arguments.values()
    return (
        _case(
            *(a[i : i + 1].round(digits) for a in arrays[:3]),
            *(a.round(digits) for a in arrays[3:]),
            lr=rate,
        )
        for digits, rate in ((0, 1.0), (0, lr), (1, lr), (12, lr))
        for i in range(len(arrays[0]))
    )


def _step(
    case: Case,
    *,
    inside: bool = True,
    power: int = 2,
    fresh: bool = True,
    kept: bool = True,
    downhill: bool = True,
    cleared: tuple[bool, bool] = (True, True),
) -> Values:
    """What is left of value, state and gradient, of the weights and of the intercept."""
    *arrays, lr = case.arguments.values()
    left: list[np.ndarray] = []
    for place, clears in zip((0, 3), cleared, strict=True):
        value, grad, state = (a.astype(np.float64) for a in arrays[place : place + 3])
        grown = state + grad**power
        divisor = grown if fresh else state
        root = np.sqrt(divisor + EPS) if inside else np.sqrt(divisor) + EPS
        step = lr * grad / root
        left += [value - step if downhill else value + step, grown if kept else state]
        left.append(np.zeros_like(grad) if clears else grad)
    return tuple(array.astype(np.float32) for array in left)


def expected(case: Case) -> Values:
    """The step of section 3.6.2, eps under the root, both gradients cleared."""
    return _step(case)


def allowed_error(case: Case, right: Values) -> Values:
    """`ULPS` units in the last place of values, steps and states; cleared gradients are exact."""
    unit = ULPS * np.finfo(np.float32).eps
    allowed: list[np.ndarray] = []
    for place, name in ((0, "w"), (3, "b")):
        value = case.arguments[name]
        allowed += [unit * (np.abs(value) + np.abs(right[place] - value))]
        allowed += [unit * np.abs(right[place + 1]), np.zeros_like(right[place + 2])]
    return tuple(allowed)


MISTAKES = (
    Mistake(
        "missing reset",
        lambda case: _step(case, cleared=(False, False)),
        "You leave the gradients as they are. torch adds the next backward pass to them: set "
        "every p.grad to zero after the step.",
    ),
    Mistake(
        "reset of the last only",
        lambda case: _step(case, cleared=(False, True)),
        "You clear the gradient of the last parameter only, so that of the weights goes on "
        "growing. The line that clears p.grad belongs into the loop: indent it.",
    ),
    Mistake(
        "eps outside the root",
        lambda case: _step(case, inside=False),
        "You divide by sqrt(s) + eps. Section 3.6.2 divides by sqrt(s + eps): move eps under the "
        "root.",
    ),
    Mistake(
        "accumulator not squared",
        lambda case: _step(case, power=1),
        "You add the gradient itself to the state. Adagrad sums squares: add torch.square(p.grad).",
    ),
    Mistake(
        "update before accumulate",
        lambda case: _step(case, fresh=False),
        "You step with the state from before this gradient. Add its square first.",
    ),
    Mistake(
        "state not kept",
        lambda case: _step(case, kept=False),
        "The step is right, but the state is as before: s = s + ... makes a new tensor. Change the "
        "one you are given, with s[:] += ... or s.add_(...).",
    ),
    Mistake(
        "step uphill",
        lambda case: _step(case, downhill=False),
        "You add the scaled gradient. A descent step subtracts it.",
    ),
)

CHECK = Check(
    function="adagrad",
    returns=("w", "s_w", "grad_w", "b", "s_b", "grad_b"),
    simple_cases=SIMPLE,
    draw_cases=draw_cases,
    expected=expected,
    allowed_error=allowed_error,
    tolerance_reason=f"{ULPS} units in the last place of single precision: one a rounding",
    smaller_cases=smaller_cases,
    mistakes=MISTAKES,
    kind="tensor",
    form="in place",
)
