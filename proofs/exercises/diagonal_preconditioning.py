"""Section 3.8, exercise 4: a matrix scaled by its diagonal, and what becomes of its spectrum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy
from flint import arb, arb_mat

from proofs.certified import at_rising_precision, certain, condition_number, interval
from proofs.counterexamples import (
    Integers,
    first_where,
    positive_definite_integer_matrices,
)
from proofs.verdict import Place, Verdict

PLACE = Place("assignment", "3.8 exercise 4")
EXAMPLE_PLACE = Place("assignment", "3.2.2")
POSITIVE_DEFINITE = "Q is symmetric positive definite"

TWO_BY_TWO: Integers = ((100, 5), (5, 1))
THREE_BY_THREE: Integers = ((4, 1, 2), (1, 9, 3), (2, 3, 16))
PRINTED_TWO_BY_TWO = ((1.0, 0.5), (0.5, 1.0))
PRINTED_THREE_BY_THREE = ((1.0, 0.1667, 0.25), (0.1667, 1.0, 0.25), (0.25, 0.25, 1.0))
FOUR_DECIMALS = 5e-5
# How far from 1 the worked example's discs reach: the reading of "near 1" that it supports.
NEAR = sympy.Rational(1, 2)


def verify(_seed: int) -> list[Verdict]:
    """The entries, both worked examples, and what does not hold beyond them."""
    return [
        _entries(),
        _printed_entries(
            "exercise-4-two-by-two-entries", EXAMPLE_PLACE, TWO_BY_TWO, PRINTED_TWO_BY_TWO
        ),
        _printed_entries(
            "exercise-4-three-by-three-entries", PLACE, THREE_BY_THREE, PRINTED_THREE_BY_THREE
        ),
        _example_improves("exercise-4-two-by-two-conditioning", EXAMPLE_PLACE, TWO_BY_TWO),
        _example_improves("exercise-4-three-by-three-conditioning", PLACE, THREE_BY_THREE),
        _entries_shrink(),
        _eigenvalues_near_one(),
        _never_worse_in_two_dimensions(),
        _better_conditioned(),
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


def symbolic_entries_differ(order: int) -> list[tuple[int, int]]:
    """Where the scaled matrix of that order differs from Q_ij / sqrt(Q_ii Q_jj), symbolically."""
    matrix = sympy.Matrix(
        order, order, lambda i, j: sympy.Symbol(f"q{i}{j}", positive=True if i == j else None)
    )
    product = scaled(matrix)
    return [
        (i, j)
        for i in range(order)
        for j in range(order)
        if sympy.simplify(product[i, j] - matrix[i, j] / sympy.sqrt(matrix[i, i] * matrix[j, j]))
        != 0
    ]


def _entries() -> Verdict:
    orders = (1, 2, 3, 4)
    differing = {order: symbolic_entries_differ(order) for order in orders}
    return Verdict(
        id="exercise-4-entries",
        statement="Entry (i, j) of the scaled matrix is Q_ij / sqrt(Q_ii Q_jj); its diagonal is 1",
        place=PLACE,
        finding="refuted" if any(differing.values()) else "reproduced",
        evidence="exact",
        measured={
            "orders": list(orders),
            "entries_compared": sum(order * order for order in orders),
            "entries_that_differ": [f"order {n}: {w}" for n, w in differing.items() if w],
        },
        explanation=(
            "The three matrices multiplied with symbols for entries. A diagonal factor acts on "
            "each row or column by itself, so an entry does not depend on the order."
        ),
        hypotheses=("the diagonal of Q is positive",),
    )


def _printed_entries(
    name: str, place: Place, matrix: Integers, printed: tuple[tuple[float, ...], ...]
) -> Verdict:
    exact = scaled(sympy.Matrix(matrix))
    errors = [
        abs(float(exact[i, j]) - value)
        for i, row in enumerate(printed)
        for j, value in enumerate(row)
    ]
    n = len(matrix)
    return Verdict(
        id=name,
        statement=f"The worked {n}x{n} example: the scaled matrix is the one printed",
        place=place,
        finding="reproduced" if max(errors) <= FOUR_DECIMALS else "refuted",
        evidence="exact",
        measured={
            "scaled": [[str(x) for x in row] for row in exact.tolist()],
            "largest_difference": max(errors),
        },
        explanation="Computed in rationals and compared with the printed decimals.",
        tolerance=FOUR_DECIMALS,
        tolerance_reason="half a unit of the last of the four decimals printed",
    )


def ordered_eigenvalues(matrix: sympy.Matrix) -> list[sympy.Expr]:
    """The distinct eigenvalues of a symmetric matrix, exactly, smallest first."""
    return sorted(matrix.eigenvals(), key=float)


def discs_reach(matrix: sympy.Matrix) -> sympy.Expr:
    """The largest radius among the row discs of a matrix with unit diagonal."""
    return max(
        sum(abs(matrix[i, j]) for j in range(matrix.cols) if j != i) for i in range(matrix.rows)
    )


def _example_improves(name: str, place: Place, matrix: Integers) -> Verdict:
    before = certain(lambda: condition_number(balls(matrix)))
    after = certain(lambda: condition_number(scaled_balls(matrix)))
    exact = scaled(sympy.Matrix(matrix))
    eigenvalues, reach = ordered_eigenvalues(exact), discs_reach(exact)
    near = all((reach - abs(value - 1)).is_nonnegative for value in eigenvalues)
    n = len(matrix)
    return Verdict(
        id=name,
        statement=(
            f"The worked {n}x{n} example: the scaled matrix is better conditioned, with "
            "eigenvalues in discs about 1"
        ),
        place=place,
        finding="reproduced" if after < before and near else "refuted",
        evidence="certified",
        measured={
            "condition_number_before": float(before.mid()),
            "condition_number_after": float(after.mid()),
            "condition_numbers_enclosed": [interval(before), interval(after)],
            "discs_reach": str(reach),
            "scaled_eigenvalues": [str(value) for value in eigenvalues],
        },
        explanation=(
            "Condition numbers enclosed in ball arithmetic; the scaled matrix is rational, so its "
            "discs about 1 and its eigenvalues in them are exact."
        ),
        tolerance_reason="ball comparisons; no tolerance enters",
    )


def quarters(order: int, largest: int) -> Iterator[sympy.Matrix]:
    """Positive definite matrices of quarters, the simplest first."""
    for matrix in positive_definite_integer_matrices(order, largest):
        yield sympy.Matrix(matrix) / 4


def _grows(matrix: sympy.Matrix) -> bool:
    return bool(abs(scaled(matrix)[0, 1]) > abs(matrix[0, 1]))


def _entries_shrink() -> Verdict:
    found = next((matrix for matrix in quarters(2, 6) if _grows(matrix)), None)
    example = scaled(sympy.Matrix(THREE_BY_THREE))
    smaller = all(
        example[i, j] < THREE_BY_THREE[i][j] for i in range(3) for j in range(3) if i != j
    )
    return Verdict(
        id="exercise-4-off-diagonal-shrinks",
        statement="Scaling by the diagonal makes the off-diagonal entries smaller",
        place=PLACE,
        finding="reproduced with a caveat" if found is None else "refuted",
        evidence="searched" if found is None else "counterexample",
        measured={
            "holds_in_the_worked_example": smaller,
            "smallest_matrix": found and [[str(x) for x in row] for row in found.tolist()],
            "scaled": found and [[str(x) for x in row] for row in scaled(found).tolist()],
        },
        explanation=(
            "True of the worked example, and of every matrix whose diagonal entries are above 1: "
            "entry (i, j) shrinks exactly where Q_ii Q_jj > 1, and grows where that product is "
            "below 1."
        ),
        hypotheses=(POSITIVE_DEFINITE,),
    )


def is_far_from_one(matrix: Integers) -> bool:
    """Whether a 2x2 matrix, scaled, has an eigenvalue further than `NEAR` from 1, exactly.

    Its eigenvalues are 1 + r and 1 - r with r^2 = Q_12^2 / (Q_11 Q_22).
    """
    (a, b), (_, c) = matrix
    return sympy.Rational(b * b, a * c) > NEAR**2


def _eigenvalues_near_one() -> Verdict:
    found, looked_at = first_where(positive_definite_integer_matrices(2, 6), is_far_from_one)
    eigenvalues = found and ordered_eigenvalues(scaled(sympy.Matrix(found)))
    return Verdict(
        id="exercise-4-eigenvalues-near-one",
        statement="The eigenvalues of a matrix scaled by its diagonal are all near 1",
        place=PLACE,
        finding="refuted" if found else "reproduced with a caveat",
        evidence="counterexample" if found else "searched",
        measured={
            "near_means_within": str(NEAR),
            "smallest_matrix": found and [list(row) for row in found],
            "its_scaled_eigenvalues": eigenvalues and [str(value) for value in eigenvalues],
            "almost_all_ones_of_order_10": [str(value) for value in almost_all_ones(10)],
            "matrices_looked_at": looked_at,
        },
        explanation=(
            "Within 1/2 of 1 is what the discs of the 3x3 example give; Gerschgorin gives no more "
            "than the largest off-diagonal row sum, which has no bound below n - 1. All ones plus "
            "a hundredth of the identity, scaled, has one eigenvalue near n and the others near "
            "0: the discs are centred at 1, the eigenvalues are not."
        ),
        hypotheses=(POSITIVE_DEFINITE,),
        trials=looked_at,
    )


def almost_all_ones(order: int) -> list[sympy.Expr]:
    """The distinct eigenvalues of all ones plus I/100, scaled, smallest first."""
    matrix = sympy.ones(order) + sympy.eye(order) / 100
    return ordered_eigenvalues(scaled(matrix))


def _never_worse_in_two_dimensions() -> Verdict:
    a, b, c = sympy.symbols("a b c", real=True)
    # For 2x2, k + 1/k + 2 = trace^2 / det grows with the condition number k; scaling divides the
    # determinant by ac and makes the trace 2.
    excess = sympy.together((a + c) ** 2 / (a * c - b**2) - 4 * a * c / (a * c - b**2))
    square = sympy.factor(excess * (a * c - b**2))
    return Verdict(
        id="exercise-4-never-worse-in-two-dimensions",
        statement="For 2x2 matrices scaling by the diagonal never makes the condition number worse",
        place=PLACE,
        finding="reproduced" if square == (a - c) ** 2 else "refuted",
        evidence="exact",
        measured={"trace_squared_over_determinant_drops_by": f"({square}) / ({a * c - b**2})"},
        explanation=(
            "With k the condition number, k + 1/k + 2 is trace^2 / det, which grows with k. For "
            "[[a, b], [b, c]] it is (a + c)^2 / (ac - b^2) before and 4ac / (ac - b^2) after; the "
            "difference is (a - c)^2 / (ac - b^2), never negative."
        ),
        hypotheses=(POSITIVE_DEFINITE, "n = 2"),
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
    exact = sympy.Matrix(matrix)
    return {
        "smallest_matrix": [list(row) for row in matrix],
        "condition_number_before": float(before.mid()),
        "condition_number_after": float(after.mid()),
        "condition_numbers_enclosed": [interval(before), interval(after)],
        "eigenvalues_before": [str(value) for value in ordered_eigenvalues(exact)],
        "eigenvalues_after": [str(value) for value in ordered_eigenvalues(scaled(exact))],
    }


def _better_conditioned() -> Verdict:
    found, looked_at = first_where(positive_definite_integer_matrices(3, 12), is_made_worse)
    measured = found and _conditioning(found)
    return Verdict(
        id="exercise-4-better-conditioned",
        statement="Scaling by the diagonal improves the conditioning of every matrix",
        place=PLACE,
        finding="refuted" if found else "reproduced with a caveat",
        evidence="counterexample" if found else "searched",
        measured={**(measured or {}), "matrices_looked_at": looked_at},
        explanation=(
            "The smallest integer matrix of order 3 (by the sum of the absolute values of its "
            "upper triangle) that scaling certainly makes worse, both condition numbers enclosed "
            "in balls; its eigenvalues are there to check by hand. In two dimensions there is "
            "none."
        ),
        tolerance_reason="ball comparisons; no tolerance enters",
        hypotheses=(POSITIVE_DEFINITE,),
        trials=looked_at,
    )
