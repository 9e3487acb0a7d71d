"""The language of the steps: a small part of Python's expression syntax, parsed and never run.

numbers     2, 0.5 (taken as the decimal it is), the names that the proof introduces
arithmetic  a + b, a - b, a * b (a scalar factor), a / b (scalar divisor), a ** 2 (scalar, literal
            exponent from -8 to 8), A @ B (matrix product), A.T (transpose), A.H (and conjugate)
entries     x[j], M[j, k], counted from 0 to n - 1
functions   abs sqrt norm conj re im trace det inv diag eye ones max min
over k      sum(term for k in range(n) if k != j), also max, min, all and any
relations   = <= >= < > !=, chained as in a <= b <= c, joined by and, or, not
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

MOST_CHARACTERS = 400
MOST_NODES = 200
MOST_DEPTH = 40
LARGEST_INTEGER = 10**6
LARGEST_EXPONENT = 8
MOST_RANGES = 3
LONGEST_NAME = 20

FUNCTIONS: dict[str, int] = {
    "abs": 1,
    "sqrt": 1,
    "norm": 1,
    "conj": 1,
    "re": 1,
    "im": 1,
    "trace": 1,
    "det": 1,
    "inv": 1,
    "diag": 1,
    "eye": 1,
    "ones": 1,
}
OVER_A_RANGE = ("sum", "max", "min", "all", "any")
ATTRIBUTES = ("T", "H")
RESERVED = frozenset({*FUNCTIONS, *OVER_A_RANGE, "range"})

_NODES = (
    ast.Expression,
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.Store,
    ast.BinOp,
    ast.UnaryOp,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.Pow,
    ast.MatMult,
    ast.USub,
    ast.Not,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.Compare,
    ast.Eq,
    ast.NotEq,
    ast.Lt,
    ast.LtE,
    ast.Gt,
    ast.GtE,
    ast.Attribute,
    ast.Subscript,
    ast.Tuple,
    ast.Call,
    ast.GeneratorExp,
    ast.comprehension,
)


class ProofError(ValueError):
    """A proof file that cannot be checked: where, and why."""

    def __init__(self, line: int, reason: str, path: Path | None = None) -> None:
        self.line, self.reason, self.path = line, reason, path
        super().__init__(f"{path or 'proof'}, line {line}: {reason}")


@dataclass(frozen=True)
class Expression:
    """A parsed expression with its own text and the line of the file it stands on."""

    text: str
    line: int
    tree: ast.expr


def check_name(name: str, line: int) -> None:
    """Refuse what cannot name anything in a proof.

    Python reads letters that look alike, such as a wide x, as the plain ones: a name has to be
    written as it is read.
    """
    if (
        not name.isidentifier()
        or unicodedata.normalize("NFKC", name) != name
        or name in RESERVED
        or name.startswith("_")
        or len(name) > LONGEST_NAME
    ):
        raise ProofError(line, f"{name[: 2 * LONGEST_NAME]!r} cannot be a name here")


def parse(text: str, line: int, names: frozenset[str]) -> Expression:
    """Parse one expression; `names` are those the proof has introduced so far.

    ProofError where it is none of the language, or too large.
    """
    if len(text) > MOST_CHARACTERS:
        raise ProofError(line, f"{len(text)} characters; at most {MOST_CHARACTERS} are read")
    if "#" in text:
        raise ProofError(line, "a # would hide the rest of an expression")
    text = " ".join(text.split())
    # A single = is a relation here; Python's parser wants two.
    doubled = re.sub(r"(?<![<>=!])=(?!=)", "==", text)
    try:
        tree = ast.parse(doubled, mode="eval").body
    except SyntaxError as error:
        raise ProofError(line, f"{text!r} is not an expression: {error.msg}") from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise ProofError(line, f"an expression that cannot be read: {error}") from error
    _check_size(tree, line)
    _check_nodes(tree, doubled, line, names)
    return Expression(text, line, tree)


def is_relation(tree: ast.expr) -> bool:
    """Whether an expression is a statement (true or false) rather than a value."""
    if isinstance(tree, ast.Compare | ast.BoolOp):
        return True
    if isinstance(tree, ast.UnaryOp):
        return isinstance(tree.op, ast.Not)
    return (
        isinstance(tree, ast.Call)
        and isinstance(tree.func, ast.Name)
        and tree.func.id in ("all", "any")
    )


def _check_size(tree: ast.expr, line: int) -> None:
    level: list[ast.AST] = [tree]
    nodes, depth = 0, 0
    ranges = sum(isinstance(node, ast.GeneratorExp) for node in ast.walk(tree))
    if ranges > MOST_RANGES:
        raise ProofError(line, f"{ranges} ranges in one expression; at most {MOST_RANGES}")
    while level:
        depth += 1
        nodes += len(level)
        if depth > MOST_DEPTH or nodes > MOST_NODES:
            raise ProofError(
                line, f"an expression nested deeper than {MOST_DEPTH} or of over {MOST_NODES} parts"
            )
        level = [child for node in level for child in ast.iter_child_nodes(node)]


def _check_nodes(tree: ast.expr, text: str, line: int, names: frozenset[str]) -> None:
    bound = frozenset(_bound_names(tree, line, names))
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            raise ProofError(line, f"{type(node).__name__} is not part of the language of steps")
        match node:
            case ast.Constant():
                _check_constant(node, line)
                _check_digits(node, ast.get_source_segment(text, node) or "", line)
            case ast.Name() if node.id not in names | bound | RESERVED:
                known = ", ".join(sorted(names)) or "none"
                raise ProofError(line, f"unknown name {node.id!r}; known are: {known}")
            case ast.Attribute() if node.attr not in ATTRIBUTES:
                raise ProofError(line, f"unknown attribute .{node.attr}; there are .T and .H")
            case ast.Call():
                _check_call(node, line)
            case ast.BinOp(op=ast.Pow()):
                _check_exponent(node.right, line)
            case _:
                pass


def _bound_names(tree: ast.expr, line: int, names: frozenset[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.comprehension):
            continue
        if not isinstance(node.target, ast.Name) or node.is_async:
            raise ProofError(line, "a range runs over one name: `for k in range(n)`")
        if node.target.id in names | RESERVED:
            raise ProofError(line, f"{node.target.id!r} is taken; run over another name")
        iterated = node.iter
        if not (
            isinstance(iterated, ast.Call)
            and isinstance(iterated.func, ast.Name)
            and iterated.func.id == "range"
            and len(iterated.args) == 1
        ):
            raise ProofError(line, "`for` runs over range(...) of one number only")
        yield node.target.id


def _check_constant(node: ast.Constant, line: int) -> None:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise ProofError(line, f"{node.value!r} is not a number of the language")
    if abs(node.value) > LARGEST_INTEGER:
        raise ProofError(line, f"numbers go up to {LARGEST_INTEGER}")


def _check_digits(node: ast.Constant, written: str, line: int) -> None:
    """Refuse a decimal that Python reads as another one, such as 1e-400 as 0."""
    if not isinstance(node.value, float):
        return
    try:
        read = Decimal(written) == Decimal(repr(node.value))
    except InvalidOperation:  # an exponent of more digits than Decimal takes
        read = False
    if not read:
        raise ProofError(
            line, f"{written[:40]!r} has more digits than are read: at most 15, down to 1e-300"
        )


def _check_exponent(node: ast.expr, line: int) -> None:
    literal = node.operand if isinstance(node, ast.UnaryOp) else node
    if (
        not isinstance(literal, ast.Constant)
        or not isinstance(literal.value, int)
        or literal.value > LARGEST_EXPONENT
    ):
        raise ProofError(line, f"an exponent is a whole number up to {LARGEST_EXPONENT}")


def _check_call(node: ast.Call, line: int) -> None:
    if not isinstance(node.func, ast.Name) or node.func.id not in RESERVED:
        raise ProofError(line, f"no such function; there are {', '.join(sorted(RESERVED))}")
    name, arguments = node.func.id, node.args
    if node.keywords:
        raise ProofError(line, f"{name} takes no named arguments")
    ranges = [each for each in arguments if isinstance(each, ast.GeneratorExp)]
    over_range = len(arguments) == len(ranges) == 1
    if any(len(each.generators) > 1 for each in ranges):
        raise ProofError(line, f"one range at a time: write a {name} within a {name}")
    if name in ("sum", "all", "any") and not over_range:
        raise ProofError(line, f"{name} needs a range: {name}(... for k in range(n))")
    if name in FUNCTIONS and (over_range or len(arguments) != FUNCTIONS[name]):
        raise ProofError(line, f"{name} takes {FUNCTIONS[name]} argument")
    if name in ("max", "min") and not arguments:
        raise ProofError(line, f"{name} needs at least one argument")
