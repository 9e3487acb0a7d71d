"""The documentation's pages on the rooms: their commands, and the names that they lend to others.

`python -m workflow.interface_pages FOLDER` writes a page a room there. Which names those are is
read off the imports: what another room or the workflow takes, and what an added rule, dataset,
experiment, exercise, measure or check takes of its own room. Their docstrings are put in by
mkdocstrings, as `make docs` builds the site; the pages are kept nowhere else.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("data", "optim", "experiments", "proofs", "claims", "grading", "reports", "language")
IMPORTERS = (*ROOMS, "workflow", "benchmarks")
ADDED = (
    *("optim/rules", "experiments/runs", "experiments/analyses", "proofs/exercises"),
    *("claims/measures", "grading/checks", "grading/exports"),
)
"""Folders in which a file is found by its being there: it stands outside of its room."""

COMMANDS = {
    **{room: (room,) for room in ROOMS if room != "language"},
    "experiments": ("experiments", "experiments.comparison"),
    "proofs": ("proofs", "proofs.steps"),
}
"""By room: what is called by `python -m`."""

Lent = dict[str, set[str]]
"""By module: those of its names that files outside take."""


def lent() -> Lent:
    """Every name that some file outside takes of a room's module."""
    found: Lent = defaultdict(set)
    for folder in IMPORTERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for module, name in _taken(ast.parse(path.read_text(encoding="utf-8"))):
                if _is_outside(path, module):
                    found[module].add(name)
    return found


def _taken(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of everything that a file takes of our rooms, also by `module.name`."""
    modules = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or (node.module or "").split(".")[0] not in ROOMS:
            continue
        for alias in node.names:
            if _file_of(f"{node.module}.{alias.name}") is not None:
                modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            else:
                yield str(node.module), alias.name
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in modules:
                yield modules[module], name


def _file_of(module: str) -> Path | None:
    """The file of one of our modules; None where there is none."""
    path = ROOT / module.replace(".", "/")
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def _is_outside(path: Path, module: str) -> bool:
    """Whether the file at `path` stands outside of the module's room, or is one that is added."""
    file = _file_of(module)
    assert file is not None, module
    return _house(path) != _house(file)


def _house(path: Path) -> str:
    """The room of a file, or the folder of added files it is in; a dataset's file is its own."""
    name = path.relative_to(ROOT).as_posix()
    if path.parent == ROOT / "data" and "\nregister(" in path.read_text(encoding="utf-8"):
        return name
    return next((folder for folder in ADDED if name.startswith(f"{folder}/")), name.split("/")[0])


def page(room: str, names: Lent) -> str:
    """A room's page, as Markdown with the directives of mkdocstrings."""
    lines = [f"# {room}", "", _docstring(room), ""]
    for module in COMMANDS.get(room, ()):
        lines += [f"## python -m {module}", "", *_commands(module)]
    for module in sorted(names):
        if module.split(".")[0] == room:
            lines += [f"## {module}", "", _docstring(module), ""]
            lines += _entries(module, sorted(names[module]))
    return "\n".join(lines)


def _entries(module: str, names: list[str]) -> list[str]:
    """A directive for each name of ours, where it is defined; a line on all other libraries'."""
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in _tree(module).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    places = {name: imported.get(name, f"{module}.{name}") for name in names}
    ours = {name: place for name, place in places.items() if place.split(".")[0] in ROOMS}
    foreign = [f"`{name}` (`{place}`)" for name, place in places.items() if name not in ours]
    told = [f"Passed on from other libraries: {', '.join(foreign)}.", ""] if foreign else []
    return told + [line for place in ours.values() for line in (f"::: {place}", "")]


def _docstring(module: str) -> str:
    return ast.get_docstring(_tree(module)) or ""


def _tree(module: str) -> ast.Module:
    file = _file_of(module)
    assert file is not None, module
    return ast.parse(file.read_text(encoding="utf-8"))


def _commands(module: str) -> list[str]:
    """What `--help` says of a program and of each of its commands."""
    program = importlib.import_module(f"{module}.__main__").main
    told = [(f"python -m {module}", program)]
    if isinstance(program, click.Group):
        told += [(f"python -m {module} {n}", program.commands[n]) for n in sorted(program.commands)]
    return [line for name, command in told for line in ("```text", _help(command, name), "```", "")]


def _help(command: click.Command, name: str) -> str:
    return command.get_help(click.Context(command, info_name=name, max_content_width=100))


def main() -> None:
    """Write the pages into the folder that the command line names."""
    folder, names = Path(sys.argv[1]), lent()
    folder.mkdir(parents=True, exist_ok=True)
    for room in ROOMS:
        (folder / f"{room}.md").write_text(page(room, names), encoding="utf-8")


if __name__ == "__main__":
    main()
