"""Section 3.8, exercise 4: a matrix scaled by its diagonal, and what becomes of its spectrum.

The document concludes from a worked example. What it says of the example, and what remains of
that as a general answer to the exercise's question, are judged apart.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import sympy
from flint import arb, arb_mat

from proofs.certified import (
    at_rising_precision,
    certain,
    condition_number,
    eigenvalue_intervals,
    interval,
)
from proofs.counterexamples import Integers, first_where, positive_definite_integer_matrices
from proofs.texts import rows, texts
from proofs.verdict import Finding, Place, Verdict

PLACE = Place("assignment", "3.8 exercise 4")
POSITIVE_DEFINITE = "Q is symmetric positive definite"
BALLS = "ball comparisons; no tolerance enters"
# How far from 1 the worked example's discs reach: the reading of "near 1" that it supports.
NEAR = sympy.Rational(1, 2)


class Example(NamedTuple):
    """Q and the scaled matrix as printed, rounded to `decimals` or (None) to no decimal."""

    name: str
    place: Place
    matrix: Integers
    printed: tuple[tuple[str, ...], ...]
    decimals: int | None


class Searched(NamedTuple):
    """The smallest matrix found, or None, and how many were looked at."""

    matrix: Integers | None
    looked_at: int


TWO_BY_TWO = Example(
    "two-by-two", Place("assignment", "3.2.2"), ((100, 5), (5, 1)),
    (("1", "0.5"), ("0.5", "1")), None,
)  # fmt: skip
THREE_BY_THREE = Example(
    "three-by-three", PLACE, ((4, 1, 2), (1, 9, 3), (2, 3, 16)),
    (("1", "0.1667", "0.25"), ("0.1667", "1", "0.25"), ("0.25", "0.25", "1")), 4,
)  # fmt: skip


def verify(_seed: int) -> list[Verdict]:
    """The entries, what is concluded from the examples, and what does not hold beyond them."""
    far = Searched(*first_where(positive_definite_integer_matrices(2, 6), is_far_from_one))
    worse = Searched(*first_where(positive_definite_integer_matrices(3, 12), is_made_worse))
    grown = Searched(*first_where(positive_definite_integer_matrices(2, 6), is_grown))
    return [
        _entries(),
        _printed_entries(TWO_BY_TWO),
        _printed_entries(THREE_BY_THREE),
        _off_diagonal(THREE_BY_THREE, grown),
        _eigenvalues_near_one(THREE_BY_THREE, far),
        _better_conditioned(TWO_BY_TWO, None),
        _better_conditioned(THREE_BY_THREE, worse),
        _near_one_in_general(far),
        _better_conditioned_in_general(worse),
        _never_worse_in_two_dimensions(),
    ]


def scaled(matrix: sympy.Matrix) -> sympy.Matrix:
    """diag(Q)^(-1/2) Q diag(Q)^(-1/2), multiplied out as three matrices."""
    scale = sympy.diag(*(1 / sympy.sqrt(matrix[i, i]) for i in range(matrix.rows)))
    return sympy.simplify(scale * matrix * scale)


def scaled_balls(matrix: Integers) -> arb_mat:
    """The same for an integer matrix with a positive diagonal, in balls at working precision."""
    n = len(matrix)
    root = [arb(matrix[i][i]).sqrt() for i in range(n)]
    return arb_mat([[arb(matrix[i][j]) / (root[i] * root[j]) for j in range(n)] for i in range(n)])


def balls(matrix: Integers) -> arb_mat:
    """An integer matrix as exact balls."""
    return arb_mat([list(row) for row in matrix])


def symbolic_order_residue(
    product: Callable[[sympy.MatrixExpr, sympy.MatrixExpr], sympy.MatrixExpr],
) -> sympy.Expr:
    """Entry (i, j) of the product less Q_ij / (sqrt Q_ii sqrt Q_jj), for symbolic n, i and j."""
    n = sympy.Symbol("n", integer=True, positive=True)
    i, j = sympy.symbols("i j", integer=True, nonnegative=True)
    q = sympy.MatrixSymbol("Q", n, n)
    diagonal = sympy.Lambda((i, j), sympy.KroneckerDelta(i, j) / sympy.sqrt(q[i, i]))
    entry = product(sympy.FunctionMatrix(n, n, diagonal), q)[i, j].doit()
    # Both indices are indices of the matrix: the sums over it meet them.
    entry = entry.subs({i <= n - 1: sympy.true, j <= n - 1: sympy.true})
    return sympy.simplify(entry - q[i, j] / (sympy.sqrt(q[i, i]) * sympy.sqrt(q[j, j])))


def _entries() -> Verdict:
    residue = symbolic_order_residue(lambda scale, matrix: scale * matrix * scale)
    return Verdict(
        id="exercise-4-entries",
        statement="Entry (i, j) of the scaled matrix is Q_ij / sqrt(Q_ii Q_jj); its diagonal is 1",
        place=PLACE,
        finding="reproduced" if residue == 0 else "refuted",
        evidence="exact",
        measured={"difference": str(residue), "order": "n, symbolic"},
        explanation=(
            "The three matrices multiplied with symbols for the entries, the indices and the order "
            f"n: the product's entry (i, j) less Q_ij / sqrt(Q_ii Q_jj) is {residue}."
        ),
        hypotheses=("the diagonal of Q is positive",),
    )


def _printed_entries(example: Example) -> Verdict:
    exact = scaled(sympy.Matrix(example.matrix))
    n = len(example.matrix)
    errors = {
        (i + 1, j + 1): abs(exact[i, j] - sympy.Rational(value))
        for i, row in enumerate(example.printed)
        for j, value in enumerate(row)
    }
    worst = max(errors, key=lambda place: errors[place])
    half_unit = sympy.Rational(1, 2 * 10**example.decimals) if example.decimals else 0
    holds = bool(errors[worst] <= half_unit)
    given = example.printed[worst[0] - 1][worst[1] - 1]
    within = "within the rounding" if holds else "beyond any rounding"
    furthest = f"entry {worst} is {exact[worst[0] - 1, worst[1] - 1]}, printed {given}"
    return Verdict(
        id=f"exercise-4-{example.name}-entries",
        statement=f"The worked {n}x{n} example: the scaled matrix is the one printed",
        place=example.place,
        finding="reproduced" if holds else "refuted",
        evidence="exact",
        measured={
            "scaled": rows(exact),
            "largest_difference": float(errors[worst]),
        },
        explanation=(
            f"Furthest off, and {within}: {furthest}."
            if errors[worst]
            else f"Every one of the {n * n} entries is exactly the number printed."
        ),
        tolerance=float(half_unit),
        tolerance_reason=(
            f"half a unit of decimal {example.decimals}, the last one printed"
            if example.decimals
            else "exact agreement is asked for: no printed entry is rounded"
        ),
    )


def _spectrum(matrix: sympy.Matrix) -> list[str]:
    """The distinct eigenvalues of a symmetric matrix in radicals, smallest first."""
    return texts(sorted(matrix.eigenvals(), key=lambda value: sympy.re(value).evalf()))


def _of_example(holds: bool, elsewhere: Searched | None) -> Finding:
    """A caveat where what holds of the example fails elsewhere."""
    if not holds:
        return "refuted"
    return "reproduced with a caveat" if elsewhere and elsewhere.matrix else "reproduced"


def is_grown(quarters: Integers) -> bool:
    """Whether scaling enlarges the off-diagonal entry of a 2x2 matrix, given in quarters."""
    matrix = sympy.Matrix(quarters) / 4
    return bool(abs(scaled(matrix)[0, 1]) > abs(matrix[0, 1]))


def _off_diagonal(example: Example, grown: Searched) -> Verdict:
    matrix, after = sympy.Matrix(example.matrix), scaled(sympy.Matrix(example.matrix))
    pairs = [(i, j) for i in range(matrix.rows) for j in range(i)]
    not_smaller = [(j + 1, i + 1) for i, j in pairs if abs(after[i, j]) >= abs(matrix[i, j])]
    told = [f"{abs(matrix[i, j])} to {abs(after[i, j])}" for i, j in pairs]
    explanation = f"Above the diagonal, in absolute value: {', '.join(told)}."
    if not_smaller:
        explanation += f" Not smaller: {', '.join(texts(not_smaller))}."
    other = sympy.Matrix(grown.matrix or []) / 4
    if other:
        explanation += (
            " No law of the scaling: entry (i, j) shrinks exactly where Q_ii Q_jj > 1, and in "
            f"{other.tolist()}, where that is {other[0, 0] * other[1, 1]}, the scaling takes "
            f"{other[0, 1]} to {scaled(other)[0, 1]}."
        )
    return Verdict(
        id=f"exercise-4-{example.name}-off-diagonal",
        statement="The worked 3x3 example: scaling makes the off-diagonal entries smaller",
        place=example.place,
        finding=_of_example(not not_smaller, grown),
        evidence="exact",
        measured={
            "scaled": rows(after),
            "not_smaller": [list(place) for place in not_smaller],
            "smallest_matrix_where_one_grows": rows(other),
            "that_matrix_scaled": rows(scaled(other)),
            "matrices_looked_at": grown.looked_at,
        },
        explanation=explanation,
    )


def distance_from_one(matrix: arb_mat, unit: arb) -> arb | None:
    """The largest |eigenvalue / unit - 1| of a symmetric matrix; None where not isolated."""
    values = eigenvalue_intervals(matrix)
    if values is None:
        return None
    return functools.reduce(arb.max, [abs(value / unit - 1) for value in values])


def _eigenvalues_near_one(example: Example, far: Searched) -> Verdict:
    matrix, n = example.matrix, len(example.matrix)
    trace = sum(matrix[i][i] for i in range(n))
    after = certain(lambda: distance_from_one(scaled_balls(matrix), arb(1)))
    plain = certain(lambda: distance_from_one(balls(matrix), arb(1)))
    by_mean = certain(lambda: distance_from_one(balls(matrix), arb(trace) / n))
    distances = {"scaled": after, "not scaled": plain, "divided by their mean": by_mean}
    holds = bool(after < plain) and bool(after < by_mean)
    told = ", ".join(f"{float(ball):.4g} {name}" for name, ball in distances.items())
    nearer = "are certainly the nearest" if holds else "are not certainly the nearest"
    explanation = f"Largest distance of an eigenvalue from 1: {told}. The scaled ones {nearer}."
    if far.matrix:
        stays = list(map(list, far.matrix))
        values = ", ".join(_spectrum(scaled(sympy.Matrix(stays))))
        explanation += f" Not near, beyond {NEAR}, for every matrix: {stays} scaled has {values}."
    return Verdict(
        id=f"exercise-4-{example.name}-eigenvalues",
        statement="The worked 3x3 example: the eigenvalues of the scaled matrix are near 1",
        place=example.place,
        finding=_of_example(holds, far),
        evidence="certified",
        measured={
            "scaled_eigenvalues": _spectrum(scaled(sympy.Matrix(matrix))),
            "largest_distance_from_1": {name: interval(x) for name, x in distances.items()},
            "smallest_matrix_that_stays_far": list(map(list, far.matrix or ())),
        },
        explanation=explanation,
        tolerance_reason=f"nearer than without scaling, no number being given; {BALLS}",
    )


def is_made_worse(matrix: Integers) -> bool:
    """Whether scaling certainly raises the condition number."""

    def decide() -> bool | None:
        before, after = condition_number(balls(matrix)), condition_number(scaled_balls(matrix))
        if before is None or after is None:
            return None
        return True if after > before else False if after < before else None

    # Equal condition numbers stay undecided at any precision; two attempts are enough to pass on.
    return at_rising_precision(decide, first=64, last=128).answer is True


def _conditioning(matrix: Integers) -> dict[str, Any]:
    before = certain(lambda: condition_number(balls(matrix)))
    after = certain(lambda: condition_number(scaled_balls(matrix)))
    return {
        "condition_number_before": float(before.mid()),
        "condition_number_after": float(after.mid()),
        "certainly_lower": bool(after < before),
        "condition_numbers_enclosed": [interval(before), interval(after)],
    }


def _from_to(measured: dict[str, Any]) -> str:
    return "{condition_number_before:.4g} to {condition_number_after:.4g}".format(**measured)


def _better_conditioned(example: Example, worse: Searched | None) -> Verdict:
    n, measured = len(example.matrix), _conditioning(example.matrix)
    holds = measured["certainly_lower"]
    lower = "." if holds else ", which is not certainly lower."
    explanation = f"The condition number goes from {_from_to(measured)}{lower}"
    if worse is not None and worse.matrix:
        other = measured["smallest_matrix_made_worse"] = _conditioning(worse.matrix)
        other["matrix"] = list(map(list, worse.matrix or ()))
        explanation += f" Not for every matrix: {other['matrix']} goes from {_from_to(other)}."
    return Verdict(
        id=f"exercise-4-{example.name}-conditioning",
        statement=f"The worked {n}x{n} example: the scaled matrix is better conditioned",
        place=example.place,
        finding=_of_example(holds, worse),
        evidence="certified",
        measured=measured,
        explanation=explanation,
        tolerance_reason=BALLS,
    )


def is_far_from_one(matrix: Integers) -> bool:
    """Whether a 2x2 matrix, scaled, has an eigenvalue further than `NEAR` from 1, exactly."""
    (a, b), (_, c) = matrix
    # The eigenvalues are 1 + r and 1 - r with r^2 = Q_12^2 / (Q_11 Q_22).
    return bool(sympy.Rational(b * b, a * c) > NEAR**2)


def almost_all_ones(order: int) -> list[str]:
    """The distinct eigenvalues of all ones plus I/100, scaled, smallest first."""
    return _spectrum(scaled(sympy.ones(order) + sympy.eye(order) / 100))


def _in_general(
    name: str, statement: str, found: Searched, measured: dict[str, Any], because: str
) -> Verdict:
    """The document's conclusion taken for every matrix; `because` tells of the one that fails."""
    matrix = list(map(list, found.matrix or ()))
    return Verdict(
        id=name,
        statement=f"Read as a general answer to the exercise's question: {statement}",
        place=PLACE,
        finding="refuted" if matrix else "reproduced with a caveat",
        evidence="counterexample" if matrix else "searched",
        measured={"smallest_matrix": matrix, **measured, "matrices_looked_at": found.looked_at},
        explanation=(
            f"{matrix}, the smallest such integer matrix of its order, {because}"
            if matrix
            else f"None of the {found.looked_at} integer matrices looked at does otherwise."
        ),
        tolerance_reason=BALLS,
        hypotheses=(POSITIVE_DEFINITE,),
        trials=found.looked_at,
    )


def _near_one_in_general(far: Searched) -> Verdict:
    values = _spectrum(scaled(sympy.Matrix(far.matrix))) if far.matrix else []
    ones = almost_all_ones(10)
    return _in_general(
        "exercise-4-eigenvalues-near-one",
        f"the eigenvalues of every scaled matrix are within {NEAR} of 1",
        far,
        {"its_scaled_eigenvalues": values, "almost_all_ones_of_order_10": ones},
        f"has the eigenvalues {' and '.join(values)} once scaled. Within {NEAR} is what the discs "
        "of the 3x3 example give; in general they reach as far as the largest off-diagonal row "
        f"sum. All ones plus I/100 of order 10, scaled, has {' and '.join(ones)}.",
    )


def _better_conditioned_in_general(worse: Searched) -> Verdict:
    because, measured = "", {}
    if worse.matrix:
        exact, measured = sympy.Matrix(worse.matrix), _conditioning(worse.matrix)
        measured["its_eigenvalues"] = _spectrum(exact)
        measured["its_scaled_eigenvalues"] = _spectrum(scaled(exact))
        because = f"goes from the condition number {_from_to(measured)}, both enclosed in balls."
    return _in_general(
        "exercise-4-better-conditioned",
        "scaling by the diagonal improves the conditioning of every matrix",
        worse,
        measured,
        because,
    )


def _never_worse_in_two_dimensions() -> Verdict:
    a, c = sympy.symbols("a c", positive=True)
    b = sympy.Symbol("b", real=True)
    before = sympy.Matrix([[a, b], [b, c]])
    after = scaled(before)
    # For 2x2, k + 1/k + 2 = trace^2 / det grows with the condition number k.
    drop = sympy.simplify(before.trace() ** 2 / before.det() - after.trace() ** 2 / after.det())
    share = sympy.factor(sympy.simplify(drop * before.det()))
    holds = share == (a - c) ** 2
    return Verdict(
        id="exercise-4-never-worse-in-two-dimensions",
        statement="For 2x2 matrices scaling by the diagonal never makes the condition number worse",
        place=PLACE,
        finding="reproduced" if holds else "refuted",
        evidence="exact",
        measured={"trace_squared_over_determinant_drops_by": f"({share}) / ({before.det()})"},
        explanation=(
            "With k the condition number, k + 1/k + 2 is trace^2 / det, which grows with k. For "
            f"[[a, b], [b, c]] scaling lowers it by ({share}) / ({before.det()}), which is "
            f"{'never negative' if holds else 'not (a - c)^2 over the determinant'}."
        ),
        hypotheses=(POSITIVE_DEFINITE, "n = 2"),
    )
