"""Evaluates parsed expressions on one instance, within a budget of work."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from flint import acb, acb_mat, arb, fmpq

from proofs.steps.language import Expression, ProofError
from proofs.steps.values import (
    MeaninglessError,
    Truth,
    Value,
    at_most,
    conjugate,
    diagonal,
    divide,
    equal,
    inverse,
    matrix,
    norm,
    opposite,
    real,
    scalar,
    shape,
    square,
    square_root,
)

Environment = Mapping[str, Value]

MOST_WORK = 320_000
LARGEST_ORDER = 8


@dataclass
class Budget:
    """Scalar operations that may still be spent on one proof: checking always ends."""

    left: int = MOST_WORK

    def spend(self, line: int, operations: int = 1) -> None:
        """Take operations off what is left; an error, on the given line, where none is."""
        self.left -= operations
        if self.left < 0:
            raise ProofError(line, f"more work than the {MOST_WORK} operations a proof may take")


def evaluate(expression: Expression, names: Environment, budget: Budget) -> Value | Truth:
    """The expression's value, or its truth where it is a relation."""
    return _Evaluator(expression, budget).any(expression.tree, names)


def value_of(expression: Expression, names: Environment, budget: Budget) -> Value:
    """The expression's value; an error where it is a relation."""
    return _Evaluator(expression, budget).value(expression.tree, names)


def truth_of(expression: Expression, names: Environment, budget: Budget) -> Truth:
    """The relation's truth; an error where the expression is none."""
    return _Evaluator(expression, budget).truth(expression.tree, names)


def compare(symbol: str, left: Value, right: Value) -> Truth:
    """left `symbol` right, for one of = != <= >= < >."""
    match symbol:
        case "=":
            return equal(left, right)
        case "!=":
            return opposite(equal(left, right))
        case "<=":
            return at_most(left, right)
        case ">=":
            return at_most(right, left)
        case "<":
            return at_most(left, right, strictly=True)
        case _:
            return at_most(right, left, strictly=True)


SYMBOLS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=",
    ast.NotEq: "!=",
    ast.LtE: "<=",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.Gt: ">",
}


class _Evaluator:
    """One walk over one expression; errors of meaning get the expression's line and text."""

    def __init__(self, expression: Expression, budget: Budget) -> None:
        self.expression, self.budget = expression, budget

    def wrong(self, reason: str) -> ProofError:
        """An error that quotes the expression."""
        return ProofError(self.expression.line, f"{self.expression.text!r}: {reason}")

    def any(self, node: ast.expr, names: Environment) -> Value | Truth:
        """The value or the truth of one part."""
        self.budget.spend(self.expression.line)
        try:
            return self._any(node, names)
        except MeaninglessError as error:
            raise self.wrong(str(error)) from error

    def value(self, node: ast.expr, names: Environment) -> Value:
        """The value of a part that must have one."""
        found = self.any(node, names)
        if isinstance(found, Truth):
            raise self.wrong("a relation stands where a value is needed")
        return found

    def truth(self, node: ast.expr, names: Environment) -> Truth:
        """The truth of a part that must be a relation."""
        found = self.any(node, names)
        if not isinstance(found, Truth):
            raise self.wrong("a value stands where a relation is needed")
        return found

    def whole(self, node: ast.expr, names: Environment) -> int:
        """The whole number that an index or a range needs."""
        found = self.value(node, names)
        if not isinstance(found, int):
            raise self.wrong("an index or a range needs a whole number such as n, k or n - 1")
        return found

    def _any(self, node: ast.expr, names: Environment) -> Value | Truth:
        match node:
            case ast.Constant(value=int() as number):
                return number
            case ast.Constant(value=number):
                decimal = Fraction(repr(number))
                return acb(arb(fmpq(decimal.numerator, decimal.denominator)))
            case ast.Name(id=name) if name in names:
                return names[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand, names)
            case ast.UnaryOp(operand=operand):
                return opposite(self.truth(operand, names))
            case ast.BinOp():
                return self._arithmetic(node, names)
            case ast.BoolOp(op=op, values=parts):
                truths = [self.truth(part, names) for part in parts]
                return min(truths) if isinstance(op, ast.And) else max(truths)
            case ast.Compare():
                return self._relation(node, names)
            case ast.Attribute(value=owner, attr=attribute):
                found = matrix(self.value(owner, names)).transpose()
                return conjugate(found) if attribute == "H" else found
            case ast.Subscript(value=owner, slice=index):
                return self._entry(matrix(self.value(owner, names)), index, names)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, arguments, names)
            case _:
                raise self.wrong("a part of it has no value by itself")

    def _arithmetic(self, node: ast.BinOp, names: Environment) -> Value:
        left, right = self.value(node.left, names), self.value(node.right, names)
        match node.op:
            case ast.Pow():
                return self._power(scalar(left), right)
            case ast.Div():
                return divide(left, right)
            case ast.MatMult():
                a, b = matrix(left), matrix(right)
                if a.ncols() != b.nrows():
                    raise MeaninglessError(f"a {shape(a)} times a {shape(b)} matrix")
                self.budget.spend(self.expression.line, a.nrows() * a.ncols() * b.ncols())
                return a * b
            case ast.Mult():
                return self._product(left, right)
            case op:
                return self._sum(left, right if isinstance(op, ast.Add) else -right)

    def _power(self, base: acb, exponent: Value) -> acb:
        if not isinstance(exponent, int):
            raise self.wrong("an exponent is a whole number")
        if exponent < 0:
            return scalar(divide(1, base**-exponent))
        return base**exponent

    def _product(self, left: Value, right: Value) -> Value:
        for factor, other in ((left, right), (right, left)):
            # A 1x1 matrix, such as x.T @ y, is a scalar factor too.
            if not isinstance(factor, acb_mat) or factor.nrows() == factor.ncols() == 1:
                return (other if isinstance(other, acb_mat) else acb(other)) * scalar(factor)
        raise MeaninglessError("two matrices are multiplied by @; * is for a scalar factor")

    def _sum(self, left: Value, right: Value) -> Value:
        if isinstance(left, int) and isinstance(right, int):
            return left + right
        if isinstance(left, acb_mat) and isinstance(right, acb_mat):
            if (left.nrows(), left.ncols()) != (right.nrows(), right.ncols()):
                raise MeaninglessError(f"a {shape(left)} plus a {shape(right)} matrix")
            return left + right
        return scalar(left) + scalar(right)

    def _relation(self, node: ast.Compare, names: Environment) -> Truth:
        values = [self.value(part, names) for part in (node.left, *node.comparators)]
        return min(
            compare(SYMBOLS[type(op)], values[i], values[i + 1]) for i, op in enumerate(node.ops)
        )

    def _entry(self, owner: acb_mat, index: ast.expr, names: Environment) -> acb:
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        at = [self.whole(part, names) for part in parts]
        if len(at) == 1 and 1 in (owner.nrows(), owner.ncols()):
            at = [at[0], 0] if owner.ncols() == 1 else [0, at[0]]
        if len(at) != 2:
            raise MeaninglessError(f"{len(at)} indices for a {shape(owner)} matrix")
        if not (0 <= at[0] < owner.nrows() and 0 <= at[1] < owner.ncols()):
            raise MeaninglessError(f"entry {at} of a {shape(owner)} matrix (counted from 0)")
        return owner[at[0], at[1]]

    def _call(self, name: str, arguments: list[ast.expr], names: Environment) -> Value | Truth:
        if len(arguments) == 1 and isinstance(arguments[0], ast.GeneratorExp):
            return self._over_range(name, arguments[0], names)
        if name in ("max", "min"):
            return _extreme(name, [real(self.value(part, names)) for part in arguments])
        if name in ("eye", "ones"):
            n = self.whole(arguments[0], names)
            if not 1 <= n <= LARGEST_ORDER:
                raise MeaninglessError(f"{name} of order {n}; orders go from 1 to {LARGEST_ORDER}")
            self.budget.spend(self.expression.line, n * n)
            one = name == "ones"
            return acb_mat([[int(one or i == j) for j in range(n)] for i in range(n)])
        if name == "range":
            raise MeaninglessError("a range has no value by itself")
        argument = self.value(arguments[0], names)
        if isinstance(argument, acb_mat):
            # As for a determinant; the other functions take less.
            self.budget.spend(self.expression.line, argument.nrows() ** 2 * argument.ncols())
        return _function(name, argument)

    def _over_range(self, name: str, body: ast.GeneratorExp, names: Environment) -> Value | Truth:
        terms = self._terms(body, names)
        if name in ("all", "any"):
            truths = [self.truth(body.elt, inner) for inner in terms]
            return (
                min(truths, default=Truth.TRUE)
                if name == "all"
                else max(truths, default=Truth.FALSE)
            )
        values = [self.value(body.elt, inner) for inner in terms]
        if name != "sum":
            return _extreme(name, [real(value) for value in values])
        if not values:
            return acb(0)
        total = values[0]
        for value in values[1:]:
            total = self._sum(total, value)
        return total

    def _terms(self, body: ast.GeneratorExp, names: Environment) -> Iterator[Environment]:
        (over,) = body.generators
        assert isinstance(over.target, ast.Name)
        assert isinstance(over.iter, ast.Call)
        last = self.whole(over.iter.args[0], names)
        if last > LARGEST_ORDER:
            raise MeaninglessError(f"a range of {last}; ranges go up to {LARGEST_ORDER}")
        for k in range(last):
            inner = {**names, over.target.id: k}
            kept = min((self.truth(test, inner) for test in over.ifs), default=Truth.TRUE)
            if kept in (Truth.UNDECIDED, Truth.CLOSE):
                raise MeaninglessError("a condition of a range is about whole numbers")
            if kept is Truth.TRUE:
                yield inner


def _extreme(name: str, values: list[arb]) -> acb:
    if not values:
        raise MeaninglessError(f"the {name} of nothing")
    found = values[0]
    for value in values[1:]:
        found = found.max(value) if name == "max" else found.min(value)
    return acb(found)


def _function(name: str, argument: Value) -> Value:
    match name:
        case "abs":
            return acb(abs(scalar(argument)))
        case "sqrt":
            return square_root(argument)
        case "norm":
            return norm(argument)
        case "conj":
            return conjugate(argument)
        case "re":
            return acb(scalar(argument).real)
        case "im":
            return acb(scalar(argument).imag)
        case "trace":
            return square(argument).trace()
        case "det":
            return square(argument).det()
        case "inv":
            return inverse(argument)
        case _:
            return diagonal(argument)
