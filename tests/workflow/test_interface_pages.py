"""The pages on the rooms: which names they list, and that each of them is told about."""

from __future__ import annotations

import ast
import re

import pytest

from workflow import interface_pages

pytestmark = pytest.mark.slow  # the names that all rooms lend are read once for all of these


@pytest.fixture(scope="module")
def lent() -> interface_pages.Lent:
    return interface_pages.lent()


def test_what_one_room_takes_of_another_is_listed(lent):
    assert "parse_proof" in lent["proofs.steps.reading"]
    assert "train" in lent["optim.linear"]


def test_what_is_taken_by_its_module_s_name_is_listed():
    found = interface_pages._taken(ast.parse("from optim import registry\nregistry.rule('sgd')"))
    assert list(found) == [("optim.registry", "rule")]


def test_what_an_added_file_takes_of_its_own_room_is_listed(lent):
    assert "measure" in lent["claims.measure"]
    assert "sqrt" in lent["optim.functions"]
    assert "Dataset" in lent["data.registry"]


def test_what_a_room_keeps_to_itself_is_not_listed(lent):
    assert "grading.bubblewrap" not in lent
    assert "data.sources.resolve" not in lent


def test_every_function_and_class_that_is_lent_has_a_docstring(lent):
    bare = []
    for module, names in lent.items():
        for node in interface_pages._tree(module).body:
            named = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names
            if named and not ast.get_docstring(node):
                bare.append(f"{module}.{node.name}")
    assert bare == []


def test_a_name_that_is_passed_on_is_told_where_it_is_defined(lent):
    page = interface_pages.page("optim", lent)
    assert "::: optim.schedules.table.schedule\n" in page
    assert "`sqrt` (`numpy.sqrt`)" in page
    assert "::: optim.functions.sqrt" not in page


@pytest.mark.parametrize("room", interface_pages.ROOMS)
def test_a_room_s_page_has_every_command_and_every_name(room, lent):
    page = interface_pages.page(room, lent)
    for program in interface_pages.COMMANDS.get(room, ()):
        assert f"Usage: python -m {program} " in page
    listed = re.findall(r"^::: (\S+)$|`[^`]+` \(`(\S+)`\)", page, re.MULTILINE)
    assert len(listed) == sum(len(names) for m, names in lent.items() if m.split(".")[0] == room)


def test_every_program_of_a_room_is_among_the_commands():
    root = interface_pages.ROOT
    programs = {
        ".".join(path.relative_to(root).parts[:-1])
        for room in interface_pages.ROOMS
        for path in (root / room).rglob("__main__.py")
    }
    assert {name for names in interface_pages.COMMANDS.values() for name in names} == programs
