"""Section 3.8, exercise 4, beyond the text: the scaling by the diagonal against the best one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import sympy
from flint import arb

from proofs.certified import at_rising_precision, condition_number
from proofs.counterexamples import Integers
from proofs.exercises.diagonal_preconditioning import PLACE, POSITIVE_DEFINITE, scaled_balls
from proofs.instances import generator
from proofs.scaling import best_scaling, bound_from_below, scaled_condition
from proofs.settled import settled
from proofs.verdict import Finding, Verdict

ORDERS = (2, 3, 4, 6)
REPEATS = 6
# Scaling by the diagonal makes it worse than it is: 6 for (7 + sqrt 17) / 2.
MADE_WORSE: Integers = ((2, 1, 1), (1, 3, 2), (1, 2, 3))
SIGNS = (1, -1)  # of the certificate in two dimensions
BALLS = "ball and rational comparisons: an instance counts only where they decide"
FOR_EVERY_MATRIX = (
    " For every matrix: scaled to the diagonal 1 its trace is n, so no eigenvalue is above n; "
    "and it is E B E for any other scaling B of it and E = diag(B)^-1/2, so its least "
    "eigenvalue is at least that of B over the largest entry of B's diagonal, hence at least "
    "1 / kappa(B) (van der Sluis, Numer. Math. 14, 1969). It is what remains true of the claim "
    "that scaling improves the conditioning."
)


class Compared(NamedTuple):
    """One matrix: its condition number scaled by the diagonal, over bounds on the best one's.

    `within` says whether it is at most n times the best, for certain; None where undecided.
    """

    matrix: Integers
    within: bool | None
    at_least: float
    at_most: float


def verify(seed: int) -> list[Verdict]:
    """van der Sluis's factor against all scalings, and what is best in two dimensions."""
    return [_van_der_sluis(seed), _best_in_two_dimensions()]


def drawn_definite(rng: np.random.Generator, n: int) -> Integers:
    """B^T B + I with small integers in B: symmetric positive definite, badly scaled columns."""
    b = rng.integers(-3, 4, size=(n, n)) * rng.choice([1, 10], size=n)
    return tuple(tuple(int(x) for x in row) for row in b.T @ b + np.eye(n, dtype=int))


def compared(matrix: Integers, factor: int) -> Compared:
    """The scaling by the diagonal against every other: the best one lies between both bounds."""
    below = bound_from_below(matrix).bound
    other = best_scaling(matrix)

    def decide() -> tuple[arb, arb] | None:
        ours, theirs = condition_number(scaled_balls(matrix)), scaled_condition(matrix, other)
        return None if ours is None or theirs is None else (ours, theirs)

    found = at_rising_precision(decide).answer
    if found is None:
        return Compared(matrix, None, 0.0, float("inf"))
    ours, theirs = found
    within = True if ours <= factor * arb(below) else False if ours > factor * theirs else None
    return Compared(matrix, within, float((ours / theirs).lower()), float((ours / below).upper()))


def _finding(answers: list[bool | None]) -> Finding:
    if False in answers:
        return "refuted"
    return "reproduced with a caveat" if None in answers else "reproduced"


def _van_der_sluis(seed: int) -> Verdict:
    rng = generator(seed, "exercise-4-van-der-sluis")
    found = [compared(drawn_definite(rng, n), n) for n in ORDERS for _ in range(REPEATS)]
    found.append(compared(MADE_WORSE, len(MADE_WORSE)))
    answers = [one.within for one in found]
    beaten = sum(one.at_least > 1 for one in found)
    worst = max(found, key=lambda one: one.at_least)
    known = sum(one.at_most <= one.at_least * 1.01 for one in found)
    return Verdict(
        id="exercise-4-van-der-sluis",
        statement=(
            "Scaling by the diagonal is within a factor n of the best condition number that any "
            "diagonal scaling gives"
        ),
        place=PLACE,
        finding=_finding(answers),
        evidence="counterexample" if False in answers else "searched",
        measured={
            "matrices": len(found),
            "within_n_of_the_best": answers.count(True),
            "beyond": answers.count(False),
            "undecided": answers.count(None),
            "where_another_scaling_is_better": beaten,
            "best_known_within_a_hundredth": known,
            "furthest_from_the_best": [list(row) for row in worst.matrix],
            "times_the_best_at_least": worst.at_least,
            "times_the_best_at_most": worst.at_most,
            "orders": list(ORDERS),
        },
        explanation=(
            f"{len(found)} matrices, each against all its diagonal scalings: the best condition "
            "number is bounded from below by a quotient of two values of x^T Q x (a certificate in "
            "rationals, see proofs/scaling.py) and from above by the scaling that a minimiser "
            f"finds. The factor certainly holds for {answers.count(True)} and certainly fails for "
            f"{answers.count(False)}. Another scaling is better for {beaten}; furthest from the "
            f"best is {[list(row) for row in worst.matrix]}, by a factor between "
            f"{worst.at_least:.4g} and {worst.at_most:.4g}."
            + (FOR_EVERY_MATRIX if False not in answers else "")
        ),
        tolerance_reason=f"{BALLS}; no tolerance enters",
        hypotheses=(POSITIVE_DEFINITE,),
        trials=len(found),
        provenance={"seed": seed},
    )


def certificate_in_two_dimensions() -> tuple[sympy.Expr, sympy.Expr]:
    """The bound from below with z = (a^-1/2, c^-1/2), and what the scaling by the diagonal has.

    For Q = [[a, b], [b, c]] with b = r sqrt(ac), 0 <= r < 1 (the sign of b is one of S).
    """
    a, c, r = sympy.symbols("a c r", positive=True)
    q = sympy.Matrix([[a, r * sympy.sqrt(a * c)], [r * sympy.sqrt(a * c), c]])
    z = sympy.Matrix([1 / sympy.sqrt(a), 1 / sympy.sqrt(c)])
    forms = [(v.T * q * v)[0] for v in (z, sympy.diag(*SIGNS) * z)]
    scale = sympy.diag(*z)
    values = sorted((scale * q * scale).eigenvals(), key=lambda value: value.subs(r, 0.5))
    return sympy.simplify(forms[0] / forms[1]), sympy.simplify(values[-1] / values[0])


def _best_in_two_dimensions() -> Verdict:
    below, ours = certificate_in_two_dimensions()
    gap = sympy.simplify(below - ours)
    return settled(
        "exercise-4-best-in-two-dimensions",
        "For 2x2 matrices no diagonal scaling has a smaller condition number than that by the "
        "diagonal",
        PLACE,
        gap == 0,
        {"bound_for_every_scaling": str(below), "scaled_by_the_diagonal": str(ours)},
        "With r = Q_12 / sqrt(Q_11 Q_22), at least 0 after a change of sign, the vector "
        f"(Q_11^-1/2, Q_22^-1/2) shows {below} for every scaling, and the scaling by the diagonal "
        f"has {ours}: the same.",
        (POSITIVE_DEFINITE, "n = 2"),
    )
