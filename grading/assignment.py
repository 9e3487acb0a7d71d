"""Assignments as data: read and validated before anything is graded."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from typing import Any, Literal

import jsonschema
import yaml

from grading.check import Check

FOLDER = Path(__file__).parent / "assignments"

Visibility = Literal["visible", "after the deadline", "hidden"]

_CHECK_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "title", "points", "visibility", "seconds", "memory_mb", "text"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "title": {"type": "string", "minLength": 1},
        "points": {"type": "number", "exclusiveMinimum": 0},
        "visibility": {"enum": ["visible", "after the deadline", "hidden"]},
        "seconds": {"type": "integer", "minimum": 1, "maximum": 600},
        "memory_mb": {"type": "integer", "minimum": 256, "maximum": 16384},
        "text": {"type": "string", "minLength": 1},
    },
}
_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "title", "version", "seed", "files", "checks"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "title": {"type": "string", "minLength": 1},
        "version": {"type": "integer", "minimum": 1},
        "seed": {"type": "integer", "minimum": 0},
        "files": {
            "type": "array",
            "items": {"type": "string", "pattern": r"^[A-Za-z0-9_]+\.py$"},
        },
        "checks": {"type": "array", "minItems": 1, "items": _CHECK_SCHEMA},
    },
}


class BadAssignment(ValueError):
    """An assignment's file is wrong; says which key, what was found and what was expected."""


@dataclasses.dataclass(frozen=True)
class GradedCheck:
    """One check of an assignment: the question, what it is worth, and who sees it when."""

    id: str
    title: str
    points: float
    visibility: Visibility
    seconds: int  # wall time of the whole check
    memory_mb: int  # address space in MiB, interpreter and NumPy included
    text: str  # what the student is asked, in the student's words
    check: Check


@dataclasses.dataclass(frozen=True)
class Assignment:
    """An assignment: its checks in order, its seed, and the files besides submission.py."""

    id: str
    title: str
    version: int
    seed: int
    files: tuple[str, ...]
    checks: tuple[GradedCheck, ...]

    def visible(self) -> Assignment:
        """The same assignment with only the checks that a student may see now."""
        shown = tuple(check for check in self.checks if check.visibility == "visible")
        return dataclasses.replace(self, checks=shown)


def names() -> tuple[str, ...]:
    """The assignments that ship with the project."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def load(name: str) -> Assignment:
    """Load the assignment called `name`.

    Raises:
        BadAssignment: there is none of that name, or its file breaks the schema.
    """
    path = FOLDER / f"{name}.yaml"
    if name not in names():
        raise BadAssignment(f"there is no assignment {name!r}; there are: {', '.join(names())}")
    return parse(path.read_text(encoding="utf-8"), str(path))


def parse(text: str, place: str) -> Assignment:
    """Validate the YAML of an assignment; `place` names it in errors.

    Raises:
        BadAssignment: it is not YAML, breaks the schema, or names a check that does not exist.
    """
    try:
        found = yaml.safe_load(text)
        jsonschema.validate(found, _SCHEMA)
    except yaml.YAMLError as error:
        raise BadAssignment(f"{place}: not YAML: {error}") from error
    except jsonschema.ValidationError as error:
        raise BadAssignment(f"{place}: {error.json_path}: {error.message}") from error
    ids = [row["id"] for row in found["checks"]]
    if len(set(ids)) < len(ids):
        raise BadAssignment(f"{place}: $.checks: an id is used twice among {', '.join(ids)}")
    checks = tuple(_graded(row, place) for row in found["checks"])
    return Assignment(**{**found, "files": tuple(found["files"]), "checks": checks})


def _graded(row: dict[str, Any], place: str) -> GradedCheck:
    name = f"grading.checks.{row['id']}"
    try:
        check = importlib.import_module(name).CHECK
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        expected = f"grading/checks/{row['id']}.py"
        raise BadAssignment(f"{place}: $.checks: {row['id']!r} needs a file {expected}") from error
    return GradedCheck(**row, check=check)
