"""Ball arithmetic (python-flint's Arb): enclosures that hold, and decisions that admit doubt.

A ball comparison is true only where it holds for every point of the balls; where it does not
decide, the precision is doubled up to a limit, and what stays undecided is said to be so.
Source: F. Johansson, Arb, IEEE Trans. Computers 66 (2017).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from flint import acb, acb_mat, arb, arb_mat, ctx, fmpq_mat

from proofs.exact import rational_matrix
from proofs.instances import Matrix

FIRST_PRECISION = 128
LAST_PRECISION = 2048

T = TypeVar("T")


class Enclosures(NamedTuple):
    """Balls that hold every eigenvalue; `tight` says that each ball does hold one."""

    balls: list[acb]
    tight: bool


class Decided(NamedTuple, Generic[T]):
    """An answer and the precision, in bits, that gave it; no answer at the last precision: None."""

    answer: T | None
    precision: int


def at_rising_precision(
    decide: Callable[[], T | None],
    first: int = FIRST_PRECISION,
    last: int = LAST_PRECISION,
) -> Decided[T]:
    """Ask `decide` at doubling working precisions until it answers something other than None."""
    precision = first
    while True:
        with ctx.workprec(precision):
            answer = decide()
        if answer is not None or 2 * precision > last:
            return Decided(answer, precision)
        precision *= 2


def certain(compute: Callable[[], T | None]) -> T:
    """What `compute` gives at the first precision that suffices; an error where none does."""
    decided = at_rising_precision(compute)
    if decided.answer is None:
        raise ArithmeticError(
            f"not decided at {decided.precision} bits; the value may be on a boundary, where only "
            "exact arithmetic decides"
        )
    return decided.answer


def ball_matrix(matrix: Matrix) -> acb_mat:
    """The same matrix as exact complex balls of radius zero."""
    return acb_mat([[acb(float(x.real), float(x.imag)) for x in row] for row in matrix])


def enclose_eigenvalues(matrix: Matrix) -> Enclosures:
    """Balls that hold every eigenvalue of an exactly known square matrix, at working precision.

    Simple eigenvalues are isolated by Arb. Where it cannot (multiple or defective ones), the
    characteristic polynomial is formed exactly and its roots are isolated with multiplicity.
    """
    try:
        return Enclosures(ball_matrix(matrix).eig(), tight=True)
    except ValueError:  # Arb's word for "not isolated"
        return enclose_by_characteristic_polynomial(matrix)


def enclose_by_characteristic_polynomial(matrix: Matrix) -> Enclosures:
    """The roots of the exact characteristic polynomial, whatever their multiplicity.

    A complex M = A + iB goes through the real [[A, -B], [B, A]], whose spectrum is that of M and
    its conjugates; a candidate m is dropped once det(M - mI) is certainly not zero. Where a
    conjugate could not be dropped the balls still hold every eigenvalue, and `tight` is False.
    """
    if not np.iscomplexobj(matrix) or not np.any(matrix.imag):
        return Enclosures(_roots(rational_matrix(matrix.real)), tight=True)
    a, b = rational_matrix(matrix.real), rational_matrix(matrix.imag)
    candidates = _roots(_real_form(a, b))
    balls = ball_matrix(matrix)
    kept = [root for root in candidates if _shifted(balls, root).det().contains(0)]
    unreal = sum(1 for root in candidates if not root.imag.is_zero())
    return Enclosures(kept, tight=len(candidates) - len(kept) == unreal // 2)


def enclose_eigenpairs(matrix: Matrix) -> list[tuple[acb, list[acb]]] | None:
    """Every eigenvalue with an eigenvector, as balls; None where they cannot be isolated."""
    try:
        values, vectors = ball_matrix(matrix).eig(right=True)
    except ValueError:  # not isolated at this precision, or defective
        return None
    rows = vectors.tolist()
    return [(value, [row[k] for row in rows]) for k, value in enumerate(values)]


def eigenvalue_intervals(matrix: arb_mat) -> list[arb] | None:
    """The eigenvalues of a symmetric matrix as real balls; None where they cannot be isolated."""
    try:
        return [value.real for value in acb_mat(matrix).eig(multiple=True)]
    except ValueError:  # not isolated at this precision
        return None


def condition_number(matrix: arb_mat) -> arb | None:
    """Largest over smallest eigenvalue of a symmetric matrix; None unless certainly positive."""
    values = eigenvalue_intervals(matrix)
    if values is None:
        return None
    largest = functools.reduce(lambda x, y: x.max(y), values)
    smallest = functools.reduce(lambda x, y: x.min(y), values)
    return largest / smallest if smallest > 0 else None


def interval(ball: arb, digits: int = 15) -> str:
    """The ball as text: its midpoint and radius in decimal, still holding the exact value."""
    return ball.str(digits)


def _roots(matrix: fmpq_mat) -> list[acb]:
    """The distinct roots of the characteristic polynomial."""
    # python-flint's own types leave out the multiplicity that stands beside each.
    found: list[Any] = list(matrix.charpoly().complex_roots())
    return [root for root, _ in found]


def _real_form(a: fmpq_mat, b: fmpq_mat) -> fmpq_mat:
    top = [x + [-y for y in z] for x, z in zip(a.tolist(), b.tolist(), strict=True)]
    bottom = [z + x for x, z in zip(a.tolist(), b.tolist(), strict=True)]
    return fmpq_mat(top + bottom)


def _shifted(matrix: acb_mat, shift: acb) -> acb_mat:
    order = matrix.nrows()
    return acb_mat(
        [[matrix[i, j] - (shift if i == j else 0) for j in range(order)] for i in range(order)]
    )
