"""Every direct dependency has a reason and a use, and nothing is used that is not one."""

from __future__ import annotations

import sys

import pytest

from workflow import dependencies_page
from workflow.dependencies_page import ROOT, Dependency, Named, Package

TESTING = ("tests", "examples", "benchmarks")
BROUGHT = {
    "llvmlite": "numba",
    "markupsafe": "jinja2",
    "urllib3": "requests",
}
"""Modules of packages that pyproject.toml does not name, by what is written on top of them."""
OTHERS = {
    "cosmic_ray": "mistakes to plant, which `make mutation` installs apart",
    "protocol": "grading/protocol.py, as the worker calls it in the jail",
    "vowpalwabbit": "a rival, which `make bench` installs apart",
}


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    return dependencies_page.imports()


def test_every_direct_dependency_has_a_reason_and_nothing_else_has():
    direct = {n for group in dependencies_page.GROUPS for n in dependencies_page.direct(group)}
    assert set(dependencies_page.read_reasons()) == direct, (
        f"say in {dependencies_page.REASONS} why a package is there, and of none that is not"
    )


@pytest.mark.slow
def test_everything_that_the_project_runs_on_is_used_by_more_than_tests(imported):
    reasons = dependencies_page.read_reasons()
    unused = [
        name
        for name in dependencies_page.direct("project")
        if set(dependencies_page.users(reasons[name], imported)) <= set(TESTING)
    ]
    assert unused == []


@pytest.mark.parametrize("group", ["dev", "docs"])
def test_everything_else_is_used(group, imported):
    reasons = dependencies_page.read_reasons()
    names = dependencies_page.direct(group)
    assert [n for n in names if not dependencies_page.users(reasons[n], imported)] == []


def test_everything_that_the_rooms_import_is_a_direct_dependency(imported):
    """Not what another package happens to bring."""
    ours = {*dependencies_page.ROOMS, *(path.stem for path in (ROOT / "workflow").glob("*.py"))}
    reasons = dependencies_page.read_reasons().values()
    known = {one.module.split(".")[0] for one in reasons} | {*ours, *BROUGHT, *OTHERS}
    rooms = [room for room in dependencies_page.ROOMS if room not in ("tests", "examples")]
    modules = {name for room in rooms for name in imported[room] if "." not in name}
    assert modules - known - set(sys.stdlib_module_names) == set()


def test_what_nothing_imports_and_no_file_names_is_seen(imported):
    for unused in (
        Dependency("leftpad", "", "leftpad"),
        Dependency("leftpad", "", "leftpad", Named("Makefile", "leftpad")),
    ):
        assert dependencies_page.users(unused, imported) == []


def test_a_package_is_as_large_as_those_of_its_files_that_are_there(tmp_path):
    (tmp_path / "left.py").write_bytes(b"12345")
    (tmp_path / "pad-1.dist-info").mkdir()
    listed = {
        "METADATA": "Name: Left.Pad\nVersion: 1\nRequires-Dist: left-pad>0\nRequires-Dist: absent\n"
        "Requires-Dist: left-pad; extra == 'more'\n",
        "RECORD": "left.py,,\nremoved.pyc,,\n",
    }
    for name, text in listed.items():
        (tmp_path / "pad-1.dist-info" / name).write_text(text, encoding="utf-8")
    found = dependencies_page.installed([str(tmp_path)])
    assert found == {"left-pad": Package("1", 5, frozenset({"left-pad"}))}


def test_what_is_required_is_followed_to_its_end_and_counted_once():
    needs = {"a": "bc", "b": "d", "c": "d", "d": "a", "e": "a"}
    packages = {name: Package("1", 1, frozenset(given)) for name, given in needs.items()}
    assert dependencies_page.with_all_required("a", packages) == set("abcd")
