"""Makes mutants: one small mistake each in a source file, by cosmic-ray's operators.

Not by its runner, which begins a new interpreter for every mutant. Left out: annotations and
decorators, which decide nothing that a run could show; `strict=` of a zip, which guards against
this project's own mistakes; and what says the same in another way. Docstrings hold no operators.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.operators.provider import OperatorProvider

OPERATORS = (
    *("ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add"),
    *("ReplaceBinaryOperator_Mul_Div", "ReplaceBinaryOperator_Div_Mul"),
    *("ReplaceBinaryOperator_Pow_Mul", "ReplaceBinaryOperator_FloorDiv_Mul"),
    *("ReplaceBinaryOperator_Mod_Add", "ReplaceBinaryOperator_BitAnd_BitOr"),
    *("ReplaceComparisonOperator_Lt_LtE", "ReplaceComparisonOperator_Lt_GtE"),
    *("ReplaceComparisonOperator_LtE_Lt", "ReplaceComparisonOperator_LtE_Gt"),
    *("ReplaceComparisonOperator_Gt_GtE", "ReplaceComparisonOperator_Gt_LtE"),
    *("ReplaceComparisonOperator_GtE_Gt", "ReplaceComparisonOperator_GtE_Lt"),
    *("ReplaceComparisonOperator_Eq_NotEq", "ReplaceComparisonOperator_NotEq_Eq"),
    *("ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is"),
    *("ReplaceUnaryOperator_Delete_USub", "ReplaceUnaryOperator_Delete_Not"),
    *("ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("AddNot", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
    *("NumberReplacer", "ZeroIterationForLoop"),
)

Place = tuple[int, int]  # line and column
OPPOSITES = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A file's source with one mistake: in which function, and its line before and after."""

    file: str
    function: str  # the innermost definition around it, or "" at the top of the file
    line: int
    was: str
    becomes: str
    source: str = dataclasses.field(compare=False, repr=False)


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a file that is still Python and another program, in order of its lines."""
    tree = ast.parse(source)
    skipped, seen = _skipped(tree), {_meaning(source)}
    found: list[Mutant] = []
    for name in OPERATORS:
        for place, changed in _mutations(source, name):
            if any(start <= place < end for start, end in skipped):
                continue
            with contextlib.suppress(SyntaxError):
                if (meaning := _meaning(changed)) not in seen:
                    seen.add(meaning)
                    found.append(_described(file, tree, source, changed, place[0]))
    yield from sorted(found, key=lambda mutant: mutant.line)


def _mutations(source: str, name: str) -> Iterator[tuple[Place, str]]:
    """Where the operator of that name applies, and the source with it applied there."""
    operator: Any = OperatorProvider()[name]()
    nodes = list(ast_nodes(get_ast(source)))
    for number, node in enumerate(nodes):
        for index, (start, _) in enumerate(operator.mutation_positions(node)):
            tree = get_ast(source)
            one = next(itertools.islice(ast_nodes(tree), number, None))
            parent, changed = one.parent, operator.mutate(one, index)
            if changed is not one:
                place = parent.children.index(one)
                parent.children[place] = changed
            yield start, str(tree.get_code())


class _Plain(ast.NodeTransformer):
    """Writes `not a == b` as `a != b`, so that one mistake is not made twice."""

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        inner = node.operand
        if isinstance(node.op, ast.Not) and isinstance(inner, ast.Compare) and len(inner.ops) == 1:
            opposite = OPPOSITES.get(type(inner.ops[0]))
            if opposite is not None:
                return ast.Compare(inner.left, [opposite()], inner.comparators)
        return node


def _meaning(source: str) -> str:
    return ast.dump(_Plain().visit(ast.parse(source)))


def _skipped(tree: ast.AST) -> list[tuple[Place, Place]]:
    """Where annotations, decorators, the star between parameters and `strict=` stand."""
    nodes: list[ast.expr | None] = []
    spans: list[tuple[Place, Place]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            nodes += node.decorator_list
        if isinstance(node, ast.FunctionDef):
            nodes.append(node.returns)
            if node.args.kwonlyargs and (before := node.args.args):
                start, end = before[-1], node.args.kwonlyargs[0]
                spans.append(((start.lineno, start.col_offset), (end.lineno, end.col_offset)))
        elif isinstance(node, ast.arg | ast.AnnAssign):
            nodes.append(node.annotation)
        elif isinstance(node, ast.keyword) and node.arg == "strict":
            nodes.append(node.value)
    for found in filter(None, nodes):
        end_line, end_column = found.end_lineno or found.lineno, found.end_col_offset or 0
        spans.append(((found.lineno, found.col_offset), (end_line, end_column)))
    return spans


def _described(file: str, tree: ast.AST, source: str, changed: str, line: int) -> Mutant:
    before, after = source.splitlines(), changed.splitlines()
    (place,) = [at for at, pair in enumerate(zip(before, after, strict=True)) if len(set(pair)) > 1]
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and node.lineno <= line <= (node.end_lineno or line)
    ]
    function = max(around, key=lambda node: node.lineno).name if around else ""
    was, becomes = (" ".join(lines[place].split()) for lines in (before, after))
    return Mutant(file, function, place + 1, was, becomes, changed)
