"""A class as data: who is in it, groups, due date, extensions, who handed in what and when.

A class file is YAML, and stays with the instructor:

due: 2025-12-01T23:59:00+07:00
students: [an, binh, chi]
groups: {pair: [binh, chi]}
extensions: {an: {until: 2025-12-03T23:59:00+07:00, reason: ill}}
submissions: {an: {by: an, at: 2025-12-02T08:00:00+07:00}, together: {by: pair, at: ...}}

A submission that is not listed is by the student, or the group, of its own name. Names may be
written as a student's folder or file is called, "Nguyễn Văn An.zip": they are read as the name
that it is graded under, Nguyễn_Văn_An. Adjustments are a file of their own, which grading again
leaves alone:

adjustments:
  - {student: an, points: 2, reason: found a slip in the text}
  - {student: binh, check: adagrad_2d, score: 8, reason: right in another notation}
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from grading.schema import Schema, first_wrong
from grading.submission import safe_name
from optim.rule import nearest

MOST_BYTES = 2**20

_NAME = {"type": "string", "minLength": 1}
_CLASS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["students"],
    "properties": {
        "due": {},
        "students": {"type": "array", "items": _NAME, "uniqueItems": True},
        "groups": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": _NAME, "minItems": 1},
        },
        "extensions": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["until", "reason"],
                "properties": {"until": {}, "reason": _NAME},
            },
        },
        "submissions": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["by"],
                "properties": {"by": _NAME, "at": {}},
            },
        },
    },
}
_ADJUSTMENTS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["adjustments"],
    "properties": {"adjustments": {"type": "array", "items": {"type": "object"}}},
}
_OF_POINTS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["student", "points", "reason"],
    "properties": {"student": _NAME, "points": {"type": "number"}, "reason": _NAME},
}
_OF_A_CHECK = {
    "type": "object",
    "additionalProperties": False,
    "required": ["student", "check", "score", "reason"],
    "properties": {
        "student": _NAME,
        "check": _NAME,
        "score": {"type": "number", "minimum": 0},
        "reason": _NAME,
    },
}


class BadRoster(ValueError):
    """A class file or adjustments that cannot be used; says the file, the key and what to do."""


@dataclasses.dataclass(frozen=True)
class Extension:
    """Until when, and why; for a student or a group."""

    until: datetime.datetime
    reason: str


@dataclasses.dataclass(frozen=True)
class HandedIn:
    """By whom, a student or a group, and when; None where nobody wrote that down."""

    by: str
    at: datetime.datetime | None


@dataclasses.dataclass(frozen=True)
class Roster:
    """A class: all of it is about who and when, nothing about what is right."""

    due: datetime.datetime | None
    students: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    extensions: dict[str, Extension]
    submissions: dict[str, HandedIn]

    def handed_in(self, submission: str) -> HandedIn:
        """By whom and when; a submission that is not listed is by the one of its own name."""
        return self.submissions.get(submission, HandedIn(submission, None))

    def members(self, name: str) -> tuple[str, ...]:
        """The students of a group, or the one student."""
        return self.groups.get(name, (name,))

    def due_for(self, student: str, by: str) -> tuple[datetime.datetime | None, Extension | None]:
        """When it is due for a student, with the longest extension of theirs or their group's."""
        granted = [self.extensions[name] for name in (student, by) if name in self.extensions]
        longest = max(granted, key=lambda extension: extension.until, default=None)
        if longest is None or self.due is None or longest.until <= self.due:
            return self.due, None
        return longest.until, longest


@dataclasses.dataclass(frozen=True)
class Adjustment:
    """A change by hand: points added to the score, or the score of one check."""

    student: str
    reason: str
    points: float = 0.0
    check: str = ""
    score: float = 0.0


def read_roster(path: Path) -> Roster:
    """Read a class file.

    Raises:
        BadRoster: it is not YAML, breaks the schema, or names somebody who is not in the class.
    """
    found = _read(path, _CLASS)
    students = _names(found["students"], f"{path}: students")
    groups = {
        name: _names(members, f"{path}: groups.{name}")
        for name, members in _by_name(found, "groups", path).items()
    }
    for name, members in groups.items():
        if name in students:
            raise BadRoster(f"{path}: groups: {name!r} is a student's name too")
        for member in members:
            _known(member, students, f"{path}: groups.{name}")
    named = (*students, *groups)
    granted = _by_name(found, "extensions", path)
    for name in granted:
        _known(name, named, f"{path}: extensions")
    extensions = {
        name: Extension(_time(e["until"], f"{path}: extensions.{name}.until"), e["reason"])
        for name, e in granted.items()
    }
    submissions = {}
    for name, entry in _by_name(found, "submissions", path).items():
        by = safe_name(entry["by"])
        _known(by, named, f"{path}: submissions.{name}.by")
        at = entry.get("at")
        where = f"{path}: submissions.{name}.at"
        submissions[name] = HandedIn(by, None if at is None else _time(at, where))
    due = _time(found["due"], f"{path}: due") if "due" in found else None
    return Roster(due, students, groups, extensions, submissions)


def read_adjustments(path: Path) -> tuple[Adjustment, ...]:
    """Read the adjustments made by hand.

    Raises:
        BadRoster: it is not YAML or breaks the schema.
    """
    entries = _read(path, _ADJUSTMENTS)["adjustments"]
    for number, entry in enumerate(entries):
        schema = _OF_A_CHECK if "check" in entry else _OF_POINTS
        wrong = first_wrong(entry, schema, f"$.adjustments[{number}]")
        if wrong:
            raise BadRoster(f"{path}: {wrong}")
    return tuple(
        Adjustment(**{**entry, "student": safe_name(entry["student"])}) for entry in entries
    )


def _read(path: Path, schema: Schema) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadRoster(f"{path}: larger than {MOST_BYTES} bytes")
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise BadRoster(f"{path}: cannot be read: {error}") from error
    wrong = first_wrong(found, schema)
    if wrong:
        raise BadRoster(f"{path}: {wrong}")
    return dict(found)


def _names(written: Sequence[str], where: str) -> tuple[str, ...]:
    """Names as submissions are graded under them."""
    names = tuple(map(safe_name, written))
    for place, name in enumerate(names):
        if name in names[:place]:
            raise BadRoster(f"{where}: {name!r} stands twice")
    return names


def _by_name(found: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    entries = found.get(key, {})
    return dict(zip(_names(list(entries), f"{path}: {key}"), entries.values(), strict=True))


def _time(value: object, where: str) -> datetime.datetime:
    if not isinstance(value, datetime.datetime) or value.tzinfo is None:
        raise BadRoster(
            f"{where}: found {value!s}, expected a time with its zone: 2025-12-01T23:59:00+07:00"
        )
    return value


def _known(name: str, names: Collection[str], where: str) -> None:
    if name not in names:
        raise BadRoster(f"{where}: {name!r} is not in the class; {nearest(name, names)}")
