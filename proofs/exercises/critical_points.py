"""Sections 1.2 to 1.4 and 2.5: gradients, Hessians, and the test for critical points."""

from __future__ import annotations

import sympy

from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

GRADIENT = Place("assignment", "1.2")
HESSIAN = Place("assignment", "1.3")
MINIMA = Place("assignment", "1.4.1")
SADDLE = Place("assignment", "1.4.2")
SIGMOID = Place("assignment", "1.4.3")
LOGISTIC = Place("assignment", "2.5.1")
FREQUENCY = Place("assignment", "2.5.3")
X, Y = sympy.symbols("x y", real=True)
EXAMPLE = X**3 + Y**3 - 3 * X * Y
QUARTIC = X**4 - 3 * X**2 + X
ALL_NEGATIVE = sympy.diag(-1, -1)
# A determinant and a corner entry above 0 in three dimensions, and not definite.
THREE = sympy.diag(1, -1, -1)


def verify(_seed: int) -> list[Verdict]:
    """The worked derivatives, and the classification by determinant where it is false."""
    return [
        _bowl(),
        _worked_example(),
        _negative_definite(),
        _two_dimensions(),
        _three_dimensions(),
        _silent_when_singular(),
        _saddle(),
        _two_minima(),
        _sigmoid_slope(),
        _saturation(),
        _logistic_gradient(),
        _update_counts(),
    ]


def gradient(function: sympy.Expr) -> list[sympy.Expr]:
    """The partial derivatives by x and y."""
    return [sympy.diff(function, v) for v in (X, Y)]


def kind_of(hessian: sympy.Matrix) -> str:
    """What the eigenvalues' signs say: minimum, maximum, saddle, or nothing."""
    signs = {sympy.sign(value) for value in hessian.eigenvals()}
    if signs == {1}:
        return "minimum"
    if signs == {-1}:
        return "maximum"
    return "saddle" if {1, -1} <= signs else "undecided"


def kind_by_determinant(hessian: sympy.Matrix) -> str:
    """What section 1.3's determinant test says: the signs of det H and of its corner."""
    det, corner = hessian.det(), hessian[0, 0]
    if det > 0 and corner > 0:
        return "minimum"
    return "maximum" if det < 0 and corner < 0 else "undecided"


def _rows(matrix: sympy.Matrix) -> list[list[str]]:
    return [[str(x) for x in row] for row in matrix.tolist()]


def _bowl() -> Verdict:
    found = gradient(X**2 + Y**2)
    return settled(
        "section-1-gradient-of-the-bowl",
        "The gradient of x^2 + y^2 is (2x, 2y) and vanishes at the origin alone",
        GRADIENT,
        found == [2 * X, 2 * Y] and sympy.solve(found, [X, Y], dict=True) == [{X: 0, Y: 0}],
        {"gradient": [str(x) for x in found]},
        "Differentiated and solved by SymPy.",
    )


def _worked_example() -> Verdict:
    at = {X: 1, Y: 1}
    hessian = sympy.hessian(EXAMPLE, (X, Y)).subs(at)
    slope = [g.subs(at) for g in gradient(EXAMPLE)]
    holds = slope == [0, 0] and hessian == sympy.Matrix([[6, -3], [-3, 6]])
    return settled(
        "section-1-worked-classification",
        "(1, 1) is a local minimum of x^3 + y^3 - 3xy, with the Hessian ((6, -3), (-3, 6))",
        HESSIAN,
        bool(holds and hessian.det() == 27 and kind_of(hessian) == "minimum"),
        {
            "gradient_there": [str(x) for x in slope],
            "hessian": _rows(hessian),
            "eigenvalues": sorted(str(x) for x in hessian.eigenvals()),
            "at_the_origin": kind_of(sympy.hessian(EXAMPLE, (X, Y)).subs({X: 0, Y: 0})),
        },
        "Derivatives and eigenvalues in rationals. The other critical point, (0, 0), is a saddle; "
        "the minimum is local only, since the cubic has no lower bound.",
    )


def _negative_definite() -> Verdict:
    truth, said = kind_of(ALL_NEGATIVE), kind_by_determinant(ALL_NEGATIVE)
    return counterexample_to(
        "section-1-negative-definite-determinant",
        "A negative definite Hessian is one with det H < 0 and H_11 < 0",
        HESSIAN,
        truth == "maximum" and said != "maximum",
        {
            "hessian": _rows(ALL_NEGATIVE),
            "determinant": str(ALL_NEGATIVE.det()),
            "by_eigenvalues": truth,
            "det_below_0_and_corner_below_0": kind_of(sympy.diag(-1, 1)),
        },
        "-x^2/2 - y^2/2 has the Hessian -I with determinant 1, and a maximum at 0. In two "
        "dimensions the determinant of a definite matrix is positive whatever the sign; det < 0 "
        "is a saddle always, as diag(-1, 1) shows. In n dimensions the sign is (-1)^n.",
    )


def _two_dimensions() -> Verdict:
    a, b, c = sympy.symbols("a b c", real=True)
    form = a * X**2 + 2 * b * X * Y + c * Y**2
    square = a * (X + b * Y / a) ** 2 + (a * c - b**2) / a * Y**2
    residue = sympy.simplify(form - square)
    return settled(
        "section-1-determinant-test-in-two-dimensions",
        "For n = 2, det H > 0 and H_11 > 0 make H positive definite, so the point a minimum",
        HESSIAN,
        residue == 0,
        {"form_less_completed_square": str(residue), "completed_square": str(square)},
        "Completing the square: both coefficients, H_11 and det H / H_11, are positive; the "
        "converse reads off (1, 0) and (-b, a).",
        ("H is symmetric", "n = 2", "the gradient vanishes"),
    )


def _three_dimensions() -> Verdict:
    return counterexample_to(
        "section-1-determinant-test-in-three-dimensions",
        "det H > 0 and H_11 > 0 make H positive definite, in any dimension",
        HESSIAN,
        kind_by_determinant(THREE) == "minimum" and kind_of(THREE) != "minimum",
        {"hessian": _rows(THREE), "determinant": str(THREE.det()), "truth": kind_of(THREE)},
        "diag(1, -1, -1) has determinant 1 and corner 1, and is a saddle. From three dimensions on "
        "all leading minors are needed (Sylvester's criterion).",
    )


def _silent_when_singular() -> Verdict:
    flat = {"x^4": X**4, "-x^4": -(X**4), "x^3": X**3}
    second = {name: sympy.diff(f, X, 2).subs(X, 0) for name, f in flat.items()}
    return counterexample_to(
        "section-1-singular-hessian",
        "The Hessian at a critical point always classifies it",
        HESSIAN,
        set(second.values()) == {0},
        {"second_derivative_at_0": {name: str(v) for name, v in second.items()}},
        "x^4 has a minimum at 0, -x^4 a maximum and x^3 neither, and all three have the second "
        "derivative 0 there: a singular Hessian decides nothing.",
    )


def _saddle() -> Verdict:
    hessian = sympy.hessian(X**2 - Y**2, (X, Y))
    return settled(
        "section-1-saddle",
        "x^2 - y^2 has a saddle at the origin, with the eigenvalues 2 and -2",
        SADDLE,
        kind_of(hessian) == "saddle" and set(hessian.eigenvals()) == {2, -2},
        {"hessian": _rows(hessian)},
        "The Hessian is constant and diagonal.",
    )


def _two_minima() -> Verdict:
    roots = sympy.real_roots(sympy.diff(QUARTIC, X))
    minima = [r for r in roots if sympy.diff(QUARTIC, X, 2).subs(X, r).evalf(30) > 0]
    lowest = min(minima, key=lambda r: QUARTIC.subs(X, r).evalf(30)) if minima else None
    return settled(
        "section-1-two-minima",
        "x^4 - 3x^2 + x has two minima, and the lower one is left of 0",
        MINIMA,
        len(minima) == 2 and bool(lowest < 0),
        {"minima": [str(r.evalf(15)) for r in minima], "critical_points": len(roots)},
        "The derivative's real roots are isolated by SymPy; the signs are decided at 30 digits, "
        "far from 0.",
    )


def _sigmoid_slope() -> Verdict:
    s = 1 / (1 + sympy.exp(-X))
    residue = sympy.simplify(sympy.diff(s, X) - (sympy.Rational(1, 4) - (s - sympy.S.Half) ** 2))
    return settled(
        "section-1-sigmoid-slope",
        "The sigmoid's slope is at most 1/4, and 1/4 at 0 alone",
        SIGMOID,
        residue == 0,
        {"slope_less_a_quarter_plus_square": str(residue)},
        "With s the sigmoid the slope is s(1 - s) = 1/4 - (s - 1/2)^2, and s = 1/2 at 0 alone.",
    )


def _saturation() -> Verdict:
    s = (1 + sympy.sqrt(1 - 4 * sympy.Rational(1, 20))) / 2
    edge = sympy.log(s / (1 - s))
    return counterexample_to(
        "section-1-saturation",
        "The sigmoid's slope is below 0.05 from |x| = 4 on, and not before",
        SIGMOID,
        bool(edge.evalf(30) < 4),
        {"slope_is_0.05_at": str(edge.evalf(15))},
        "s(1 - s) = 1/20 gives s = (1 + sqrt(4/5)) / 2 and x = ln(s / (1 - s)), about 2.887. At 4 "
        "the slope is already below 0.018.",
    )


def _logistic_gradient() -> Verdict:
    w, v, x, z, label = sympy.symbols("w v x z y", real=True)
    s = 1 / (1 + sympy.exp(-(w * x + v * z)))
    loss = -(label * sympy.log(s) + (1 - label) * sympy.log(1 - s))
    residue = sympy.simplify(sympy.diff(loss, w) - (s - label) * x)
    return settled(
        "section-2-logistic-gradient",
        "The cross-entropy's derivative by w_j is (prediction - label) x_j; it is 0 where x_j is",
        LOGISTIC,
        residue == 0,
        {"derivative_less_formula": str(residue)},
        "Differentiated with one feature of interest and the rest of the sum in one symbol.",
        ("the model is linear in w under the sigmoid",),
    )


def _update_counts() -> Verdict:
    ratio = sympy.Rational(15_000, 5)
    return counterexample_to(
        "section-2-update-counts",
        "A word in 15,000 documents is updated 30,000 times as often as one in 5",
        FREQUENCY,
        ratio != 30_000,
        {"ratio": str(ratio)},
        "15,000 / 5 is 3,000; so is 65% over 0.02%, nearly (3,250). The factor is ten too large.",
    )
