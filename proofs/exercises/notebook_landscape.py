"""The notebook's section 1.1: convex losses, and a landscape with two minima."""

from __future__ import annotations

import sympy

from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

PLACE = Place("notebook", "1.1")
X = sympy.Symbol("x", real=True)
LANDSCAPE = X**4 - 5 * X**2 + 4
A, B = sympy.symbols("a b", real=True)
VALLEY = (A + B) ** 2
PRINTED = (-sympy.Rational(158, 100), sympy.Rational(158, 100))
HALF_UNIT = sympy.Rational(1, 200)


def verify(_seed: int) -> list[Verdict]:
    """What convexity gives, and the critical points that are drawn."""
    return [_regressions(), _unique_minimum(), _saddle_point(), _minima()]


def losses() -> dict[str, sympy.Expr]:
    """The two examples' losses as functions of the score z, for the label y in {0, 1}."""
    z, label = sympy.symbols("z y", real=True)
    s = 1 / (1 + sympy.exp(-z))
    return {
        "linear regression": (z - label) ** 2 / 2,
        "logistic regression": -(label * sympy.log(s) + (1 - label) * sympy.log(1 - s)),
    }


def _regressions() -> Verdict:
    z = sympy.Symbol("z", real=True)
    curvature = {n: sympy.factor(sympy.simplify(sympy.diff(f, z, 2))) for n, f in losses().items()}
    return settled(
        "notebook-regressions-are-convex",
        "The losses of linear and of logistic regression are convex",
        PLACE,
        all(value.is_positive is True for value in curvature.values()),
        {"second_derivative_in_the_score": {n: str(c) for n, c in curvature.items()}},
        "The second derivatives in the score are "
        f"{' and '.join(map(str, curvature.values()))}, positive everywhere. The score is linear "
        "in the weights, and a convex function of a linear one is convex.",
        ("the label is 0 or 1 for the logistic one",),
    )


def _unique_minimum() -> Verdict:
    hessian = sympy.hessian(VALLEY, (A, B))
    points = [(0, 0), (1, -1)]
    values = [VALLEY.subs({A: a, B: b}) for a, b in points]
    convex = all(value >= 0 for value in hessian.eigenvals())
    return counterexample_to(
        "notebook-convex-unique-minimum",
        "A convex loss has exactly one global minimum",
        PLACE,
        convex and VALLEY.is_nonnegative is True and values == [0, 0],
        {"loss": str(VALLEY), "hessian": str(hessian.tolist()), "values": [str(v) for v in values]},
        f"{VALLEY} has the Hessian {hessian.tolist()}, with eigenvalues that are not negative, is "
        f"never below 0, and is {values[0]} and {values[1]} at {points[0]} and {points[1]}: least "
        "on a whole line, as squared losses with a repeated feature are. e^x is convex and has no "
        "minimum at all. Strict convexity gives at most one.",
    )


def _saddle_point() -> Verdict:
    slope, curve = (sympy.diff(LANDSCAPE, X, k).subs(X, 0) for k in (1, 2))
    return counterexample_to(
        "notebook-saddle-point",
        "x^4 - 5x^2 + 4 has a saddle point at 0",
        PLACE,
        slope == 0 and curve < 0,
        {"slope_at_0": str(slope), "second_derivative_at_0": str(curve)},
        f"The slope there is {slope} and the second derivative {curve}: a local maximum. A "
        "function of one variable has no direction left to go up in.",
    )


def _minima() -> Verdict:
    slope = sympy.diff(LANDSCAPE, X)
    roots = [r for r in sympy.real_roots(slope) if sympy.diff(slope, X).subs(X, r) > 0]
    values = [sympy.simplify(LANDSCAPE.subs(X, r)) for r in roots]
    close = len(roots) == len(PRINTED) and all(
        abs(r - p) <= HALF_UNIT for r, p in zip(roots, PRINTED, strict=True)
    )
    return Verdict(
        id="notebook-minima",
        statement="x^4 - 5x^2 + 4 has its minima at -1.58 and 1.58",
        place=PLACE,
        finding="reproduced" if close else "refuted",
        evidence="exact",
        measured={"minima": [str(r) for r in roots], "values": [str(v) for v in values]},
        explanation=(
            f"The derivative's roots with a positive second derivative are "
            f"{' and '.join(map(str, roots)) or 'none'}, with the values "
            f"{' and '.join(map(str, values)) or 'none'}; where these are equal, both are global."
        ),
        tolerance=float(HALF_UNIT),
        tolerance_reason="half a unit of the last of the two decimals printed",
    )
