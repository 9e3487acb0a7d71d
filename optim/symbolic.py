"""SymPy's meaning of a rule: its update and its per-step scalars on symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from optim.meaning import with_meaning
from optim.rule import Rule


def _product(factor: Callable[[Any], Any], t: Any) -> sympy.Expr:
    i = sympy.Symbol("i", integer=True, positive=True)
    return sympy.Product(factor(i), (i, 1, t))


def _where(condition: Any, then: Any, otherwise: Any) -> sympy.Expr:
    return sympy.Piecewise((then, condition), (otherwise, True))


def _inverse_root(matrix: sympy.MatrixExpr, eps: Any) -> sympy.MatrixExpr:
    root = sympy.MatPow(matrix, sympy.Rational(1, 2))
    return sympy.Inverse(root + eps * sympy.Identity(matrix.shape[0]))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": sympy.sqrt,
    "abs": sympy.Abs,
    "maximum": sympy.Max,
    "minimum": sympy.Min,
    "sign": sympy.sign,
    "expm1": lambda x: sympy.exp(x) - 1,
    "where": _where,
    "product": _product,
    "remainder": sympy.Mod,
    "outer": lambda a, b: a * b.T,
    "inverse_root": _inverse_root,
    "solve": lambda matrix, vector: matrix.I * vector,
}


def symbolic(rule: Rule) -> Callable[..., Any]:
    """Return the update of `rule` on SymPy's symbols."""
    return with_meaning(rule.update, FUNCTIONS)


def symbolic_scalars(rule: Rule) -> Callable[..., Any]:
    """Return what gives the scalars of a step on symbols; ValueError where the rule has none."""
    if rule.per_step is None:
        raise ValueError(f"{rule.name} has no scalars of the step")
    return with_meaning(rule.per_step, FUNCTIONS)
