"""What a step asserts: a relation between two values, or one written out in one expression."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from proofs.steps.evaluate import (
    SYMBOLS,
    Budget,
    Environment,
    compare,
    evaluate,
    truth_of,
    value_of,
)
from proofs.steps.language import Expression, is_relation
from proofs.steps.reading import HAVE, IMPLIES, RELATIONS, Proof
from proofs.steps.values import Truth, Value, shown


@dataclass(frozen=True)
class Relation:
    """left `symbol` right."""

    symbol: str
    left: Expression
    right: Expression

    def truth(self, names: Environment, budget: Budget) -> Truth:
        """Whether it is so on one instance."""
        return compare(self.symbol, *self.values(names, budget))

    def values(self, names: Environment, budget: Budget) -> tuple[Value, Value]:
        """Both sides on one instance."""
        left = value_of(self.left, names, budget)
        return left, value_of(self.right, names, budget)

    def sides(self, names: Environment, budget: Budget) -> tuple[str, str]:
        """Both sides on one instance, as a person reads them."""
        left, right = self.values(names, budget)
        return shown(left), shown(right)


@dataclass(frozen=True)
class Statement:
    """A relation written in one expression: `a <= b`, `all(... for k in range(n))`."""

    expression: Expression

    def truth(self, names: Environment, budget: Budget) -> Truth:
        """Whether it is so on one instance."""
        return truth_of(self.expression, names, budget)

    def sides(self, names: Environment, budget: Budget) -> tuple[str, str]:
        """The outer sides of the relation on one instance, as a person reads them."""
        tree = self.expression.tree
        if not isinstance(tree, ast.Compare):
            return self.expression.text, "not true"
        first, last = (
            evaluate(Expression(self.expression.text, self.expression.line, part), names, budget)
            for part in (tree.left, tree.comparators[-1])
        )
        return shown(first), shown(last)


@dataclass(frozen=True)
class Defined:
    """That a value exists: what a chain of values starts from."""

    expression: Expression

    def truth(self, names: Environment, budget: Budget) -> Truth:
        """True; an expression without a value raises instead."""
        value_of(self.expression, names, budget)
        return Truth.TRUE

    def sides(self, names: Environment, budget: Budget) -> tuple[str, str]:
        """The value on one instance, as a person reads it."""
        return shown(value_of(self.expression, names, budget)), ""


Assertion = Relation | Statement | Defined


@dataclass(frozen=True)
class Claim:
    """One step, what it asserts, what it rests on, and its value against the chain's start."""

    number: int
    line: int
    text: str
    assertion: Assertion
    premise: Relation | Statement | None = None
    from_the_start: Relation | None = None
    using: frozenset[str] | None = None


def claims(proof: Proof) -> list[Claim]:
    """What each step of a proof asserts, in order."""
    found: list[Claim] = []
    chain: list[tuple[str, Expression]] = []
    standing: Relation | Statement | None = None
    for number, step in enumerate(proof.steps, start=1):
        text = f"{step.link} {step.expression.text}"
        assertion: Assertion
        premise = from_the_start = None
        if step.link == HAVE and not is_relation(step.expression.tree):
            chain, standing = [("", step.expression)], None
            assertion = Defined(step.expression)
        elif step.link in RELATIONS:
            assertion = Relation(step.link, chain[-1][1], step.expression)
            chain.append((step.link, step.expression))
            standing = from_the_start = whole_chain(chain)
        else:
            premise = standing if step.link == IMPLIES else None
            assertion = standing = Statement(step.expression)
        found.append(Claim(number, step.line, text, assertion, premise, from_the_start, step.using))
    return found


def whole_chain(chain: list[tuple[str, Expression]]) -> Relation | None:
    """What a chain of values shows of its ends; None where it goes both up and down."""
    symbols = {symbol for symbol, _ in chain[1:]}
    ends = chain[0][1], chain[-1][1]
    if symbols <= {"="}:
        return Relation("=", *ends)
    for up, strictly in (("<=", "<"), (">=", ">")):
        if symbols <= {"=", up, strictly}:
            return Relation(strictly if strictly in symbols else up, *ends)
    return None


def sides_of_equation(premise: Relation | Statement) -> Relation | None:
    """The premise as one equation between two values, where it is one."""
    if isinstance(premise, Relation):
        return premise if premise.symbol == "=" else None
    tree, text, line = premise.expression.tree, premise.expression.text, premise.expression.line
    if not isinstance(tree, ast.Compare) or [type(op) for op in tree.ops] != [ast.Eq]:
        return None
    return Relation(
        "=", Expression(text, line, tree.left), Expression(text, line, tree.comparators[0])
    )


def reached(proof: Proof, steps: list[Claim]) -> bool:
    """Whether the last step ends in the statement to prove, by a link from the line before."""
    last, same = steps[-1], _Identities(proof)
    if isinstance(last.assertion, Statement):
        ends_in: tuple[object, ...] = same.of_statement(last.assertion.expression.tree)
        return last.premise is not None and ends_in == same.of_statement(proof.prove.tree)
    shown_by_chain = last.from_the_start
    return shown_by_chain is not None and same.of_relation(
        shown_by_chain.symbol, shown_by_chain.left.tree, shown_by_chain.right.tree
    ) == same.of_statement(proof.prove.tree)


def begs(proof: Proof, claim: Claim) -> bool:
    """Whether a chain starts from the very statement to prove."""
    if not isinstance(claim.assertion, Statement) or claim.premise is not None:
        return False
    same = _Identities(proof)
    stated = same.of_statement(claim.assertion.expression.tree)
    return stated == same.of_statement(proof.prove.tree)


class _Identities:
    """One number for one expression, definitions put in for their names.

    Equal parts share a number, so that definitions within definitions cost no more than their text.
    """

    def __init__(self, proof: Proof) -> None:
        self.numbers: dict[tuple[object, ...], int] = {}
        self.defined: dict[str, int] = {}
        for name, expression in proof.definitions.items():
            self.defined[name] = self.of(expression.tree)

    def of(self, node: ast.AST) -> int:
        """The number of an expression."""
        if isinstance(node, ast.Name) and node.id in self.defined:
            return self.defined[node.id]
        parts: list[object] = [type(node).__name__]
        for _, field in ast.iter_fields(node):
            if isinstance(field, ast.AST):
                parts.append(self.of(field))
            elif isinstance(field, list):
                parts.append(tuple(self.of(item) for item in field))
            else:
                parts.append(repr(field))
        return self.numbers.setdefault(tuple(parts), len(self.numbers))

    def of_relation(self, symbol: str, left: ast.expr, right: ast.expr) -> tuple[object, ...]:
        """One for a = b and b = a, and for a <= b and b >= a."""
        a, b = self.of(left), self.of(right)
        match symbol:
            case "=" | "!=":
                return symbol, min(a, b), max(a, b)
            case ">=" | ">":
                return symbol.replace(">", "<"), b, a
            case _:
                return symbol, a, b

    def of_statement(self, tree: ast.expr) -> tuple[object, ...]:
        """That of its relation where it is one relation between two values."""
        if isinstance(tree, ast.Compare) and len(tree.ops) == 1:
            return self.of_relation(SYMBOLS[type(tree.ops[0])], tree.left, tree.comparators[0])
        return ("statement", self.of(tree))
