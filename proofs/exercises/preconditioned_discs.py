"""Section 3.8, exercise 4: what Gerschgorin's discs say of the scaled matrix, and what not."""

from __future__ import annotations

from fractions import Fraction

import sympy
from hypothesis import strategies as st

from proofs.counterexamples import (
    Integers,
    first_where,
    positive_definite_integer_matrices,
    rationals,
    simplest,
)
from proofs.exercises.diagonal_preconditioning import (
    PLACE,
    POSITIVE_DEFINITE,
    THREE_BY_THREE,
    scaled,
)
from proofs.settled import counterexample_to, settled
from proofs.texts import rows
from proofs.verdict import Verdict

Entries = tuple[Fraction, Fraction, Fraction]


def verify(_seed: int) -> list[Verdict]:
    """Centres and radii, the example's discs, and three conclusions that are not in them."""
    return [_about_one(), _of_the_example(), _gather(), _positive()]


def minor() -> sympy.Expr:
    """What is positive where the 2x2 minor of rows i and j is: 1 - (scaled entry)^2."""
    a, c = sympy.symbols("Q_ii Q_jj", positive=True)
    b = sympy.Symbol("Q_ij", real=True)
    entry = scaled(sympy.Matrix([[a, b], [b, c]]))
    return sympy.simplify((1 - entry[0, 1] ** 2) * a * c - (a * c - b**2))


def radii(matrix: sympy.Matrix) -> list[sympy.Expr]:
    """The row discs' radii."""
    return [
        sum(abs(matrix[i, j]) for j in range(matrix.cols) if j != i) for i in range(matrix.rows)
    ]


def _about_one() -> Verdict:
    a, b, c = sympy.symbols("a b c", positive=True)
    centres = {scaled(sympy.Matrix([[a, b], [b, c]]))[k, k] for k in range(2)}
    residue = minor()
    return settled(
        "exercise-4-discs-about-one",
        "The scaled matrix's discs all have the centre 1 and radii below n - 1, so that its "
        "eigenvalues are less than n - 1 away from 1",
        PLACE,
        residue == 0 and centres == {sympy.Integer(1)},
        {"centres": [str(x) for x in centres], "residue_of_the_minor": str(residue)},
        "Entry (i, i) is 1 (exercise-4-entries). The minor Q_ii Q_jj - Q_ij^2 of a positive "
        "definite matrix is positive and is Q_ii Q_jj times 1 - (entry (i, j) scaled)^2 (residue "
        f"{residue}), so each of the n - 1 other entries of a row is below 1 in absolute value. "
        "For n = 2 this bounds the eigenvalues away from 0; from n = 3 on it does not.",
        (POSITIVE_DEFINITE, "n >= 2"),
    )


def _of_the_example() -> Verdict:
    found = radii(scaled(sympy.Matrix(THREE_BY_THREE.matrix)))
    before = radii(sympy.Matrix(THREE_BY_THREE.matrix))
    centres = [row[i] for i, row in enumerate(THREE_BY_THREE.matrix)]
    widest = max(found)
    return settled(
        "exercise-4-three-by-three-discs",
        "The worked 3x3 example: the scaled matrix's discs gather about 1",
        PLACE,
        bool(widest < 1) and all(bool(a < b) for a, b in zip(found, before, strict=True)),
        {"radii": [str(x) for x in found], "radii_before": [str(x) for x in before]},
        f"The radii are {', '.join(map(str, found))}, where they were "
        f"{', '.join(map(str, before))} about {', '.join(map(str, centres))}: every eigenvalue is "
        f"within {widest} of 1, so the condition number is at most {(1 + widest) / (1 - widest)}.",
        (POSITIVE_DEFINITE,),
    )


def _gather() -> Verdict:
    def wider(entries: Entries) -> bool:
        a, b, c = entries
        # By squares: |b| / sqrt(a c) > |b| for a c < 1.
        return a > 0 and a * c > b * b > 0 and b * b / (a * c) > b * b

    found = simplest(st.tuples(*[rationals(4, 4)] * 3), wider)
    a, b, c = (sympy.Rational(x.numerator, x.denominator) for x in found.instance or (1, 0, 1))
    before = sympy.Matrix([[a, b], [b, c]])
    after = radii(scaled(before))[0]
    return counterexample_to(
        "exercise-4-discs-get-smaller",
        "Read as a general answer to the exercise's question: scaling makes the discs smaller",
        PLACE,
        found.instance is not None and bool(after > radii(before)[0]),
        {"matrix": str(before.tolist()), "radius": str(radii(before)[0]), "scaled": str(after)},
        f"{before.tolist()} is positive definite (its corner {a} and its determinant "
        f"{before.det()} are positive); its discs have the radius {radii(before)[0]}, and scaled "
        f"{after}, which is larger. What the scaling does is to give all discs one centre.",
        (POSITIVE_DEFINITE,),
        found.looked_at,
    )


def disc_holds_zero(matrix: Integers) -> bool:
    """Whether a disc of the scaled matrix reaches 0 although the matrix is positive definite."""
    found = radii(scaled(sympy.Matrix(matrix)))
    return any(bool(radius >= 1) for radius in found)


def _positive() -> Verdict:
    found, looked_at = first_where(positive_definite_integer_matrices(3, 9), disc_holds_zero)
    matrix = sympy.Matrix(found or [[1]])
    after = scaled(matrix)
    values = sorted(after.eigenvals(), key=lambda value: sympy.re(value.evalf(30)))
    return counterexample_to(
        "exercise-4-discs-show-definiteness",
        "Read as a general answer to the exercise's question: the discs of the scaled matrix show "
        "that it is well conditioned, or at least that it is positive definite",
        PLACE,
        found is not None,
        {
            "smallest_matrix": [list(row) for row in found or ()],
            "scaled": rows(after),
            "radii": [str(x) for x in radii(after)],
            "its_eigenvalues": [str(value.evalf(10)) for value in values],
        },
        f"{matrix.tolist()} is positive definite, and scaled its discs about 1 have the radii "
        f"{', '.join(map(str, radii(after)))}: they reach 0, and leave room for a singular matrix. "
        f"Its eigenvalues are {', '.join(str(sympy.re(v.evalf(5))) for v in values)}. "
        "Gerschgorin's theorem speaks of every matrix with these absolute values.",
        (POSITIVE_DEFINITE,),
        looked_at,
    )
