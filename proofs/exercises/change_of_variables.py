"""Section 3.2: the quadratic model, the spectral theorem, the change of variables, the proxy."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy
from hypothesis import strategies as st

from proofs.counterexamples import integers, rationals, simplest
from proofs.settled import counterexample_to, settled
from proofs.texts import rows
from proofs.verdict import Place, Verdict

MODEL = Place("assignment", "3.2.1")
PLACE = Place("assignment", "3.2.2")
X, Y = sympy.symbols("x y", real=True)
VECTOR = sympy.Matrix([X, Y])
PEANO = X * Y * (X**2 - Y**2) / (X**2 + Y**2)
FLAT = X**4
# The two factorisations and the two changes of variables that the section uses.
FACTORISATIONS: dict[str, Callable[[sympy.Matrix, sympy.Matrix], sympy.Matrix]] = {
    "U^T L U": lambda u, lam: u.T * lam * u,
    "U L U^T": lambda u, lam: u * lam * u.T,
}
CHANGES: dict[str, Callable[[sympy.Matrix], sympy.Matrix]] = {
    "y = U x": lambda u: u * VECTOR,
    "y = U^T x": lambda u: u.T * VECTOR,
}
Turn = tuple[Fraction, tuple[int, int]]


def verify(_seed: int) -> list[Verdict]:
    """Which factorisation goes with which change, and what the section's reasons leave out."""
    return [
        _model(),
        _steps(),
        _mixed(),
        _order_of_eigenvectors(),
        _normalising(),
        _schwarz(),
        _proxy(),
    ]


def rotation(t: Fraction) -> sympy.Matrix:
    """The rational rotation by twice the arc tangent of t."""
    t = sympy.Rational(t.numerator, t.denominator)
    return sympy.Matrix([[1 - t**2, -2 * t], [2 * t, 1 - t**2]]) / (1 + t**2)


def _model() -> Verdict:
    taylor = sum(sympy.diff(FLAT, X, k).subs(X, 0) * X**k / sympy.factorial(k) for k in range(3))
    share = sympy.limit((FLAT - taylor) / X**2, X, 0)
    minimal = FLAT.subs(X, 0) == 0 and FLAT.is_nonnegative is True
    return counterexample_to(
        "section-3-every-minimum-looks-quadratic",
        "Near a local minimum every smooth function looks like a convex quadratic",
        MODEL,
        minimal and sympy.diff(taylor, X, 2) == 0,
        {"function": str(FLAT), "its_quadratic_model": str(taylor), "error_over_x^2": str(share)},
        f"{FLAT} is smooth, has its minimum at 0, and its quadratic model there is {taylor}, at "
        "which nothing is to be minimised. The error is o(x^2) always, but so is the function "
        "where the Hessian is singular; the model is of use where it is positive definite.",
    )


def diagonalises(factorisation: str, change: str, turn: Turn) -> bool:
    """Whether x^T Q x becomes y^T L y, on one rotation and two eigenvalues."""
    u, lam = rotation(turn[0]), sympy.diag(*turn[1])
    y = CHANGES[change](u)
    form = VECTOR.T * FACTORISATIONS[factorisation](u, lam) * VECTOR - y.T * lam * y
    return bool(sympy.expand(form[0]) == 0)


def residues(hypothesis: Callable[[sympy.MatrixSymbol], sympy.Basic]) -> list[sympy.Expr]:
    """What steps A and B leave over, in any order n, with only the hypothesis on U put in."""
    n = sympy.Symbol("n", integer=True, positive=True)
    u, lam = sympy.MatrixSymbol("U", n, n), sympy.MatrixSymbol("L", n, n)
    x, c = sympy.MatrixSymbol("x", n, 1), sympy.MatrixSymbol("c", n, 1)
    y = u * x
    quadratic = sympy.expand(x.T * (u.T * lam * u) * x) - sympy.expand(y.T * lam * y)
    linear = sympy.refine(sympy.expand((u * c).T * y), hypothesis(u)).doit() - c.T * x
    return [sympy.simplify(quadratic.doit()), sympy.simplify(linear.doit())]


HYPOTHESIS = sympy.Q.orthogonal


def _steps() -> Verdict:
    left = residues(HYPOTHESIS)
    return settled(
        "section-3-steps-a-b-c",
        "With Q = U^T L U and y = U x, f becomes y^T L y / 2 + (U c)^T y + b",
        PLACE,
        all(r == 0 or r.is_ZeroMatrix for r in left),
        {"residues_of_a_and_b": [str(r) for r in left], "order": "n, symbolic"},
        f"Steps A and B on symbols of any order leave {left[0]} and {left[1]}, U^T U replaced by I "
        "under the hypothesis alone (only B needs it); step C adds them up.",
        ("U is orthogonal",),
    )


def _mixed() -> Verdict:
    turns = st.tuples(rationals(3, 3), st.tuples(integers(-3, 3), integers(-3, 3)))
    found = simplest(turns, lambda turn: not diagonalises("U L U^T", "y = U x", turn))
    turn = found.instance or (Fraction(0), (0, 0))
    u, lam = rotation(turn[0]), sympy.diag(*turn[1])
    table = {
        f"Q = {q}, {y}": diagonalises(q, y, turn) and diagonalises(q, y, (Fraction(1, 2), (1, 2)))
        for q in FACTORISATIONS
        for y in CHANGES
    }
    consistent = sorted(name for name, holds in table.items() if holds)
    y = CHANGES["y = U x"](u)
    forms = [
        sympy.expand((VECTOR.T * FACTORISATIONS["U L U^T"](u, lam) * VECTOR)[0]),
        sympy.expand((y.T * lam * y)[0]),
    ]
    return counterexample_to(
        "section-3-two-factorisations",
        "Q = U L U^T, as the section's explanation has it, also goes with y = U x",
        PLACE,
        found.instance is not None,
        {
            "U": rows(u),
            "L": [str(x) for x in turn[1]],
            "x^T Q x": str(forms[0]),
            "y^T L y": str(forms[1]),
            "consistent": consistent,
        },
        f"U = {u.tolist()} and L = diag{turn[1]}: x^T Q x is {forms[0]}, and y^T L y is "
        f"{forms[1]}. What goes together is: {'; '.join(consistent)}. The section states "
        "Q = U^T L U, explains U L U^T, and changes variables by y = U x: right where U^T L U is "
        "meant all through.",
        ("U is orthogonal",),
        found.looked_at,
    )


def _order_of_eigenvectors() -> Verdict:
    u, lam = rotation(Fraction(1, 2)), sympy.diag(1, 2)
    q = FACTORISATIONS["U L U^T"](u, lam)
    columns = [q * u[:, k] == lam[k, k] * u[:, k] for k in range(2)]
    rows = [q * u[k, :].T == lam[k, k] * u[k, :].T for k in range(2)]
    return settled(
        "section-3-eigenvectors-are-columns",
        "The unit eigenvectors of the section's third step are the columns of U in U L U^T",
        PLACE,
        all(columns) and not any(rows),
        {"U": str(u.tolist()), "columns_are_eigenvectors": columns, "rows_are_eigenvectors": rows},
        "Q U = U L U^T U = U L says it column by column; on "
        f"U = {u.tolist()} both columns are eigenvectors and no row is. In U^T L U, the form that "
        "the change of variables uses, they are the rows.",
        ("U is orthogonal",),
    )


def _normalising() -> Verdict:
    def not_orthogonal(turn: tuple[Fraction, tuple[int, int, int]]) -> bool:
        u, q = unit_columns(turn)
        eigen = all(q * u[:, k] == (u[:, k].T * q * u[:, k])[0] * u[:, k] for k in range(2))
        unit = all((u[:, k].T * u[:, k])[0] == 1 for k in range(2))
        return eigen and unit and u.det() != 0 and u.T * u != sympy.eye(2)

    forms = st.tuples(integers(1, 3), integers(-3, 3), integers(1, 3))
    found = simplest(st.tuples(rationals(3, 3), forms), not_orthogonal)
    u, q = unit_columns(found.instance or (Fraction(0), (1, 0, 1)))
    return counterexample_to(
        "section-3-unit-eigenvectors-are-orthogonal",
        "Eigenvectors of length 1 make U orthogonal",
        PLACE,
        found.instance is not None,
        {"Q": str(q.tolist()), "U": rows(u)},
        f"The columns of U = {u.tolist()} are eigenvectors of Q = {q.tolist()}, of length 1, and "
        f"U^T U is {(u.T * u).tolist()}. Eigenvectors of a repeated eigenvalue have to be made "
        "orthogonal (Gram-Schmidt) besides.",
        ("Q is symmetric",),
        found.looked_at,
    )


def unit_columns(
    turn: tuple[Fraction, tuple[int, int, int]],
) -> tuple[sympy.Matrix, sympy.Matrix]:
    """U of the columns (1, 0) and a rational point of the circle; Q of its upper entries."""
    a, b, c = turn[1]
    u = sympy.eye(2)
    u[:, 1] = rotation(turn[0])[:, 0]
    return u, sympy.Matrix([[a, b], [b, c]])


def _schwarz() -> Verdict:
    def slope(first: sympy.Symbol, then: sympy.Symbol) -> sympy.Expr:
        along = sympy.limit(sympy.simplify(PEANO / first), first, 0)  # f is 0 on both axes
        return sympy.limit(along / then, then, 0)

    mixed = [slope(X, Y), slope(Y, X)]
    r, angle = sympy.Symbol("r", positive=True), sympy.Symbol("phi", real=True)
    polar = sympy.simplify(PEANO.subs({X: r * sympy.cos(angle), Y: r * sympy.sin(angle)}))
    continuous = sympy.limit(polar, r, 0) == 0
    return counterexample_to(
        "section-3-symmetry-of-the-hessian",
        "The Hessian of every continuous function is symmetric",
        PLACE,
        continuous and mixed[0] != mixed[1],
        {
            "function": str(PEANO),
            "in_polar_coordinates": str(polar),
            "mixed_derivatives_at_0": [str(m) for m in mixed],
        },
        f"Peano's function, 0 at the origin, is {polar} in polar coordinates, so continuous, and "
        f"its mixed derivatives at the origin are {mixed[0]} and {mixed[1]}. Schwarz's theorem "
        "asks for continuous second derivatives.",
    )


def _proxy() -> Verdict:
    pair = st.tuples(integers(1, 9), integers(1, 9))

    def contradicts(problems: tuple[tuple[int, int], tuple[int, int]]) -> bool:
        (h, d), (other_h, other_d) = problems
        return h * d > other_h * other_d and h < other_h

    found = simplest(st.tuples(pair, pair), contradicts)
    (h, d), (other_h, other_d) = found.instance or ((1, 1), (1, 1))
    return counterexample_to(
        "section-3-gradient-as-proxy",
        "A larger gradient means a larger Hessian",
        PLACE,
        found.instance is not None,
        {
            "curvatures": [h, other_h],
            "distances": [d, other_d],
            "gradients": [h * d, other_h * other_d],
        },
        f"g = H (x - x*): curvature {h} at distance {d} gives {h * d}, curvature {other_h} at "
        f"distance {other_d} gives {other_h * other_d}. The rule of thumb needs equal distances; "
        "Adagrad's sum runs over distances that change.",
        (),
        found.looked_at,
    )
