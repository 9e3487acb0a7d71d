"""Cases of one step of a descent on vectors, which the checks of several update rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from grading.check import Case, Values


def step_case(x: object, grad: object, s: object, **rates: float) -> Case:
    """A case of a weight, a gradient and a state as vectors of float64, and of rates by name."""
    vectors = {"x": x, "grad": grad, "s": s}
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in vectors.items()}
    return Case({**arrays, **{name: float(rate) for name, rate in rates.items()}})


def draw_gradients(
    rng: np.random.Generator, seen: int, fresh: float
) -> tuple[np.ndarray, np.ndarray]:
    """A gradient of 1 to 6 entries, and the sum of squares of `seen` earlier ones.

    Gradients are of one of four magnitudes and have zeros; `fresh` is the part of the coordinates
    that had no gradient before.
    """
    size = int(rng.integers(1, 7))
    scale = 10.0 ** rng.uniform(-2, 2)
    grad = scale * rng.normal(size=size) * (rng.random(size) > 0.3)
    earlier = scale * rng.normal(size=(seen, size)) * (rng.random(size) > fresh)
    return grad, np.sum(earlier**2, axis=0)


def each_coordinate(case: Case, **simplest: float) -> Iterator[Case]:
    """Each coordinate alone, simplest first.

    In whole numbers with the `simplest` rates, in whole numbers, with one decimal, as drawn.
    """
    x, grad, s = (case.arguments[name] for name in ("x", "grad", "s"))
    rates = {name: case.arguments[name] for name in simplest}
    return (
        step_case(*(array[i : i + 1].round(digits) for array in (x, grad, s)), **chosen)
        for digits, chosen in ((0, simplest), (0, rates), (1, rates), (16, rates))
        for i in range(len(x))
    )


def within_units(ulps: int) -> Callable[[Case, Values], Values]:
    """Errors of so many units in the last place of the weight and of its step, and of the state."""
    unit = ulps * np.finfo(np.float64).eps

    def allowed_error(case: Case, right: Values) -> Values:
        x = case.arguments["x"]
        return unit * (np.abs(x) + np.abs(right[0] - x)), unit * np.abs(right[1])

    return allowed_error
