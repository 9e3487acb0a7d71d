"""Section 3.2: the spectral theorem, the change of variables, and the gradient as a proxy."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

PLACE = Place("assignment", "3.2.2")
X, Y = sympy.symbols("x y", real=True)
U = sympy.Matrix([[3, -4], [4, 3]]) / 5
LAMBDA = sympy.diag(1, 2)
VECTOR = sympy.Matrix([X, Y])
# The two factorisations and the two changes of variables that the section uses.
FACTORISATIONS = {"U^T L U": U.T * LAMBDA * U, "U L U^T": U * LAMBDA * U.T}
CHANGES = {"y = U x": U * VECTOR, "y = U^T x": U.T * VECTOR}
PEANO = X * Y * (X**2 - Y**2) / (X**2 + Y**2)


def verify(_seed: int) -> list[Verdict]:
    """Which factorisation goes with which change, and what the section's reasons leave out."""
    return [_steps(), _mixed(), _order_of_eigenvectors(), _normalising(), _schwarz(), _proxy()]


def diagonalises(factorisation: str, change: str) -> bool:
    """Whether x^T Q x becomes y^T L y, on a rotation that is not its own transpose."""
    y = CHANGES[change]
    form = VECTOR.T * FACTORISATIONS[factorisation] * VECTOR - y.T * LAMBDA * y
    return sympy.expand(form[0]) == 0


def residues(hypothesis: Callable[[sympy.MatrixSymbol], sympy.Basic]) -> list[sympy.Expr]:
    """What steps A and B leave over, in any order n, with only the hypothesis on U put in."""
    n = sympy.Symbol("n", integer=True, positive=True)
    u, lam = sympy.MatrixSymbol("U", n, n), sympy.MatrixSymbol("L", n, n)
    x, c = sympy.MatrixSymbol("x", n, 1), sympy.MatrixSymbol("c", n, 1)
    y = u * x
    quadratic = sympy.expand(x.T * (u.T * lam * u) * x) - sympy.expand(y.T * lam * y)
    linear = sympy.refine(sympy.expand((u * c).T * y), hypothesis(u)).doit() - c.T * x
    return [sympy.simplify(quadratic.doit()), sympy.simplify(linear.doit())]


def _steps() -> Verdict:
    left = residues(sympy.Q.orthogonal)
    return settled(
        "section-3-steps-a-b-c",
        "With Q = U^T L U and y = U x, f becomes y^T L y / 2 + (U c)^T y + b",
        PLACE,
        all(r == 0 or r.is_ZeroMatrix for r in left),
        {"residues": [str(r) for r in left], "order": "n, symbolic"},
        "Steps A and B on symbols of any order, U^T U replaced by I under the hypothesis alone; "
        "step C adds them up.",
        ("U is orthogonal",),
    )


def _mixed() -> Verdict:
    table = {f"Q = {q}, {y}": diagonalises(q, y) for q in FACTORISATIONS for y in CHANGES}
    consistent = sorted(name for name, holds in table.items() if holds)
    return counterexample_to(
        "section-3-two-factorisations",
        "Q = U L U^T, as the section's explanation has it, also goes with y = U x",
        PLACE,
        not table["Q = U L U^T, y = U x"],
        {"U": "((3, -4), (4, 3)) / 5", "L": "diag(1, 2)", "consistent": consistent},
        "U^T L U goes with y = U x, and U L U^T with y = U^T x. The section states the first, "
        "explains the second, and changes variables by the first: right where U^T L U is meant "
        "all through. Both agree only where U and U^T give the same Q.",
    )


def _order_of_eigenvectors() -> Verdict:
    q = FACTORISATIONS["U L U^T"]
    columns = [q * U[:, k] == LAMBDA[k, k] * U[:, k] for k in range(2)]
    rows = [q * U[k, :].T == LAMBDA[k, k] * U[k, :].T for k in range(2)]
    return settled(
        "section-3-eigenvectors-are-columns",
        "The unit eigenvectors of the section's third step are the columns of U in U L U^T",
        PLACE,
        all(columns) and not any(rows),
        {"columns_are_eigenvectors": columns, "rows_are_eigenvectors": rows},
        "They are the rows of U in U^T L U, the form that the change of variables uses.",
    )


def _normalising() -> Verdict:
    u = sympy.Matrix([[1, 1 / sympy.sqrt(2)], [0, 1 / sympy.sqrt(2)]])
    unit = all(u[:, k].norm() == 1 for k in range(2))
    return counterexample_to(
        "section-3-unit-eigenvectors-are-orthogonal",
        "Eigenvectors of length 1 make U orthogonal",
        PLACE,
        unit and u.T * u != sympy.eye(2),
        {"Q": "I", "U": [[str(x) for x in row] for row in u.tolist()]},
        "(1, 0) and (1, 1)/sqrt(2) are unit eigenvectors of I and not at right angles. For a "
        "repeated eigenvalue they have to be made orthogonal (Gram-Schmidt) besides.",
    )


def _schwarz() -> Verdict:
    def slope(first: sympy.Symbol, then: sympy.Symbol) -> sympy.Expr:
        along = sympy.limit(sympy.simplify(PEANO / first), first, 0)  # f is 0 on both axes
        return sympy.limit(along / then, then, 0)

    mixed = [slope(X, Y), slope(Y, X)]
    return counterexample_to(
        "section-3-symmetry-of-the-hessian",
        "The Hessian of every continuous function is symmetric",
        PLACE,
        mixed[0] != mixed[1],
        {"function": str(PEANO), "mixed_derivatives_at_0": [str(m) for m in mixed]},
        "Peano's function, 0 at the origin, is continuous, and its mixed derivatives there are -1 "
        "and 1. Schwarz's theorem asks for continuous second derivatives.",
    )


def _proxy() -> Verdict:
    gradients = {curvature: curvature * distance for curvature, distance in ((1, 10), (4, 1))}
    return counterexample_to(
        "section-3-gradient-as-proxy",
        "A larger gradient means a larger Hessian",
        PLACE,
        gradients[1] > gradients[4],
        {"gradients_by_curvature": {str(k): v for k, v in gradients.items()}},
        "g = H (x - x*): curvature 1 at distance 10 gives 10, curvature 4 at distance 1 gives 4. "
        "The rule of thumb needs equal distances; Adagrad's sum runs over distances that change.",
    )
