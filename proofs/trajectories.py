"""Trajectories of the rules on quadratics, enclosed in balls, and what a change of problem does.

The rule is the one that trains, in ball arithmetic's meaning. The problem, the start and the
change are rational and exact; a step encloses the true step, so two enclosures that do not meet
are two different trajectories.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq, fmpq_mat
from numpy.typing import NDArray

from optim import balls
from optim.meaning import with_meaning
from optim.rule import Rule

PRECISION = 256
Path = list[list[arb]]
Balls = NDArray[np.object_]
"""A vector or matrix of `arb`."""


@dataclass(frozen=True)
class Quadratic:
    """f(w) = w^T Q w / 2 + c^T w with a rational Q [n, n] and c [n, 1]."""

    hessian: fmpq_mat
    linear: fmpq_mat

    def exact_gradient(self, w: fmpq_mat) -> list[arb]:
        """Q w + c at a rational point, each entry the rational that it is (exact if dyadic)."""
        gradient = self.hessian * w + self.linear
        return [arb(gradient[i, 0]) for i in range(gradient.nrows())]

    def gradient(self, w: list[arb]) -> list[arb]:
        """Q w + c at a point of balls."""
        n = len(w)
        return [
            sum((arb(self.hessian[i, j]) * w[j] for j in range(n)), start=arb(self.linear[i, 0]))
            for i in range(n)
        ]

    def value(self, w: list[arb]) -> arb:
        """f(w) at a point of balls, at `PRECISION` bits."""
        with ctx.workprec(PRECISION):
            terms = zip(self.gradient(w), self.linear.tolist(), w, strict=True)
            return sum((x * (g + arb(c[0])) / 2 for g, c, x in terms), start=arb(0))


@dataclass(frozen=True)
class Change:
    """The weights become A w + a and the loss c times itself, exactly."""

    matrix: fmpq_mat
    shift: fmpq_mat
    factor: fmpq

    def of(self, problem: Quadratic) -> Quadratic:
        """The same loss, times the factor, as a function of the new weights."""
        inverse = self.matrix.inv()
        hessian = self.factor * (inverse.transpose() * problem.hessian * inverse)
        linear = self.factor * (inverse.transpose() * problem.linear) - hessian * self.shift
        return Quadratic(hessian, linear)

    def point(self, w: list[arb]) -> list[arb]:
        """A w + a of a point of balls."""
        return Quadratic(self.matrix, self.shift).gradient(w)

    def start(self, w: fmpq_mat) -> fmpq_mat:
        """A w + a of a rational point."""
        return self.matrix * w + self.shift


def column(*values: int | Fraction | fmpq) -> fmpq_mat:
    """A column of rationals."""
    return fmpq_mat(len(values), 1, [rational(value) for value in values])


def rational(value: float | Fraction | fmpq) -> fmpq:
    """The number as written: the double 0.1 is taken as one tenth."""
    if isinstance(value, fmpq):
        return value
    exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    return fmpq(exact.numerator, exact.denominator)


def trajectory(
    rule: Rule,
    problem: Quadratic,
    start: fmpq_mat,
    steps: int,
    hyperparameters: Mapping[str, Any],
) -> tuple[Path, list[tuple[Any, ...]]]:
    """The weights before the first step and after each, and the states, as balls.

    Each hyper-parameter is the rational that its decimal says. Works at `PRECISION` bits.
    """
    with ctx.workprec(PRECISION):
        settings = {name: arb(rational(value)) for name, value in hyperparameters.items()}
        rest = [settings[name] for name in rule.update_hyperparameters]
        per_step = rule.per_step and with_meaning(rule.per_step, balls.FUNCTIONS)
        update = with_meaning(rule.update, {**balls.FUNCTIONS, **MATRIX_FUNCTIONS})
        w = [arb(start[i, 0]) for i in range(start.nrows())]
        state = _initial_state(rule, len(w), settings)
        path, states = [w], [state]
        for t in range(1, steps + 1):
            scalars = rule.scalars(arb(t), settings, per_step)
            # Exact at the start, where a matrix of rank one has to be told from a regular one.
            gradient = problem.exact_gradient(start) if t == 1 else problem.gradient(w)
            w, state = _step(rule, update, problem, (w, gradient), state, [*scalars, *rest])
            path.append(w)
            states.append(state)
    return path, states


def _initial_state(rule: Rule, size: int, settings: Mapping[str, arb]) -> tuple[Any, ...]:
    if not rule.coordinatewise:
        zeros = np.array([[arb(0)] * size for _ in range(size)], dtype=object)
        return tuple(zeros for _ in rule.state)
    return tuple([settings.get(rule.initial.get(name, ""), arb(0))] * size for name in rule.state)


def _step(
    rule: Rule,
    update: Callable[..., Any],
    problem: Quadratic,
    given: tuple[list[arb], list[arb]],
    state: tuple[Any, ...],
    rest: list[arb],
) -> tuple[list[arb], tuple[Any, ...]]:
    w, gradient = given
    if rule.coordinatewise:
        results = [
            _as_tuple(update(*values, *rest)) for values in zip(w, gradient, *state, strict=True)
        ]
        weights, *states = (list(values) for values in zip(*results, strict=True))
        return weights, tuple(states)
    known = {"w": _array(w), "g": _array(gradient), "h": _hessian(problem)}
    result = _as_tuple(update(*(known[name] for name in rule.inputs), *state, *rest))
    return list(result[0]), tuple(result[1:])


def _as_tuple(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


def _array(values: list[arb]) -> Balls:
    return np.array(values, dtype=object)


def _hessian(problem: Quadratic) -> Balls:
    n = problem.hessian.nrows()
    rows = [[arb(problem.hessian[i, j]) for j in range(n)] for i in range(n)]
    return np.array(rows, dtype=object)


def inverse_root(matrix: Balls, eps: arb) -> Balls:
    """(S^(1/2) + eps)^-1 on the range of a positive semi-definite S of order 1 or 2, in balls.

    In closed form: for a regular S of order 2, S^(1/2) = (S + r I) / sqrt(tr S + 2 r) with
    r = sqrt(det S) (Cayley and Hamilton); for S of rank one the root is S / sqrt(tr S). The rank
    is decided exactly: a determinant that is neither the number 0 nor certainly above it is an
    ArithmeticError.
    """
    if matrix.shape == (1, 1):
        return np.array([[1 / (matrix[0, 0].sqrt() + eps)]], dtype=object)
    (a, b), (_, d) = matrix
    det, trace = a * d - b * b, a + d
    if det == 0:
        of_rank_one: Balls = matrix / (trace * (trace.sqrt() + eps))
        return of_rank_one
    if not det > 0:
        raise ArithmeticError(f"the rank of {matrix.tolist()} is not decided")
    root = det.sqrt()
    scale = (trace + 2 * root).sqrt()
    a, b, d = (a + root) / scale + eps, b / scale, (d + root) / scale + eps
    det = a * d - b * b
    return np.array([[d / det, -b / det], [-b / det, a / det]], dtype=object)


def _solve(matrix: Balls, vector: Balls) -> Balls:
    if matrix.shape == (1, 1):
        quotient: Balls = vector / matrix[0, 0]
        return quotient
    (a, b), (c, d) = matrix
    x, y = vector
    return _array([(d * x - b * y) / (a * d - b * c), (a * y - c * x) / (a * d - b * c)])


MATRIX_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "outer": np.outer,
    "inverse_root": inverse_root,
    "solve": _solve,
}
