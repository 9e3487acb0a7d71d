"""What one step of a rule costs a weight: operations counted in its source, bytes of its state."""

from __future__ import annotations

import ast
import dataclasses

from optim.functions import NAMES
from optim.rule import Rule
from optim.source import definition_of

SINGLE = 4
"""Bytes of a single-precision number, which the engine keeps weights and states in."""


@dataclasses.dataclass(frozen=True)
class Cost:
    """Operations of one update of one weight, and the bytes its state takes.

    `simple` counts additions, multiplications, comparisons and signs; what depends on nothing but
    the step and the hyper-parameters is done once a step and not counted.
    """

    simple: int
    divisions: int
    roots: int
    state_bytes: int

    def __str__(self) -> str:
        parts = [f"{self.simple} + − × <"]
        parts += [f"{self.divisions} ÷"] if self.divisions else []
        parts += [f"{self.roots} √"] if self.roots else []
        return ", ".join(parts)


def cost(rule: Rule) -> Cost | None:
    """Return the cost of a step of `rule`; None for a rule on matrices."""
    if not rule.coordinatewise:
        return None
    counter = _Counter({*rule.inputs, *rule.state})
    for statement in definition_of(rule.update).body:
        counter.visit(statement)
    return Cost(**counter.counts, state_bytes=SINGLE * len(rule.state))


class _Counter(ast.NodeVisitor):
    """Counts operations on what varies from weight to weight."""

    def __init__(self, varying: set[str]) -> None:
        self.varying = varying
        self.counts = {"simple": 0, "divisions": 0, "roots": 0}

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        if self._varies(node.value):
            self.varying |= _names(node.targets[0])

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self.generic_visit(node)
        if self._varies(node):
            self.counts["divisions" if isinstance(node.op, ast.Div) else "simple"] += 1

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if self._varies(node) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
            self.counts["roots" if node.func.id == "sqrt" else "simple"] += 1

    def _varies(self, node: ast.AST) -> bool:
        return not self.varying.isdisjoint(_names(node))


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
