"""One Adagrad step on arrays of other shapes and sizes: the same rule, whatever the array."""

from __future__ import annotations

import dataclasses

import numpy as np

from grading.check import Case
from grading.checks import adagrad_step

SHAPES = ((0,), (1, 1), (3, 2), (2, 3, 2), (500,))
SCALES = (1e-6, 1.0, 1e6)


def _case(shape: tuple[int, ...], scale: float, rng: np.random.Generator) -> Case:
    x, grad, seen = (scale * rng.normal(size=shape) for _ in range(3))
    fresh = rng.random(shape) > 0.5
    return Case({"x": x, "grad": grad * fresh, "s": seen**2, "lr": 0.1, "eps": 1e-8})


def draw_cases(rng: np.random.Generator) -> tuple[Case, ...]:
    """Empty arrays, matrices, a long vector; tiny and large gradients."""
    return tuple(_case(shape, scale, rng) for shape in SHAPES for scale in SCALES)


def smaller_cases(case: Case) -> tuple[Case, ...]:
    """The first entries: none of them, one as a vector, and then the array itself."""
    vectors = {name: case.arguments[name] for name in ("x", "grad", "s")}
    rest = {name: case.arguments[name] for name in ("lr", "eps")}
    firsts = (Case({**{n: v.ravel()[:k] for n, v in vectors.items()}, **rest}) for k in (0, 1))
    return (*firsts, case)


CHECK = dataclasses.replace(
    adagrad_step.CHECK,
    simple_cases=(),
    draw_cases=draw_cases,
    smaller_cases=smaller_cases,
)
