"""What `make mutation` and `make coverage` say about the tests, and that its explanations hold."""

from __future__ import annotations

import ast
import types

import pytest

from workflow import mutation_page
from workflow.coverage_table import by_room, table
from workflow.mutation import LEFT_OUT, take_over, targets
from workflow.mutation_page import PAGE, ROOT, Planted, explained, faults, reasons_table, with_part


def record(becomes: str, outcome: str) -> dict[str, str]:
    return {"file": "a.py", "function": "f", "was": "x", "becomes": becomes, "outcome": outcome}


def test_every_explanation_is_of_a_line_that_is_still_there():
    for one in explained():
        source = (ROOT / one.file).read_text(encoding="utf-8")
        assert one.was in {" ".join(line.split()) for line in source.splitlines()}, one
        defined = {
            node.name
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        assert one.function in {"", *defined}, one


def test_every_explanation_is_of_a_file_that_is_measured_and_says_why():
    assert {one.file for one in explained()} <= {target.file for target in targets()}
    assert all(len(why.split()) > 3 for why in explained().values())


def test_the_page_has_the_explanations():
    assert reasons_table(explained()) in PAGE.read_text(encoding="utf-8")


def test_every_file_of_tests_that_is_asked_is_there():
    files = {file for target in targets() for file in target.tests}
    assert [file for file in files if not (ROOT / file).is_file()] == []
    texts = [(ROOT / file).read_text(encoding="utf-8") for file in files]
    assert [name for name in LEFT_OUT if not any(name in text for text in texts)] == []


def test_what_is_not_noticed_and_what_is_explained_for_nothing_are_faults():
    records = [record("1", "killed"), record("2", "survived"), record("3", "survived")]
    reasons = {Planted("a.py", "f", "x", becomes): "so" for becomes in "13"}
    elsewhere = {Planted("b.py", "f", "x", "1"): "not measured now"}
    assert faults(records, {**reasons, **elsewhere}) == [
        "not noticed: a.py, f: x  =>  2",
        "explained, but noticed or gone: a.py, f: x  =>  1",
    ]


def test_the_counts_add_up():
    records = [record("1", "killed"), record("2", "survived"), record("3", "timeout")]
    records.append({**record("1", "killed"), "file": "b.py"})
    *_, first, second, last = mutation_page.counts_table(records).splitlines()
    assert first == "| `a.py` | 3 | 1 | 1 | 1 |"
    assert second == "| `b.py` | 1 | 1 | 0 | 0 |"
    assert last == "| all | 4 | 2 | 1 | 1 |"


def test_a_part_of_the_page_is_replaced_between_its_marks():
    page = "a\n<!-- n -->\nold\n<!-- end of n -->\nb"
    assert with_part(page, "n", r"new \1") == "a\n<!-- n -->\n\nnew \\1\n\n<!-- end of n -->\nb"
    with pytest.raises(ValueError, match="no part between"):
        with_part(page, "m", "new")


def test_planted_code_is_what_those_who_hold_the_function_call():
    right, wrong = types.ModuleType("m"), types.ModuleType("m")
    source = """
LIMIT = 1
def inner(x): return x + LIMIT
def outer(x, y=2): return inner(x) * y
class C:
    def method(self): return inner(1)
"""
    exec(source, vars(right))
    held, made = right.outer, right.C()
    assert (held(1), made.method()) == (4, 2)
    changed = source.replace("LIMIT = 1", "LIMIT = 2").replace("y=2", "y=3")
    exec(changed.replace("return inner(1)", "return -inner(1)"), vars(wrong))
    take_over(vars(right), vars(wrong))
    assert (held(1), made.method()) == (9, -3)


def test_coverage_is_summed_by_room():
    def file(statements: int, missing: int, branches: int, untaken: int) -> dict:
        counts = (statements, missing, branches, untaken)
        names = ("num_statements", "missing_lines", "num_branches", "missing_branches")
        return {"summary": dict(zip(names, counts, strict=True))}

    files = {"b/c.py": file(5, 0, 0, 0), "a/b.py": file(8, 2, 4, 1), "a/c.py": file(2, 0, 0, 0)}
    head, *rows = (line.split() for line in table(by_room(files)).splitlines())
    assert head == ["room", "statements", "run", "branches", "taken"]
    assert rows == [
        ["a", "10", "80.0", "%", "4", "75.0", "%"],
        ["b", "5", "100.0", "%", "0", "-"],
        ["all", "15", "86.7", "%", "4", "75.0", "%"],
    ]
