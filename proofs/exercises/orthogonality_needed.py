"""Section 3.8, exercise 1: orthogonality is needed, and for complex matrices the conjugate."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy
from flint import fmpq_mat
from hypothesis import strategies as st

from proofs.counterexamples import (
    Integers,
    first_where,
    integer_matrices,
    integer_vectors,
    integers,
    rationals,
    simplest,
)
from proofs.exercises.orthogonal_invariance import PLACE
from proofs.settled import counterexample_to
from proofs.texts import rows
from proofs.verdict import Verdict

Gaussian = tuple[Fraction, Fraction]


def verify(_seed: int) -> list[Verdict]:
    """Weaker hypotheses that are not enough."""
    return [
        _hypothesis_needed(
            "exercise-1-hypothesis-needed", "an invertible matrix", lambda det: det != 0
        ),
        _hypothesis_needed(
            "exercise-1-determinant-is-not-enough",
            "a matrix of determinant 1 or -1",
            lambda det: det**2 == 1,
        ),
        _transpose_of_a_complex_matrix(),
    ]


def changed_vector(matrix: Integers) -> tuple[int, ...] | None:
    """The smallest integer vector whose length the matrix changes, up to absolute sum 2."""
    order = len(matrix)
    for size in (1, 2):
        for v in integer_vectors(order, size):
            image = [sum(a * x for a, x in zip(row, v, strict=True)) for row in matrix]
            if sum(y * y for y in image) != sum(x * x for x in v):
                return v
    return None


def _hypothesis_needed(name: str, kind: str, admits: Callable[[int], bool]) -> Verdict:
    def breaks(matrix: Integers) -> bool:
        determinant = int(fmpq_mat([list(row) for row in matrix]).det().p)
        return admits(determinant) and changed_vector(matrix) is not None

    found, looked_at = first_where(
        (matrix for order in (1, 2) for matrix in integer_matrices(order, largest=4)), breaks
    )
    v = changed_vector(found) if found else None
    return Verdict(
        id=name,
        statement=f"Orthogonality is needed: {kind} may change the length of a vector",
        place=PLACE,
        finding="reproduced" if found else "reproduced with a caveat",
        evidence="counterexample" if found else "searched",
        measured={
            "smallest_matrix": found and [list(row) for row in found],
            "vector": v and list(v),
            "matrices_looked_at": looked_at,
        },
        explanation=_by_hand(found, v, looked_at),
        hypotheses=(f"U is {kind}",),
        trials=looked_at,
    )


def _by_hand(matrix: Integers | None, v: tuple[int, ...] | None, looked_at: int) -> str:
    if matrix is None or v is None:
        return f"None of {looked_at} integer matrices changes a length."
    image = [sum(a * x for a, x in zip(row, v, strict=True)) for row in matrix]
    before, after = sum(x * x for x in v), sum(y * y for y in image)
    return (
        f"By hand: U = {[list(row) for row in matrix]} takes v = {list(v)} to {image}; "
        f"the squared length goes from {before} to {after}."
    )


def complex_rotation(t: Gaussian) -> sympy.Matrix:
    """The rotation by twice the arc tangent of a complex t: U^T U = I, and unitary for real t."""
    tangent = sympy.Rational(*t[0].as_integer_ratio()) + sympy.I * sympy.Rational(
        *t[1].as_integer_ratio()
    )
    a, b = 1 - tangent**2, 2 * tangent
    return sympy.Matrix([[a, -b], [b, a]]).applyfunc(
        lambda x: sympy.nsimplify(x / (1 + tangent**2))
    )


def _transpose_of_a_complex_matrix() -> Verdict:
    def changes(instance: tuple[Gaussian, tuple[int, int]]) -> bool:
        t, v = instance
        if not any(v) or (t[0] == 0 and t[1] ** 2 == 1):  # 1 + t^2 is zero
            return False
        u = complex_rotation(t)
        return transposed_identity(u) and lengths(u, v)[0] != lengths(u, v)[1]

    vectors = st.tuples(integers(-3, 3), integers(-3, 3))
    found = simplest(st.tuples(st.tuples(rationals(3, 3), rationals(3, 3)), vectors), changes)
    t, v = found.instance or ((Fraction(0), Fraction(0)), (1, 0))
    u = complex_rotation(t)
    before, after = lengths(u, v)
    return counterexample_to(
        "exercise-1-transpose-of-a-complex-matrix",
        "For complex U too, U^T U = I is enough to keep lengths",
        PLACE,
        found.instance is not None,
        {
            "U": rows(u),
            "vector": list(v),
            "squared_lengths": [str(before), str(after)],
        },
        f"By hand: U = {u.tolist()} has U^T U = I and takes {list(v)} to "
        f"{list(u * sympy.Matrix(v))}: the squared length goes from {before} to {after}. A complex "
        "U has to be unitary, U^* U = I.",
        ("U^T U = I",),
        found.looked_at,
    )


def transposed_identity(u: sympy.Matrix) -> bool:
    """Whether U^T U is I, without conjugation."""
    return bool((u.T * u).applyfunc(sympy.expand) == sympy.eye(u.rows))


def lengths(u: sympy.Matrix, v: tuple[int, int]) -> tuple[sympy.Expr, sympy.Expr]:
    """The squared lengths of v and of Uv."""
    image = u * sympy.Matrix(v)
    return sum(x * x for x in v), sympy.expand((image.H * image)[0])
