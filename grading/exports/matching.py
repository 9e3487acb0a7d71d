"""Whose submission is whose: a submission's name against what a platform knows of a participant."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

# What the platforms call the files and folders of submissions that an instructor downloads.
CANVAS_DOWNLOAD = re.compile(r"^.+?_(?:late_)?(\d+)_\d+(?:_|$)")
MOODLE_DOWNLOAD = re.compile(r"_(\d+)_assignsubmission_")


@dataclasses.dataclass(frozen=True)
class Matched:
    """The row of every submission that has one, and why the others have none."""

    rows: dict[str, int]  # submission, then the participant's number, from 0
    unmatched: tuple[str, ...]  # a sentence each


def match(submissions: Iterable[str], participants: Sequence[Sequence[str]]) -> Matched:
    """Match names of submissions to participants, each given by all that is known of them.

    A name fits a participant by any known value, or by the number that Canvas or Moodle puts in
    the names of downloaded files. What fits two participants, or a participant whom two
    submissions fit, is matched to nobody: a person has to decide.
    """
    known: dict[str, set[int]] = defaultdict(set)
    for row, values in enumerate(participants):
        for value in values:
            if plain(value):
                known[plain(value)].add(row)
    rows: dict[str, int] = {}
    problems = []
    for name in submissions:
        fitting = next((known[key] for key in keys(name) if key in known), set())
        if len(fitting) == 1:
            rows[name] = next(iter(fitting))
        else:
            several = "two or more participants fit" if fitting else "no participant fits"
            problems.append(f"{name}: {several}")
    for row in {row for row in rows.values() if list(rows.values()).count(row) > 1}:
        names = [name for name in rows if rows[name] == row]
        problems.append(f"{', '.join(names)}: these fit one participant, {participants[row][0]!r}")
        for name in names:
            del rows[name]
    return Matched(rows, tuple(problems))


def keys(submission: str) -> tuple[str, ...]:
    """The values a participant may have if this submission is theirs, the surest first."""
    name = plain(submission)
    found = [pattern.search(name) for pattern in (MOODLE_DOWNLOAD, CANVAS_DOWNLOAD)]
    numbers = [number[1] for number in found if number]
    return (*numbers, name)


def plain(text: str) -> str:
    """A text as submissions' names are written, for comparison only."""
    composed = unicodedata.normalize("NFC", text).strip().casefold()
    return re.sub(r"[^\w.-]", "_", composed)
