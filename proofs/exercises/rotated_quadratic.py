"""Section 3.8, exercise 2: the Hessian's spectrum of f1 and of what is printed as its rotation."""

from __future__ import annotations

import sympy

from proofs.texts import rows, texts
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
# The change of variables that is printed inside f2.
PRINTED_CHANGE = sympy.Matrix([[1, 1], [1, -1]])
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


def _listed(values: list[sympy.Expr]) -> str:
    return " and ".join(texts(values))


def ratios(first: sympy.Expr, second: sympy.Expr) -> list[sympy.Expr]:
    """The eigenvalues of the second Hessian over those of the first, smallest first."""
    return [b / a for a, b in zip(spectrum(first), spectrum(second), strict=True)]


def _compared_spectra() -> str:
    """How the eigenvalues of f2 as printed stand to those of f1, and to the printed change."""
    found = ratios(F1, F2_PRINTED)
    if set(found) == {1}:
        return f"Both have the eigenvalues {_listed(spectrum(F1))}."
    if len(set(found)) > 1:
        return f"In increasing order those of f2 are those of f1 times {_listed(found)}."
    told = f"Every eigenvalue of f2 as printed is {found[0]} times one of f1"
    gram = PRINTED_CHANGE.T * PRINTED_CHANGE
    if composed(F1, PRINTED_CHANGE) == sympy.expand(F2_PRINTED) and gram == found[0] * sympy.eye(2):
        change = ", ".join(texts(list(PRINTED_CHANGE * sympy.Matrix([X1, X2]))))
        told += (
            f": the printed change of variables ({change}) lacks the factor "
            f"{1 / sympy.sqrt(found[0])}"
        )
    return f"{told}."


def _first_spectrum() -> Verdict:
    found = spectrum(F1)
    holds = found == [sympy.Rational(1, 5), sympy.Integer(4)] and condition(F1) == 20
    return Verdict(
        id="exercise-2-spectrum-of-f1",
        statement="The Hessian of f1 has the eigenvalues 0.2 and 4 and the condition number 20",
        place=PLACE,
        finding="reproduced" if holds else "refuted",
        evidence="exact",
        measured={"eigenvalues": texts(found), "condition_number": str(condition(F1))},
        explanation=(
            f"Differentiated twice, the Hessian is {sympy.hessian(F1, (X1, X2)).tolist()}; its "
            f"eigenvalues are {_listed(found)}, the largest over the smallest is {condition(F1)}."
        ),
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
            "eigenvalues_of_f1": texts(first),
            "eigenvalues_of_f2_as_printed": texts(second),
            "ratios": texts(ratios(F1, F2_PRINTED)),
        },
        explanation=_compared_spectra(),
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
        explanation=(
            f"Both are {first}: all eigenvalues of f2 are those of f1 times "
            f"{ratios(F1, F2_PRINTED)[0]}, which cancels."
            if first == second
            else f"It is {first} for f1 and {second} for f2: the eigenvalues of f2 are those of f1 "
            f"times {_listed(ratios(F1, F2_PRINTED))}."
        ),
        tolerance_reason=EXACT,
    )


def _is_a_rotation() -> Verdict:
    gram = (PRINTED_CHANGE.T * PRINTED_CHANGE).tolist()
    is_change = composed(F1, PRINTED_CHANGE) == sympy.expand(F2_PRINTED)
    exists = orthogonal_change_exists(F1, F2_PRINTED)
    traces = [sympy.hessian(f, (X1, X2)).trace() for f in (F1, F2_PRINTED)]
    return Verdict(
        id="exercise-2-is-a-rotation",
        statement="Some orthogonal Q gives f2(x) = f1(Qx), with f2 as printed",
        place=PLACE,
        finding="reproduced" if exists else "refuted",
        evidence="exact",
        measured={
            "traces_of_the_hessians": texts(traces),
            "printed_change_of_variables": rows(PRINTED_CHANGE),
            "its_gram_matrix": [texts(row) for row in gram],
            "f1_of_the_printed_change_is_f2": is_change,
        },
        explanation=(
            f"The Hessians' spectra are {'equal' if exists else 'not equal'}, and there is such a "
            f"Q exactly where they are; the traces are {_listed(traces)}. The printed change B has "
            f"B^T B = {gram}, and f1(Bx) is {'f2(x)' if is_change else 'not f2(x)'}."
        ),
        tolerance_reason=EXACT,
    )


def _true_rotation() -> Verdict:
    rotated = composed(F1, ROTATION)
    orthogonal = sympy.simplify(ROTATION.T * ROTATION) == sympy.eye(2)
    half = composed(F1, PRINTED_CHANGE / sympy.sqrt(2)) == sympy.expand(F2_PRINTED / 2)
    same = spectrum(rotated) == spectrum(F1)
    return Verdict(
        id="exercise-2-true-rotation",
        statement="f1 turned by 45 degrees has the Hessian spectrum and condition number of f1",
        place=PLACE,
        finding="reproduced" if orthogonal and same else "refuted",
        evidence="exact",
        measured={
            "f1_turned": str(rotated),
            "eigenvalues": texts(spectrum(rotated)),
            "condition_number": str(condition(rotated)),
            "half_of_f2_as_printed": half,
        },
        explanation=(
            f"The change {ROTATION.tolist()} is "
            f"{'orthogonal' if orthogonal else 'not orthogonal'}; f1 becomes {rotated}, with the "
            f"eigenvalues {_listed(spectrum(rotated))}, where f1 has {_listed(spectrum(F1))}. The "
            "mirror image, the printed change over sqrt(2), takes f1 to "
            f"{'half of f2 as printed' if half else 'something else than half of f2'}."
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
        measured={"differences": texts(differences)},
        explanation=(
            "Multiplied out, the partial derivatives less what the program computes are "
            f"{_listed(differences)}."
        ),
        tolerance_reason=EXACT,
    )
