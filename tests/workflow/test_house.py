"""The house: small files, small functions, telling names, and imports along the arrows only.

The table of the rooms is read from CONTRIBUTING.md, so that what it says is what holds.
"""

import ast
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
VAGUE = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}

LONGER = {
    "benchmarks/linear_engine.py: targets": "one list, in the order in which it is shown",
    "optim/kernels/cuda.py: train_singly": (
        "one loop whose passes over a row share a thread's registers and the team's memory"
    ),
    "optim/kernels/linear.py: train_batches": "seventeen parameters, and a contract for each array",
    "optim/kernels/linear.py: train_singly": "one loop whose passes over a row share everything",
    "optim/linear.py: train": "the engine's contract, in its docstring, is half of it",
}
"""Functions that may be longer, with the reason, which is in the docstring of each, too."""


def rooms() -> dict[str, set[str]]:
    """Each room of CONTRIBUTING.md's table, and the rooms that it may import."""
    table = re.findall(
        r"^\| (`.+?`) \|.*\| (.*?) *\|$",
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return {
        room: set(re.findall(r"`(\w+)`", imports))
        for names, imports in table
        for room in re.findall(r"`(\w+)`", names)
    }


ROOMS = rooms()
FOLDERS = (*(room for room in ROOMS if any((ROOT / room).rglob("*.py"))), "tests", "examples")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


@dataclass(frozen=True)
class Facts:
    """What is asked of a file: its lines, those of each function, and the modules it imports."""

    lines: int
    functions: dict[str, int]
    imports: set[str]
    relative: bool


def statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every statement within a body, without going through expressions, which takes longer."""
    for node in body:
        yield node
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, field, [])
            if isinstance(inner, list):
                yield from statements(inner)


@cache
def facts(path: Path) -> Facts:
    text = path.read_text(encoding="utf-8")
    functions: dict[str, int] = {}
    imports, relative = set(), False
    for node in statements(ast.parse(text).body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                functions[node.name] = max(lines, functions.get(node.name, 0))
            case ast.Import():
                imports |= {alias.name for alias in node.names}
            case ast.ImportFrom():
                relative = relative or node.level > 0
                imports |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return Facts(len(text.splitlines()), functions, imports, relative)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def long_functions() -> dict[str, int]:
    return {
        f"{name(path)}: {function}": lines
        for path in FILES
        for function, lines in facts(path).functions.items()
        if lines > MOST_LINES_OF_A_FUNCTION
    }


def taken_from_other_rooms(room: str) -> set[tuple[str, str]]:
    """Files of a room, each with a module (or what it takes of one) of another room."""
    return {
        (name(path), module)
        for path in FILES
        if path.is_relative_to(ROOT / room)
        for module in facts(path).imports
        if module.split(".")[0] in ROOMS.keys() - {room}
    }


def test_the_table_of_the_rooms_is_read():
    assert {"optim", "proofs", "grading", "experiments"} <= set(FOLDERS)
    assert ROOMS["proofs"] == {"optim", "language"}
    assert ROOMS["data"] == set()


def test_no_file_is_longer_than_one_reads_at_once():
    lines = {name(path): facts(path).lines for path in FILES}
    assert {file: n for file, n in lines.items() if n > MOST_LINES_OF_A_FILE} == {}


def test_no_function_is_long_but_those_with_a_reason():
    assert {k: v for k, v in long_functions().items() if k not in LONGER} == {}


def test_every_exception_is_still_needed():
    assert LONGER.keys() <= long_functions().keys()


def test_no_module_has_a_name_that_says_nothing():
    parts = {part for path in FILES for part in Path(name(path)).with_suffix("").parts}
    assert parts & VAGUE == set()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_no_other_than_those_the_table_names(room):
    found = taken_from_other_rooms(room)
    assert {(file, m) for file, m in found if m.split(".")[0] not in ROOMS[room]} == set()


def test_a_room_named_in_the_table_is_imported():
    """Or the table grows rights that nobody needs."""
    for room, allowed in ROOMS.items():
        used = {module.split(".")[0] for _, module in taken_from_other_rooms(room)}
        assert allowed <= used or not (ROOT / room / "__init__.py").exists(), room


def test_claims_take_of_the_proofs_the_verdict_and_its_translation_only():
    taken = {module for _, module in taken_from_other_rooms("claims")}
    proofs = {".".join(m.split(".")[:2]) for m in taken if m.startswith("proofs")}
    assert proofs == {"proofs.verdict", "proofs.translation"}


def test_no_import_is_relative_which_would_hide_the_room():
    assert [name(path) for path in FILES if facts(path).relative] == []


def test_what_the_types_ignore_has_a_reason_beside_it_or_in_a_comment_above():
    bare = []
    for path in FILES:
        if name(path).startswith(("tests/", "examples/")):  # which mypy does not read
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for before, line in itertools.pairwise(lines):
            _, found, rest = line.partition("  # type: ignore")
            if found and "  # " not in rest and "type" not in before.partition("# ")[2]:
                bare.append(f"{name(path)}: {line.strip()}")
    assert bare == []
