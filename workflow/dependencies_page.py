"""The documentation's page on the dependencies: why each is there, what uses it, how large it is.

`python -m workflow.dependencies_page` prints it. The reasons stand in workflow/dependencies.yaml;
where a package is used is read off the imports; sizes are those of the files that the packages list
as their own, in the environment that runs this and in the documentation's. `make docs` puts the
page into the site; it is kept nowhere else.
"""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
REASONS = "workflow/dependencies.yaml"
ROOMS = (
    *("data", "optim", "experiments", "proofs", "claims", "grading", "reports", "language"),
    *("workflow", "benchmarks", "tests", "examples"),
)
GROUPS = {
    "project": "What the project runs on",
    "dev": "What tests and checks it",
    "docs": "What builds the documentation",
}
ABOUT = """\
Each package that `pyproject.toml` names, for the reason in `{reasons}`. Megabytes are of installed
files, in the environment that built this page, with torch {torch}. What several packages require is
counted in the last column of each, and once in the last row."""
DOCUMENTATION = "build/docs-env/lib/python3*/site-packages"


@dataclass(frozen=True)
class Named:
    """Where a package is asked for that nothing imports: a file, and its words there."""

    file: str
    words: str


@dataclass(frozen=True)
class Dependency:
    """A direct dependency: its reason, and what is imported of it, or where it is named."""

    name: str
    why: str
    module: str
    named: Named | None = None


def direct(group: str) -> list[str]:
    """Normalised names of a group's packages in pyproject.toml ("project": the project's own)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if group == "project":
        return [normalised(given) for given in project["project"]["dependencies"]]
    return [normalised(given) for given in project["dependency-groups"][group]]


def normalised(requirement: str) -> str:
    """The name that a requirement such as "pandas<3" asks for, as package indices compare it."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None, requirement
    return re.sub(r"[-_.]+", "-", match.group()).lower()


def read_reasons() -> dict[str, Dependency]:
    """What workflow/dependencies.yaml says, by package."""
    given = yaml.safe_load((ROOT / REASONS).read_text(encoding="utf-8"))
    return {
        name: Dependency(
            name,
            told["why"],
            told.get("module", name.replace("-", "_")),
            Named(**told["named"]) if "named" in told else None,
        )
        for name, told in given.items()
    }


def imports() -> dict[str, set[str]]:
    """By room: every module that one of its files imports, with all that it is part of."""
    return {room: set(_imported(sorted((ROOT / room).rglob("*.py")))) for room in ROOMS}


def _imported(files: Sequence[Path]) -> Iterator[str]:
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                given = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                given = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            else:
                continue
            for module in given:
                parts = module.split(".")
                yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def users(dependency: Dependency, imported: Mapping[str, set[str]]) -> list[str]:
    """The rooms that import a package, or the file that names it; empty where nothing does."""
    if dependency.named is None:
        return [room for room in ROOMS if dependency.module in imported[room]]
    text = (ROOT / dependency.named.file).read_text(encoding="utf-8")
    return [f"`{dependency.named.file}`"] if dependency.named.words in text else []


@dataclass(frozen=True)
class Package:
    """An installed package: version, bytes of its own files, what it requires that is installed."""

    version: str
    size: int
    requires: frozenset[str]


def installed(folders: Sequence[str]) -> dict[str, Package]:
    """Every package that is installed in `folders`, by normalised name.

    What it requires is without extras, and without what other systems need.
    """
    found = {normalised(d.name): d for d in importlib.metadata.distributions(path=list(folders))}
    return {
        name: Package(
            distribution.version,
            sum(_size(Path(str(path.locate()))) for path in distribution.files or ()),
            frozenset(
                normalised(given)
                for given in distribution.requires or ()
                if "extra ==" not in given and normalised(given) in found
            ),
        )
        for name, distribution in found.items()
    }


def _size(path: Path) -> int:
    """Bytes of a file; 0 where it was listed and is not there, as compiled files may be."""
    return path.stat().st_size if path.is_file() else 0


def with_all_required(name: str, packages: Mapping[str, Package]) -> set[str]:
    """A package and all that it requires, and that these require in turn."""
    found, asked = set(), [name]
    while asked:
        if (one := asked.pop()) not in found:
            found.add(one)
            asked += packages[one].requires
    return found


def table(
    group: str, packages: Mapping[str, Package], imported: Mapping[str, set[str]]
) -> list[str]:
    """A group's table; without sizes for what is not installed."""
    reasons = read_reasons()
    lines = ["| package | why | used by | MB | with all it requires, MB |"]
    lines += ["| --- | --- | --- | ---: | ---: |"]
    for name in sorted(direct(group)):
        sizes = ["", ""]
        if name in packages:
            every = with_all_required(name, packages)
            sizes = [_mb([packages[name]]), _mb([packages[each] for each in every])]
        given = [name, reasons[name].why, ", ".join(users(reasons[name], imported)), *sizes]
        lines.append(f"| {' | '.join(given)} |")
    asked = [name for name in direct(group) if name in packages]
    if everything := {each for name in asked for each in with_all_required(name, packages)}:
        total = _mb([packages[name] for name in everything])
        lines.append(f"| all {len(everything)} packages | | | {total} | |")
    return lines


def _mb(packages: Sequence[Package]) -> str:
    return f"{sum(package.size for package in packages) / 1e6:,.1f}"


def page() -> str:
    """The page, as Markdown."""
    ours = installed(sys.path)
    apart = installed([str(folder) for folder in ROOT.glob(DOCUMENTATION)])
    imported = imports()
    lines = ["# Dependencies", "", ABOUT.format(reasons=REASONS, torch=ours["torch"].version)]
    for group, heading in GROUPS.items():
        packages = apart if group == "docs" else ours
        lines += ["", f"## {heading}", "", *table(group, packages, imported)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
