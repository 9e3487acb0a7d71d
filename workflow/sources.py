"""Which source files a job depends on, so that editing one reruns just the jobs that use it.

Snakemake reruns a job when a rule changes but not when a module that it imports does; so rules
list these files among their inputs.
"""

from __future__ import annotations

import ast
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOMS = ("language", "data", "optim", "experiments", "proofs", "claims", "grading", "reports")


def sources(root: Path, *modules: str) -> list[str]:
    """Files of `modules` and of all that they import from the project, relative to `root`.

    A package whose files are found by listing it (rules, exercises, measures) is named by its
    caller, as "claims.measures.*". Raises FileNotFoundError for a module that does not exist.
    """
    found: set[Path] = set()
    waiting = [path for module in modules for path in _files(root, module)]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(root, path)
    return sorted(str(path.relative_to(root)) for path in found)


def _files(root: Path, module: str) -> list[Path]:
    if module.endswith(".*"):
        return sorted(root.joinpath(*module[:-2].split(".")).glob("*.py"))
    base = root.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            packages = [p / "__init__.py" for p in path.parents if p != root and root in p.parents]
            return [path, *packages]
    raise FileNotFoundError(f"there is no module {module!r} under {root}")


@cache
def _imported(root: Path, path: Path) -> frozenset[Path]:
    """Project files that the file at `path` imports, whether at its top or inside a function."""
    names: set[str] = set()
    for node in _statements(ast.parse(path.read_text(encoding="utf-8"), str(path)).body):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset().union(*(_files_on_the_way(root, name) for name in names))


def _statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All statements in a body and within each other, without their expressions.

    `ast.walk` visits those, too, and took a fifth of Snakemake's start.
    """
    for node in body:
        yield node
        for inner in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _statements(getattr(node, inner, ()))


@cache
def _files_on_the_way(root: Path, name: str) -> frozenset[Path]:
    """Files of the packages and of the module, if it is one, that a dotted name leads through."""
    if name.partition(".")[0] not in ROOMS:
        return frozenset()
    package = name.rpartition(".")[0]
    before = _files_on_the_way(root, package) if package else frozenset()
    base = root.joinpath(*name.split("."))
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return before | {candidate for candidate in candidates if candidate.is_file()}


def version(root: Path, files: Iterable[str]) -> str:
    """The version of what a result was made by: 16 hex digits of its sources' names and contents.

    `files` are relative to `root`, or absolute where they are a user's own. Not the commit, which
    changes with every other file, too.
    """
    digest = hashlib.sha256()
    for file in sorted(set(files)):
        digest.update(f"{file} {_digest(root / file)}\n".encode())
    return digest.hexdigest()[:16]


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def prepare_environment(root: Path) -> None:
    """Let jobs import the project, by the Python that runs Snakemake, activated or not."""
    os.environ["PYTHONPATH"] = str(root)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    os.environ.setdefault("PYTHONUNBUFFERED", "1")


MOST_FILES = 20_000
"""Files of a submission that its state looks at; the grader refuses one with so many anyway."""


def state_of(path: Path) -> str:
    """A digest of a file's or folder's names, sizes and times, so that a new one is noticed.

    Not of the contents, and no link is followed: what students hand in is not to be trusted.
    """
    lines = [path]
    if path.is_dir() and not path.is_symlink():
        for folder, folders, files in os.walk(path):
            folders.sort()
            lines += [Path(folder) / name for name in sorted(files)]
            if len(lines) > MOST_FILES:
                break
    digest = hashlib.sha256()
    for line in lines:
        found = line.lstat()
        digest.update(os.fsencode(f"{line} {found.st_size} {found.st_mtime_ns}\n"))
    return digest.hexdigest()[:16]


def state_of_data(settings: dict) -> dict[str, str]:
    """What decides where data comes from beside the configuration: mirrors named, own files."""
    own = {
        name: state_of(Path(path)) if Path(path).exists() else "missing"
        for name, path in (settings.get("paths") or {}).items()
    }
    return {"REGRAD_DATA_MIRROR": os.environ.get("REGRAD_DATA_MIRROR", ""), **own}
