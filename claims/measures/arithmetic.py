"""Measures that calculate with what the document states: percentages, products, unit changes."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from pathlib import Path

from claims.claim import ClaimError
from claims.measure import Measured, measure

_OPERATORS: Mapping[type, Callable[..., float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: math.pow, ast.USub: operator.neg, ast.UAdd: operator.pos,
}  # fmt: skip
_FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "abs": abs,
}  # fmt: skip
LONGEST = 300
"""Characters of a formula at most: it may come from anybody's document."""


@measure
def arithmetic(results: Path, formula: str, given: dict[str, float]) -> Measured:  # noqa: ARG001
    """The formula's value with the numbers `given`: + - * / **, sqrt, exp, log and abs."""
    try:
        value = calculate(formula, given)
    except (ArithmeticError, ValueError) as error:
        if isinstance(error, ClaimError):
            raise
        raise ClaimError(f"the formula {formula!r} with {given} has no value: {error}") from error
    numbers = {name: float(number) for name, number in given.items()}
    return Measured(value, "exact", {**numbers, "calculated": value})


def calculate(formula: str, given: Mapping[str, float]) -> float:
    """Evaluate a formula in float64; ClaimError for what is not in the language above."""
    if len(formula) > LONGEST:
        raise ClaimError(f"a formula of {len(formula)} characters, expected {LONGEST} at most")
    try:
        tree = ast.parse(formula, mode="eval")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ClaimError(f"the formula {formula!r} cannot be read: {error}") from error
    return _value(tree.body, given)


def _value(node: ast.expr, given: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name) if name in given:
            return float(given[name])
        case ast.BinOp(left, op, right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, given), _value(right, given))
        case ast.UnaryOp(op, operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand, given))
        case ast.Call(ast.Name(id=name), [argument], []) if name in _FUNCTIONS:
            return float(_FUNCTIONS[name](_value(argument, given)))
    shown = ast.unparse(node)
    known = ", ".join([*given, *_FUNCTIONS])
    raise ClaimError(f"a formula may not hold {shown!r}; it may name {known}")
