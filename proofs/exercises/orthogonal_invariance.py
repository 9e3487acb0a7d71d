"""Section 3.8, exercise 1: an orthogonal U keeps the length of c - d."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy
from flint import arb, arb_mat, ctx, fmpq_mat

from proofs.exact import (
    identity,
    random_orthogonal,
    random_unitary_as_real,
    random_vector,
    squared_norm,
)
from proofs.instances import (
    ORTHOGONAL,
    Matrix,
    Vector,
    draws,
    generator,
    haar_orthogonal,
    haar_unitary,
)
from proofs.rounding import gamma, invariance_bound, orthogonality_defect, real_balls
from proofs.settled import settled
from proofs.verdict import Finding, Place, Verdict

PLACE = Place("assignment", "3.8 exercise 1")
STATEMENT = "An orthogonal U keeps distances: the norm of c - d is the norm of Uc - Ud"
HYPOTHESIS = "U is orthogonal (unitary, for complex U)"
# The written argument that holds for every real orthogonal matrix, checked line by line.
WRITTEN = "written-orthogonal-invariance-conclusion"
EXACT_ORDERS = (1, 2, 3, 4, 5, 8, 12)
FLOAT_ORDERS = (1, 2, 3, 10, 50, 200)
STRETCHES = (2.0**-10, 2.0**-20, 2.0**-30, 2.0**-40)
NEAR_ORDERS = (2, 5, 20, 200)  # the largest for one stretch of a real matrix: seconds otherwise


def verify(seed: int) -> list[Verdict]:
    """The derivations, exact and floating-point instances, and near misses."""
    return [
        _derivation(),
        _angles(),
        _exact_instances(seed),
        _floating_point(seed),
        _nearly_orthogonal(seed),
    ]


def derivation_residue(assumption: Any) -> sympy.MatrixExpr:
    """||Uv||^2 - ||v||^2 for symbolic U and v of any order n, simplified under `assumption`."""
    n = sympy.Symbol("n", integer=True, positive=True)
    u, v = sympy.MatrixSymbol("U", n, n), sympy.MatrixSymbol("v", n, 1)
    image = (u * v).T * (u * v)
    simplified = sympy.refine(image.doit(), assumption(u)).doit()
    return (simplified - v.T * v).doit()


def _derivation() -> Verdict:
    residue = derivation_residue(sympy.Q.orthogonal)
    holds = isinstance(residue, sympy.matrices.expressions.ZeroMatrix)
    return Verdict(
        id="exercise-1-derivation",
        statement=STATEMENT,
        place=PLACE,
        finding="reproduced" if holds else "refuted",
        evidence="exact",
        measured={"difference_of_squared_norms": str(residue), "order": "n, symbolic"},
        explanation=(
            "With v = c - d, linearity gives Uc - Ud = Uv. SymPy expands (Uv)^T (Uv) for symbols "
            "of any order n and simplifies it under the hypothesis alone; less v^T v it leaves "
            f"{residue}. Both norms are not negative, so they are equal "
            f"{'since' if holds else 'only where'} that is zero."
        ),
        hypotheses=(HYPOTHESIS, "real case"),
    )


def product_residue(assumption: Any) -> sympy.MatrixExpr:
    """(Uc)^T (Ud) less c^T d for symbols of any order n, simplified under `assumption`."""
    n = sympy.Symbol("n", integer=True, positive=True)
    u = sympy.MatrixSymbol("U", n, n)
    c, d = sympy.MatrixSymbol("c", n, 1), sympy.MatrixSymbol("d", n, 1)
    return (sympy.refine(((u * c).T * (u * d)).doit(), assumption(u)).doit() - c.T * d).doit()


def _angles() -> Verdict:
    residue = product_residue(sympy.Q.orthogonal)
    return settled(
        "exercise-1-angles",
        "An orthogonal U keeps the angles between vectors",
        PLACE,
        bool(residue.is_ZeroMatrix),
        {"difference_of_the_products": str(residue), "order": "n, symbolic"},
        f"(Uc)^T (Ud) less c^T d is {residue} for symbols of any order under the hypothesis alone; "
        "an angle is given by the product and the lengths, which are kept too.",
        (HYPOTHESIS, "real case"),
    )


def _exact_instances(seed: int) -> Verdict:
    rng = generator(seed, "exercise-1-exact")
    counts: Counter[str] = Counter()
    broken: dict[str, Any] = {}
    for kind, draw, scale in (
        ("orthogonal", random_orthogonal, 1),
        ("unitary in real form", random_unitary_as_real, 2),
    ):
        for order in EXACT_ORDERS:
            u = draw(rng, order)
            c, d = random_vector(rng, scale * order), random_vector(rng, scale * order)
            counts[kind] += 1
            if not keeps_distance_exactly(u, c, d):
                named = {"U": u, "c": c, "d": d}
                broken[f"{kind}, order {order}"] = {k: str(v.tolist()) for k, v in named.items()}
    told = (
        f"On {counts.total() - len(broken)} of {counts.total()} rational matrices (Cayley "
        "transforms of skew-symmetric ones, times signed permutations, the unitary ones as "
        "[[A, -B], [B, A]]) U^T U = I and the squared norms agree as fractions, exactly. "
    )
    return Verdict(
        id="exercise-1-exact-instances",
        statement=STATEMENT,
        place=PLACE,
        finding="refuted" if broken else "reproduced",
        evidence="counterexample" if broken else "searched",
        measured={
            "instances": dict(counts),
            "orders": list(EXACT_ORDERS),
            "broken": list(broken),
            "counterexample": next(iter(broken.values()), None),
        },
        explanation=told
        + (
            f"Not on: {'; '.join(broken)}."
            if broken
            else f"For every real U: exercise-1-derivation, and the written proof ({WRITTEN})."
        ),
        hypotheses=(HYPOTHESIS,),
        trials=counts.total(),
        provenance={"seed": seed},
    )


def keeps_distance_exactly(u: fmpq_mat, c: fmpq_mat, d: fmpq_mat) -> bool:
    """Whether U^T U is I and ||Uc - Ud||^2 is ||c - d||^2, both in rational arithmetic."""
    orthogonal = u.transpose() * u == identity(u.nrows())
    return orthogonal and squared_norm(u * c - u * d) == squared_norm(c - d)


def vector_pairs(rng: np.random.Generator, u: Matrix) -> list[tuple[str, Vector, Vector]]:
    """Pairs c, d for U: far apart, nearly equal (cancellation), and of very unequal sizes."""
    order = u.shape[0]
    c, d = rng.standard_normal((2, order))
    if np.iscomplexobj(u):
        c, d = rng.standard_normal((2, order)) + 1j * rng.standard_normal((2, order))
    graded = c * np.exp2(-rng.integers(0, 60, size=order).astype(float))
    return [("Gaussian", c, d), ("nearly equal", c, c + 1e-12 * d), ("graded", graded, 1e6 * d)]


def relative_gap_and_bound(u: Matrix, defect: float, c: Vector, d: Vector) -> tuple[float, float]:
    """The gap between the two floating-point norms and its bound, both over ||c|| + ||d||."""
    order = u.shape[0] * (2 if np.iscomplexobj(u) else 1)
    computed = float(np.linalg.norm(c) + np.linalg.norm(d))
    # The computed sizes err by gamma_{n+3}; the true ones are no larger than this.
    size = computed / (1.0 - gamma(order + 3))
    gap = abs(float(np.linalg.norm(u @ c - u @ d)) - float(np.linalg.norm(c - d)))
    return gap / computed, invariance_bound(order, defect, size) / computed


def _floating_point(seed: int) -> Verdict:
    rng = generator(seed, "exercise-1-floating-point")
    families: Counter[str] = Counter()
    largest_gap = largest_bound = largest_share = largest_defect = 0.0
    worst = ""
    for family, u in draws(ORTHOGONAL, FLOAT_ORDERS, 2, rng):
        # float() rounds to nearest; one step up keeps it a bound.
        defect = math.nextafter(float(orthogonality_defect(u).upper()), math.inf)
        largest_defect = max(largest_defect, defect)
        for pair, c, d in vector_pairs(rng, u):
            gap, bound = relative_gap_and_bound(u, defect, c, d)
            families[f"{family}, {pair} vectors"] += 1
            largest_gap, largest_bound = max(largest_gap, gap), max(largest_bound, bound)
            if gap / bound > largest_share:
                largest_share = gap / bound
                worst = f"{family}, {pair} vectors, order {u.shape[0]}"
    holds = largest_share <= 1.0
    return Verdict(
        id="exercise-1-floating-point",
        statement=STATEMENT,
        place=PLACE,
        finding="reproduced" if holds else "refuted",
        evidence="searched" if holds else "counterexample",
        measured={
            "largest_gap_over_sizes": largest_gap,
            "largest_share_of_its_bound": largest_share,
            "found_on": worst,
            "largest_orthogonality_defect": largest_defect,
            "orders": list(FLOAT_ORDERS),
            "instances_by_family": dict(families),
        },
        explanation=(
            f"Double precision, {families.total()} triples of a matrix and two vectors, of order "
            f"up to {FLOAT_ORDERS[-1]}. Each gap is held against its own bound: at most "
            f"{largest_share:.3g} of it ({worst}), which is {'within' if holds else 'beyond'} it. "
            "The tolerance shown is the largest bound."
        ),
        tolerance=largest_bound,
        tolerance_reason=(
            "n roundings per entry of a matrix-vector product and per norm (Higham, Accuracy and "
            "Stability, 2nd ed., 3.1 and 3.5) plus the measured departure of U^T U from I; "
            "relative to ||c|| + ||d||; a complex order n counts as a real 2n"
        ),
        hypotheses=(HYPOTHESIS, "up to rounding, as measured"),
        trials=families.total(),
        provenance={"seed": seed},
    )


def near_miss(u: Matrix, v: Vector) -> tuple[arb, arb]:
    """How much U changes ||v||^2, over ||v||^2, and the norm of U^* U - I, as balls."""
    with ctx.workprec(128):
        parts = [*v.real, *v.imag] if np.iscomplexobj(u) else list(v)
        column = arb_mat([[float(x)] for x in parts])
        image = real_balls(u) * column
        before = (column.transpose() * column)[0, 0]
        after = (image.transpose() * image)[0, 0]
        return abs(after - before) / before, orthogonality_defect(u)


def _stretched(rng: np.random.Generator) -> Iterator[tuple[Matrix, Vector]]:
    """Orthogonal and unitary matrices stretched along one axis, with it and with another vector."""
    for draw, orders in ((haar_orthogonal, NEAR_ORDERS), (haar_unitary, NEAR_ORDERS[:-1])):
        for order in orders:
            for stretch in STRETCHES if order < NEAR_ORDERS[-1] else STRETCHES[:1]:
                u = draw(rng, order)
                axis, other = rng.standard_normal((2, order))
                if np.iscomplexobj(u):
                    axis, other = (x + 1j * rng.standard_normal(order) for x in (axis, other))
                axis = axis / np.linalg.norm(axis)
                u = u @ (np.eye(order) + stretch * np.outer(axis, axis.conj()))
                yield u, axis
                yield u, other


def _nearly_orthogonal(seed: int) -> Verdict:
    found = [near_miss(u, v) for u, v in _stretched(generator(seed, "exercise-1-nearly"))]
    violated = sum(change > defect for change, defect in found)
    # A ball comparison that is not certain supports nothing.
    certain = sum(change > 0 and change <= defect for change, defect in found)
    undecided = len(found) - certain - violated
    share = max(float(c.mid() / d.mid()) for c, d in found)
    finding: Finding = "reproduced" if certain == len(found) else "reproduced with a caveat"
    return Verdict(
        id="exercise-1-nearly-orthogonal",
        statement=(
            "If U^* U differs from I by eta in norm, U changes a squared length by at most eta "
            "times it"
        ),
        place=PLACE,
        finding="refuted" if violated else finding,
        evidence="counterexample" if violated else "searched",
        measured={
            "changed_within_the_bound": certain,
            "beyond_the_bound": violated,
            "undecided": undecided,
            "largest_share_of_the_bound": share,
            "stretches": list(STRETCHES),
            "orders": list(NEAR_ORDERS),
        },
        explanation=(
            "The adversary: orthogonal and unitary matrices stretched along one axis by 1 + t, t "
            f"from {STRETCHES[0]:.1g} down to {STRETCHES[-1]:.1g}. In ball arithmetic the change "
            f"of length is certainly seen and certainly within the bound on {certain} of "
            f"{len(found)} pairs of a matrix and a vector, certainly beyond it on {violated}, "
            f"undecided on {undecided}. It comes to {share:.4%} of the bound, which is that of "
            "|v^* (U^* U - I) v| by eta |v|^2."
        ),
        tolerance_reason="ball comparisons at 128 bits; no tolerance enters",
        hypotheses=("||U^* U - I||_F = eta",),
        trials=len(found),
        provenance={"seed": seed},
    )
