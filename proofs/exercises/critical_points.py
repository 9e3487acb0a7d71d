"""Sections 1.2 to 1.4: gradients, Hessians, and the test for critical points."""

from __future__ import annotations

import sympy
from hypothesis import strategies as st

from proofs.counterexamples import integers, simplest
from proofs.settled import counterexample_to, settled
from proofs.texts import rows, texts
from proofs.verdict import Place, Verdict

GRADIENT = Place("assignment", "1.2")
HESSIAN = Place("assignment", "1.3")
MINIMA = Place("assignment", "1.4.1")
SADDLE = Place("assignment", "1.4.2")
SIGMOID = Place("assignment", "1.4.3")
X, Y = sympy.symbols("x y", real=True)
BOWL = X**2 + Y**2
EXAMPLE = X**3 + Y**3 - 3 * X * Y
HYPERBOLIC = X**2 - Y**2
QUARTIC = X**4 - 3 * X**2 + X
FLAT = {"x^4": X**4, "-x^4": -(X**4), "x^3": X**3}
SLOPE = sympy.Rational(1, 20)
EDGE = 4


def verify(_seed: int) -> list[Verdict]:
    """The worked derivatives, and the classification by determinant where it is false."""
    return [
        _bowl(),
        _steepest(),
        _worked_example(),
        _negative_definite(),
        _two_dimensions(),
        _three_dimensions(),
        _silent_when_singular(),
        _saddle(),
        _two_minima(),
        _sigmoid_slope(),
        _saturation(),
        _vanishing(),
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


def is_positive_definite(hessian: sympy.Matrix) -> bool:
    """Sylvester's criterion: all leading minors are positive."""
    return all(hessian[:k, :k].det() > 0 for k in range(1, hessian.rows + 1))


def kind_by_determinant(hessian: sympy.Matrix) -> str:
    """What section 1.3's determinant test says: the signs of det H and of its corner."""
    det, corner = hessian.det(), hessian[0, 0]
    if det > 0 and corner > 0:
        return "minimum"
    return "maximum" if det < 0 and corner < 0 else "undecided"


def _symmetric(order: int) -> st.SearchStrategy[sympy.Matrix]:
    """Symmetric matrices of integers from -3 to 3."""

    def filled(entries: tuple[int, ...]) -> sympy.Matrix:
        left = iter(entries)
        upper = {(i, j): next(left) for i in range(order) for j in range(i, order)}
        return sympy.Matrix(order, order, lambda i, j: upper[min(i, j), max(i, j)])

    return st.tuples(*[integers(-3, 3)] * (order * (order + 1) // 2)).map(filled)


def _bowl() -> Verdict:
    found = gradient(BOWL)
    zeros = sympy.solve(found, [X, Y], dict=True)
    return settled(
        "section-1-gradient-of-the-bowl",
        "The gradient of x^2 + y^2 is (2x, 2y) and vanishes at the origin alone",
        GRADIENT,
        found == [2 * X, 2 * Y] and zeros == [{X: 0, Y: 0}],
        {"gradient": texts(found), "vanishes_at": texts(zeros)},
        f"Differentiated by SymPy: ({found[0]}, {found[1]}), which is zero at {zeros} only.",
    )


def product(a: tuple[sympy.Symbol, ...], b: tuple[sympy.Symbol, ...]) -> sympy.Expr:
    """The inner product by which lengths are measured."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def _steepest() -> Verdict:
    residues = []
    for n in (2, 3, 4):
        g, v = sympy.symbols(f"g1:{n + 1}"), sympy.symbols(f"v1:{n + 1}")
        slope = sum(a * b for a, b in zip(g, v, strict=True))
        sizes = product(g, g) * product(v, v)
        squares = sum((g[i] * v[j] - g[j] * v[i]) ** 2 for i in range(n) for j in range(i))
        residues.append(sympy.expand(sizes - slope**2 - squares))
    return settled(
        "section-1-steepest-ascent",
        "The gradient points where the function grows fastest",
        GRADIENT,
        set(residues) == {0},
        {"residues_of_lagranges_identity": texts(residues)},
        "|g|^2 |v|^2 - (g.v)^2 is the sum of (g_i v_j - g_j v_i)^2 (Lagrange's identity, "
        "multiplied out for n = 2, 3 and 4). So for |v| = 1 the slope g.v is at most |g|, and it "
        "is |g| only where v is g over its length.",
        ("the function is differentiable", "the gradient is not zero", "lengths are Euclidean"),
    )


def _worked_example() -> Verdict:
    at = {X: 1, Y: 1}
    hessian = sympy.hessian(EXAMPLE, (X, Y)).subs(at)
    slope = [g.subs(at) for g in gradient(EXAMPLE)]
    printed = hessian == sympy.Matrix([[6, -3], [-3, 6]]) and hessian.det() == 27
    other = kind_of(sympy.hessian(EXAMPLE, (X, Y)).subs({X: 0, Y: 0}))
    return settled(
        "section-1-worked-classification",
        "(1, 1) is a local minimum of x^3 + y^3 - 3xy, with the Hessian ((6, -3), (-3, 6))",
        HESSIAN,
        bool(slope == [0, 0] and printed and kind_of(hessian) == "minimum"),
        {
            "gradient_there": texts(slope),
            "hessian": rows(hessian),
            "determinant": str(hessian.det()),
            "eigenvalues": sorted(texts(hessian.eigenvals())),
            "at_the_origin": other,
        },
        f"The gradient there is {slope} and the Hessian's eigenvalues are "
        f"{sorted(hessian.eigenvals())}. The other critical point, (0, 0), is a {other}; the "
        f"minimum is local only: along y = 0 the function is {EXAMPLE.subs(Y, 0)}, which has no "
        "lower bound.",
    )


def _negative_definite() -> Verdict:
    def missed(hessian: sympy.Matrix) -> bool:
        return is_positive_definite(-hessian) and kind_by_determinant(hessian) != "maximum"

    found = simplest(_symmetric(2), missed)
    hessian = found.instance if found.instance is not None else sympy.zeros(2)
    passing = simplest(
        _symmetric(2), lambda h: bool(kind_by_determinant(h) == "maximum" and h.det() != 0)
    ).instance
    passes = kind_of(passing) if passing is not None else "none"
    return counterexample_to(
        "section-1-negative-definite-determinant",
        "A negative definite Hessian is one with det H < 0 and H_11 < 0",
        HESSIAN,
        found.instance is not None,
        {
            "hessian": rows(hessian),
            "determinant": str(hessian.det()),
            "by_eigenvalues": kind_of(hessian),
            "a_hessian_that_passes": None if passing is None else rows(passing),
            "what_it_is": passes,
        },
        f"H = {hessian.tolist()} has det H = {hessian.det()} and x^T H x / 2 has a "
        f"{kind_of(hessian)} at 0. In two dimensions the determinant of a definite matrix is "
        "positive whatever the sign, and det H < 0 is a saddle always: "
        f"{passing.tolist() if passing is not None else 'no matrix'} passes the printed test and "
        f"is a {passes}. In n dimensions the sign for a maximum is (-1)^n.",
        ("H is symmetric", "the gradient vanishes"),
        found.looked_at,
    )


def completed_square(hessian: sympy.Matrix) -> sympy.Expr:
    """H_11 (x + H_12 y / H_11)^2 + det H / H_11 y^2."""
    a, b = hessian[0, 0], hessian[0, 1]
    return a * (X + b * Y / a) ** 2 + hessian.det() / a * Y**2


def _two_dimensions() -> Verdict:
    a, b, c = sympy.symbols("a b c", real=True)
    hessian = sympy.Matrix([[a, b], [b, c]])
    vector = sympy.Matrix([X, Y])
    form = (vector.T * hessian * vector)[0]
    square = completed_square(hessian)
    residue = sympy.simplify(form - square)
    return settled(
        "section-1-determinant-test-in-two-dimensions",
        "For n = 2, det H > 0 and H_11 > 0 make H positive definite, so the point a minimum",
        HESSIAN,
        residue == 0,
        {"form_less_completed_square": str(residue), "completed_square": str(square)},
        f"Completing the square: for H = ((a, b), (b, c)) the form is {square}; both "
        "coefficients, H_11 and det H / H_11, are positive. The converse reads off (1, 0) and "
        "(-b, a).",
        ("H is symmetric", "n = 2", "the gradient vanishes"),
    )


def _three_dimensions() -> Verdict:
    found = simplest(
        _symmetric(3),
        lambda h: bool(kind_by_determinant(h) == "minimum" and not is_positive_definite(h)),
    )
    hessian = found.instance if found.instance is not None else sympy.zeros(3)
    minors = [hessian[:k, :k].det() for k in (1, 2, 3)]
    return counterexample_to(
        "section-1-determinant-test-in-three-dimensions",
        "det H > 0 and H_11 > 0 make H positive definite, in any dimension",
        HESSIAN,
        found.instance is not None,
        {"hessian": rows(hessian), "leading_minors": texts(minors), "truth": kind_of(hessian)},
        f"{hessian.tolist()} has the determinant {minors[2]} and the corner {minors[0]}, and is a "
        f"{kind_of(hessian)}: its second leading minor is {minors[1]}. From three dimensions on "
        "all leading minors are needed (Sylvester's criterion).",
        ("H is symmetric", "the gradient vanishes"),
        found.looked_at,
    )


def _silent_when_singular() -> Verdict:
    second = {name: sympy.diff(f, X, 2).subs(X, 0) for name, f in FLAT.items()}
    slopes = {name: sympy.diff(f, X).subs(X, 0) for name, f in FLAT.items()}
    signs = {
        name: (f.subs(X, -1) - f.subs(X, 0), f.subs(X, 1) - f.subs(X, 0))
        for name, f in FLAT.items()
    }
    differ = len({(sympy.sign(a), sympy.sign(b)) for a, b in signs.values()}) == len(signs) == 3
    return counterexample_to(
        "section-1-singular-hessian",
        "The Hessian at a critical point always classifies it",
        HESSIAN,
        differ and set(second.values()) == {0} == set(slopes.values()),
        {
            "second_derivative_at_0": {name: str(v) for name, v in second.items()},
            "values_at_-1_and_1_less_that_at_0": {name: str(v) for name, v in signs.items()},
        },
        "x^4 has a minimum at 0, -x^4 a maximum and x^3 neither (powers keep their sign on each "
        "side), and all three have the second derivative 0 there: a singular Hessian decides "
        "nothing.",
    )


def _saddle() -> Verdict:
    hessian = sympy.hessian(HYPERBOLIC, (X, Y))
    eigenvalues = sorted(hessian.eigenvals())
    return settled(
        "section-1-saddle",
        "x^2 - y^2 has a saddle at the origin, with the eigenvalues 2 and -2",
        SADDLE,
        kind_of(hessian) == "saddle"
        and eigenvalues == [-2, 2]
        and [g.subs({X: 0, Y: 0}) for g in gradient(HYPERBOLIC)] == [0, 0],
        {"hessian": rows(hessian), "eigenvalues": texts(eigenvalues)},
        f"The Hessian is {hessian.tolist()} everywhere, with the eigenvalues {eigenvalues}, and "
        "the gradient vanishes at the origin.",
    )


def _two_minima() -> Verdict:
    roots = sympy.real_roots(sympy.diff(QUARTIC, X))
    minima = [r for r in roots if sympy.diff(QUARTIC, X, 2).subs(X, r).evalf(30) > 0]
    values = [QUARTIC.subs(X, r).evalf(30) for r in minima]
    lowest = minima[values.index(min(values))] if minima else sympy.Integer(0)
    return settled(
        "section-1-two-minima",
        "x^4 - 3x^2 + x has two minima, and the lower one is left of 0",
        MINIMA,
        len(minima) == 2 and bool(lowest < 0),
        {
            "minima": [str(r.evalf(15)) for r in minima],
            "values": [str(v.evalf(15)) for v in values],
            "critical_points": len(roots),
        },
        f"The derivative's {len(roots)} real roots are isolated by SymPy; the signs are decided at "
        f"30 digits. The lower minimum is at {lowest.evalf(6)}.",
    )


def sigmoid() -> sympy.Expr:
    """1 / (1 + e^-x)."""
    return 1 / (1 + sympy.exp(-X))


def _sigmoid_slope() -> Verdict:
    s = sigmoid()
    residue = sympy.simplify(sympy.diff(s, X) - (sympy.Rational(1, 4) - (s - sympy.S.Half) ** 2))
    top = sympy.solve(sympy.Eq(s, sympy.S.Half), X)
    return settled(
        "section-1-sigmoid-slope",
        "The sigmoid's slope is at most 1/4, and 1/4 at 0 alone",
        SIGMOID,
        residue == 0 and top == [0],
        {"slope_less_a_quarter_plus_square": str(residue), "half_at": texts(top)},
        f"With s the sigmoid the slope is s(1 - s) = 1/4 - (s - 1/2)^2, and s = 1/2 at {top}.",
    )


def _saturation() -> Verdict:
    s = (1 + sympy.sqrt(1 - 4 * SLOPE)) / 2
    edge = sympy.log(s / (1 - s))
    there = sympy.diff(sigmoid(), X).subs(X, EDGE)
    return counterexample_to(
        "section-1-saturation",
        "The sigmoid's slope is below 0.05 from |x| = 4 on, and not before",
        SIGMOID,
        bool(edge.evalf(30) < EDGE),
        {"slope_is_0.05_at": str(edge.evalf(15)), "slope_at_4": str(there.evalf(15))},
        f"s(1 - s) = {SLOPE} gives s = {s} and x = ln(s / (1 - s)) = {edge.evalf(6)}. At {EDGE} "
        f"the slope is already {there.evalf(3)}.",
    )


def _vanishing() -> Verdict:
    weight, layers = sympy.symbols("w L", positive=True)
    factor = weight * sympy.diff(sigmoid(), X).subs(X, 0)  # the largest a layer can have
    dies = sympy.limit(factor.subs(weight, sympy.Rational(39, 10)) ** layers, layers, sympy.oo)
    kept = sympy.solve(sympy.Eq(factor, 1), weight)
    return settled(
        "section-1-vanishing-gradient",
        "Through many layers of sigmoids the gradient dies out",
        SIGMOID,
        dies == 0 and len(kept) == 1,
        {"largest_factor_of_a_layer": str(factor), "no_decay_for_the_weight": texts(kept)},
        f"A layer multiplies it by a weight and a slope, at most {factor} for weights up to w: a "
        f"product of L of these goes to 0 where w < {kept[0] if kept else '?'}. With the weight "
        f"{kept[0] if kept else '?'} and inputs of 0 it is kept exactly, and beyond that it grows.",
        ("one unit a layer",),
        caveat=True,
    )
