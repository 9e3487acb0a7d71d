"""Assignments as data: read and validated before anything is graded."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml

from grading.check import Check, ReportedCheck, WrittenCheck
from grading.schema import first_wrong
from optim.rule import nearest

FOLDER = Path(__file__).parent / "assignments"
CHECKS = Path(__file__).parent / "checks"

Visibility = Literal["visible", "after the deadline", "hidden"]
VISIBILITIES = ("visible", "after the deadline", "hidden")

_POINTS = {"type": "number", "exclusiveMinimum": 0}
_CHECK_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "points", "visibility"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "check": {"type": "string", "minLength": 1},
        "title": {"type": "string", "minLength": 1},
        "points": _POINTS,
        "visibility": {"enum": list(VISIBILITIES)},
        "seconds": {"type": "integer", "minimum": 1, "maximum": 600},
        "memory_mb": {"type": "integer", "minimum": 256, "maximum": 16384},
        "text": {"type": "string", "minLength": 1},
        "needs": {"type": "array", "items": {"type": "string"}},
        "credit": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "cases": {
                    "type": "object",
                    "propertyNames": {"enum": ["simple", "drawn"]},
                    "additionalProperties": _POINTS,
                },
                "mistakes": {"type": "object", "additionalProperties": _POINTS},
            },
        },
    },
}
# What a twin has from the check that it asks again, and every other check has to say.
_OF_THE_FIRST = ("title", "text", "seconds", "memory_mb")
_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "title", "version", "seed", "files", "seconds", "checks"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "title": {"type": "string", "minLength": 1},
        "version": {"type": "integer", "minimum": 1},
        "seed": {"type": "integer", "minimum": 0},
        "files": {
            "type": "array",
            "items": {"type": "string", "pattern": r"^[A-Za-z0-9_]+\.py$"},
        },
        "seconds": {"type": "integer", "minimum": 1, "maximum": 3600},
        "late": {
            "type": "object",
            "additionalProperties": False,
            "required": ["grace_minutes", "percent_a_day", "refused_after_days"],
            "properties": {
                "grace_minutes": {"type": "integer", "minimum": 0},
                "percent_a_day": {"type": "number", "minimum": 0, "maximum": 100},
                "refused_after_days": {"type": "integer", "minimum": 0},
            },
        },
        "counts": {"enum": ["best", "last"]},
        "starter": {"type": "string", "minLength": 1},
        "checks": {"type": "array", "minItems": 1, "items": _CHECK_SCHEMA},
    },
}


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadAssignment(ValueError):
    """An assignment's file is wrong; says which key, what was found and what was expected."""


@dataclasses.dataclass(frozen=True)
class Credit:
    """Points where an answer is not all right: by group of cases, or by recognised mistake.

    A group counts where all of its cases are right, a mistake where it explains every answer; of
    both kinds the larger counts.
    """

    cases: dict[str, float] = dataclasses.field(default_factory=dict)
    mistakes: dict[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Late:
    """What being late costs: a part of the points for every day begun, and at last all of them."""

    grace_minutes: int
    percent_a_day: float
    refused_after_days: int


@dataclasses.dataclass(frozen=True)
class GradedCheck:
    """One check of an assignment: the question, what it is worth, and who sees it when.

    A twin asks what another check asks, on inputs of its own: a visible check's inputs are known,
    so that its points can be had by a table of answers, and those of a hidden twin cannot.
    """

    id: str
    title: str
    points: float
    visibility: Visibility
    seconds: int  # of the submission's own time (`grading.usage`), for all that the check runs
    memory_mb: int  # address space in MiB, interpreter and NumPy included
    text: str  # what the student is asked, in the student's words
    check: Check | WrittenCheck | ReportedCheck
    needs: tuple[str, ...] = ()  # checks that come before; where one fails, this is not run
    credit: Credit = Credit()
    twin_of: str = ""  # the id of the check whose question this is
    points_of_twins: float = 0.0  # of those of its twins that students do not see


@dataclasses.dataclass(frozen=True)
class Assignment:
    """An assignment: its checks in order, its seed, and the files besides submission.py."""

    id: str
    title: str
    version: int
    seed: int
    files: tuple[str, ...]
    seconds: int  # of the submission's own time, over all checks
    checks: tuple[GradedCheck, ...]
    late: Late | None = None
    counts: Literal["best", "last"] = "last"  # which of several submissions of a student
    starter: str = ""  # what all students were given, from the project's folder

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
        raise BadAssignment(f"there is no assignment {name!r}; {nearest(name, names())}")
    return parse(path.read_text(encoding="utf-8"), str(path))


def parse(text: str, place: str) -> Assignment:
    """Validate the YAML of an assignment; `place` names it in errors.

    Raises:
        BadAssignment: it is not YAML, breaks the schema, or names a check that does not exist; with
            the key, what was found, and the nearest right name.
    """
    try:
        found = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise BadAssignment(f"{place}: not YAML: {error}") from error
    wrong = first_wrong(found, _SCHEMA)
    if wrong:
        raise BadAssignment(f"{place}: {wrong}")
    checks: dict[str, GradedCheck] = {}
    for number, row in enumerate(found["checks"]):
        where = f"{place}: $.checks[{number}]"
        graded = _graded(row, checks, where)
        _check_place(graded, checks, where)
        checks[graded.id] = graded
    all_checks = tuple(_with_twins(graded, checks.values()) for graded in checks.values())
    _check_seconds(all_checks, found["seconds"], place)
    late = Late(**found["late"]) if "late" in found else None
    files = tuple(found["files"])
    return Assignment(**{**found, "files": files, "checks": all_checks, "late": late})


def _with_twins(graded: GradedCheck, checks: Iterable[GradedCheck]) -> GradedCheck:
    """The check, with the points of its twins that are not visible."""
    twins = [one for one in checks if one.twin_of == graded.id and one.visibility != "visible"]
    return dataclasses.replace(graded, points_of_twins=sum(one.points for one in twins))


def _check_place(graded: GradedCheck, before: Mapping[str, GradedCheck], where: str) -> None:
    """Raise BadAssignment for an id used twice, and for a need not met or that tells a secret."""
    if graded.id in before:
        raise BadAssignment(f"{where}.id: {graded.id!r} is used twice")
    for name in graded.needs:
        if name not in before:
            raise BadAssignment(
                f"{where}.needs: {name!r} is no check before this one; {nearest(name, before)}"
            )
        if VISIBILITIES.index(before[name].visibility) > VISIBILITIES.index(graded.visibility):
            raise BadAssignment(
                f"{where}.needs: {name!r} is {before[name].visibility}, and this check, which "
                f"is {graded.visibility}, would tell whether it failed"
            )


def _check_seconds(checks: tuple[GradedCheck, ...], seconds: int, place: str) -> None:
    """Raise BadAssignment where a check may take longer than the submission it is part of."""
    for number, graded in enumerate(checks):
        if graded.seconds > seconds:
            raise BadAssignment(
                f"{place}: $.seconds: a submission may use {seconds} s over all checks, and "
                f"$.checks[{number}], {graded.id!r}, alone {graded.seconds} s: raise the one or "
                "lower the other"
            )


def _graded(row: dict[str, Any], before: Mapping[str, GradedCheck], where: str) -> GradedCheck:
    """One entry of `checks` as a check, or as a twin of one `before` it."""
    row = dict(row)
    twin_of = row.pop("check", "")
    if twin_of:
        row = {**_of_the_first(twin_of, before, where), **row}
    for key in _OF_THE_FIRST:
        if key not in row:
            raise BadAssignment(f"{where}: {key!r} is a required property of what is no twin")
    check = before[twin_of].check if twin_of else _check_called(row["id"], where)
    credit = Credit(**row.get("credit", {}))
    _check_credit(credit, row, check, f"{where}.credit")
    known = {**row, "needs": tuple(row.get("needs", ())), "credit": credit}
    return GradedCheck(**known, check=check, twin_of=twin_of)


def _of_the_first(name: str, before: Mapping[str, GradedCheck], where: str) -> dict[str, str | int]:
    """What a twin need not say, from the check that it asks again."""
    if name not in before:
        raise BadAssignment(
            f"{where}.check: {name!r} is no check before this one; {nearest(name, before)}"
        )
    first = before[name]
    return {
        "title": f"{first.title}, on other inputs",
        "text": first.text,
        "seconds": first.seconds,
        "memory_mb": first.memory_mb,
    }


def _check_called(name: str, where: str) -> Check | WrittenCheck | ReportedCheck:
    """The `CHECK` of grading/checks/<name>.py."""
    module = f"grading.checks.{name}"
    try:
        check: Check | WrittenCheck | ReportedCheck = importlib.import_module(module).CHECK
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        known = [path.stem for path in CHECKS.glob("[a-z]*.py")]
        raise BadAssignment(
            f"{where}.id: {name!r} needs a file grading/checks/{name}.py; {nearest(name, known)}"
        ) from error
    return check


def _check_credit(credit: Credit, row: dict[str, Any], check: object, where: str) -> None:
    """Raise BadAssignment for credit that could exceed the points, or for what is never found."""
    known = [mistake.name for mistake in check.mistakes] if isinstance(check, Check) else []
    if (credit.cases or credit.mistakes) and not isinstance(check, Check):
        raise BadAssignment(f"{where}: only a check of a function has cases and mistakes")
    for name in credit.mistakes:
        if name not in known:
            raise BadAssignment(f"{where}.mistakes: there is no {name!r}; {nearest(name, known)}")
    most = max([sum(credit.cases.values()), *credit.mistakes.values()])
    if most > row["points"]:
        raise BadAssignment(f"{where}: {most:g} points, and the check has {row['points']:g}")
