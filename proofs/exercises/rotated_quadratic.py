"""Section 3.8, exercise 2: the Hessian's spectrum of f1 and of what is printed as its rotation."""

from __future__ import annotations

import sympy

from proofs.verdict import Place, Verdict

PLACE = Place("assignment", "3.8 exercise 2")

X1, X2 = sympy.symbols("x1 x2", real=True)
F1 = X1**2 / 10 + 2 * X2**2
F2_PRINTED = (X1 + X2) ** 2 / 10 + 2 * (X1 - X2) ** 2
# The gradient in the exercise's program, as it stands there.
F2_PRINTED_GRADIENT = (
    (X1 + X2) / 5 + 4 * (X1 - X2),
    (X1 + X2) / 5 - 4 * (X1 - X2),
)
ROTATION = sympy.Matrix([[1, -1], [1, 1]]) / sympy.sqrt(2)
EXACT = "exact agreement is asked for: SymPy's rationals and radicals, no floating point"


def verify(_seed: int) -> list[Verdict]:
    """What the printed function's spectrum is, and what a rotation by 45 degrees would give."""
    return [
        _first_spectrum(),
        _same_spectrum(),
        _same_condition_number(),
        _is_a_rotation(),
        _true_rotation(),
        _printed_gradient(),
    ]


def spectrum(function: sympy.Expr) -> list[sympy.Expr]:
    """The Hessian's eigenvalues of a quadratic in x1 and x2, in increasing order, with repeats."""
    eigenvalues = sympy.hessian(function, (X1, X2)).eigenvals()
    return sorted((sympy.simplify(v) for v, m in eigenvalues.items() for _ in range(m)), key=float)


def condition(function: sympy.Expr) -> sympy.Expr:
    """The largest of the Hessian's eigenvalues over the smallest."""
    eigenvalues = spectrum(function)
    return sympy.simplify(eigenvalues[-1] / eigenvalues[0])


def composed(function: sympy.Expr, change: sympy.Matrix) -> sympy.Expr:
    """x -> f(change x), multiplied out."""
    y1, y2 = change * sympy.Matrix([X1, X2])
    return sympy.expand(function.subs({X1: y1, X2: y2}, simultaneous=True))


def orthogonal_change_exists(first: sympy.Expr, second: sympy.Expr) -> bool:
    """Whether second(x) = first(Ux) for some orthogonal U, for two quadratic forms.

    It does exactly where the two Hessians have the same spectrum (spectral theorem).
    """
    return spectrum(first) == spectrum(second)


def _texts(values: list[sympy.Expr]) -> list[str]:
    return [str(value) for value in values]


def _first_spectrum() -> Verdict:
    found = spectrum(F1)
    holds = found == [sympy.Rational(1, 5), sympy.Integer(4)] and condition(F1) == 20
    return Verdict(
        id="exercise-2-spectrum-of-f1",
        statement="The Hessian of f1 has the eigenvalues 0.2 and 4 and the condition number 20",
        place=PLACE,
        finding="reproduced" if holds else "refuted",
        evidence="exact",
        measured={"eigenvalues": _texts(found), "condition_number": str(condition(F1))},
        explanation="Differentiated twice and solved symbolically.",
        tolerance_reason=EXACT,
    )


def _same_spectrum() -> Verdict:
    first, second = spectrum(F1), spectrum(F2_PRINTED)
    return Verdict(
        id="exercise-2-same-spectrum",
        statement="The Hessians of f1 and of f2 as printed have the same eigenvalues",
        place=PLACE,
        finding="reproduced" if first == second else "refuted",
        evidence="exact",
        measured={
            "eigenvalues_of_f1": _texts(first),
            "eigenvalues_of_f2_as_printed": _texts(second),
            "ratios": _texts([b / a for a, b in zip(first, second, strict=True)]),
        },
        explanation=(
            "Every eigenvalue of f2 as printed is twice one of f1: the printed change of variables "
            "(x1 + x2, x1 - x2) lacks the factor 1/sqrt(2)."
        ),
        tolerance_reason=EXACT,
    )


def _same_condition_number() -> Verdict:
    first, second = condition(F1), condition(F2_PRINTED)
    return Verdict(
        id="exercise-2-same-condition-number",
        statement="The Hessians of f1 and of f2 as printed have the same condition number",
        place=PLACE,
        finding="reproduced" if first == second else "refuted",
        evidence="exact",
        measured={"f1": str(first), "f2_as_printed": str(second)},
        explanation="A common factor in all eigenvalues cancels in their ratio.",
        tolerance_reason=EXACT,
    )


def _is_a_rotation() -> Verdict:
    printed = sympy.Matrix([[1, 1], [1, -1]])
    exists = orthogonal_change_exists(F1, F2_PRINTED)
    traces = [sympy.hessian(f, (X1, X2)).trace() for f in (F1, F2_PRINTED)]
    return Verdict(
        id="exercise-2-is-a-rotation",
        statement="Some orthogonal Q gives f2(x) = f1(Qx), with f2 as printed",
        place=PLACE,
        finding="reproduced" if exists else "refuted",
        evidence="exact",
        measured={
            "traces_of_the_hessians": _texts(traces),
            "printed_change_of_variables": [_texts(row) for row in printed.tolist()],
            "its_gram_matrix": [_texts(row) for row in (printed.T * printed).tolist()],
            "f1_of_the_printed_change_is_f2": sympy.expand(composed(F1, printed) - F2_PRINTED) == 0,
        },
        explanation=(
            "An orthogonal change keeps the trace of the Hessian, which is 4.2 for f1 and 8.4 for "
            "f2 as printed; the printed change B has B^T B = 2I, an orthogonal one times sqrt(2)."
        ),
        tolerance_reason=EXACT,
    )


def _true_rotation() -> Verdict:
    rotated = composed(F1, ROTATION)
    orthogonal = sympy.simplify(ROTATION.T * ROTATION) == sympy.eye(2)
    mirrored = composed(F1, sympy.Matrix([[1, 1], [1, -1]]) / sympy.sqrt(2))
    holds = orthogonal and spectrum(rotated) == spectrum(F1)
    return Verdict(
        id="exercise-2-true-rotation",
        statement="f1 turned by 45 degrees has the Hessian spectrum and condition number of f1",
        place=PLACE,
        finding="reproduced" if holds else "refuted",
        evidence="exact",
        measured={
            "f1_turned": str(rotated),
            "eigenvalues": _texts(spectrum(rotated)),
            "condition_number": str(condition(rotated)),
            "half_of_f2_as_printed": sympy.expand(mirrored - F2_PRINTED / 2) == 0,
        },
        explanation=(
            "With the factor 1/sqrt(2) in both variables the change is orthogonal; it turns f1 "
            "into half of what is printed (up to the order of the coordinates, which a mirror "
            "image swaps)."
        ),
        tolerance_reason=EXACT,
    )


def _printed_gradient() -> Verdict:
    differences = [
        sympy.expand(sympy.diff(F2_PRINTED, x) - g)
        for x, g in zip((X1, X2), F2_PRINTED_GRADIENT, strict=True)
    ]
    return Verdict(
        id="exercise-2-printed-gradient",
        statement="The gradient in the exercise's program is that of f2 as printed",
        place=PLACE,
        finding="reproduced" if differences == [0, 0] else "refuted",
        evidence="exact",
        measured={"differences": _texts(differences)},
        explanation="Both partial derivatives, less what the program computes, multiplied out.",
        tolerance_reason=EXACT,
    )
