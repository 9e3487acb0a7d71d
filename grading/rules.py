"""From the scores of submissions to the marks of students, and by which rules."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Mapping, Sequence
from typing import Literal

from grading.assignment import Late
from grading.roster import Adjustment, BadRoster, Roster

NOTHING = "nothing handed in"
BEGINNING = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@dataclasses.dataclass(frozen=True)
class Scored:
    """One submission as its results.json has it; `score` is None where the grader failed."""

    id: str
    status: str
    score: float | None
    max_score: float | None
    checks: dict[str, float]
    sha256: str
    version: int
    isolation: str = ""


@dataclasses.dataclass(frozen=True)
class Mark:
    """A student's mark: raw as the grader gave it, and what the rules, by name, made of it."""

    student: str
    status: str
    raw: float | None
    score: float | None
    submission: Scored | None
    rules: tuple[str, ...]


def marks(
    scored: Sequence[Scored],
    roster: Roster | None,
    late: Late | None,
    counts: Literal["best", "last"],
    adjustments: Sequence[Adjustment],
) -> tuple[Mark, ...]:
    """One mark a student, sorted by name; without a class file every submission is a student.

    Raises:
        BadRoster: an adjustment is for nobody, or for a check that there is not.
    """
    by_student: dict[str, list[Scored]] = {name: [] for name in roster.students} if roster else {}
    for one in scored:
        members = roster.members(roster.handed_in(one.id).by) if roster else (one.id,)
        for member in members:
            by_student.setdefault(member, []).append(one)
    by_hand: dict[str, list[Adjustment]] = {}
    for adjustment in adjustments:
        if adjustment.student not in by_student:
            raise BadRoster(f"adjustments: {adjustment.student!r} is nobody in this gradebook")
        by_hand.setdefault(adjustment.student, []).append(adjustment)
    return tuple(
        _mark(student, by_student[student], roster, late, counts, by_hand.get(student, []))
        for student in sorted(by_student)
    )


def _mark(
    student: str,
    scored: Sequence[Scored],
    roster: Roster | None,
    late: Late | None,
    counts: Literal["best", "last"],
    by_hand: Sequence[Adjustment],
) -> Mark:
    candidates = [_late(student, one, roster, late, by_hand) for one in scored]
    # What came too late to count replaces nothing that came before.
    taken = [mark for mark, refused in candidates if not refused]
    taken = taken or [mark for mark, _ in candidates]
    if not taken:
        mark = Mark(student, NOTHING, None, 0.0, None, ())
    elif counts == "last":
        mark = max(taken, key=lambda each: _order(each, roster))
    else:
        mark = max(taken, key=_standing)
    if len(scored) > 1:
        chosen = mark.submission.id if mark.submission else ""
        rule = f"{counts} of {len(scored)} submissions: {chosen}"
        mark = dataclasses.replace(mark, rules=(rule, *mark.rules))
    if roster is not None and student not in roster.students:
        mark = dataclasses.replace(mark, rules=(*mark.rules, "not in the class file"))
    for adjustment in by_hand:
        if not adjustment.check and mark.score is not None:
            rule = f"by hand {adjustment.points:+g}: {adjustment.reason}"
            score = max(0.0, mark.score + adjustment.points)
            mark = dataclasses.replace(mark, score=score, rules=(*mark.rules, rule))
    return mark


def _order(mark: Mark, roster: Roster | None) -> tuple[datetime.datetime, str]:
    name = mark.submission.id if mark.submission else ""
    at = roster.handed_in(name).at if roster else None
    return at or BEGINNING, name


def _standing(mark: Mark) -> tuple[float, str]:
    """Order by score; what the grader failed to grade comes first, so that it is never hidden."""
    return (
        math.inf if mark.score is None else mark.score,
        mark.submission.id if mark.submission else "",
    )


def _late(
    student: str,
    one: Scored,
    roster: Roster | None,
    late: Late | None,
    by_hand: Sequence[Adjustment],
) -> tuple[Mark, bool]:
    """The mark of one submission after the late policy, and whether it came too late to count."""
    if one.score is None:
        return Mark(student, one.status, None, None, one, ()), False
    score, rules = _checks_by_hand(one, by_hand)
    if roster is None or roster.due is None:
        return Mark(student, one.status, one.score, score, one, rules), False
    handed_in = roster.handed_in(one.id)
    due, extension = roster.due_for(student, handed_in.by)
    if extension is not None:
        rules = (*rules, f"extension until {extension.until.isoformat()}: {extension.reason}")
    if handed_in.at is None:
        rules = (*rules, "no time of handing in is known: taken as in time")
        return Mark(student, one.status, one.score, score, one, rules), False
    days = days_late(handed_in.at, due, late)
    if late is None or days == 0:
        return Mark(student, one.status, one.score, score, one, rules), False
    if days > late.refused_after_days:
        rules = (*rules, f"{days} days late: not accepted after {late.refused_after_days}")
        return Mark(student, one.status, one.score, 0.0, one, rules), True
    percent = min(100.0, days * late.percent_a_day)
    count = "1 day" if days == 1 else f"{days} days"
    rules = (*rules, f"{count} late: -{percent:g} %")
    return Mark(student, one.status, one.score, score * (1 - percent / 100), one, rules), False


def days_late(at: datetime.datetime, due: datetime.datetime | None, late: Late | None) -> int:
    """Days begun after the due time and its grace; within the grace, none."""
    if due is None or late is None or at <= due + datetime.timedelta(minutes=late.grace_minutes):
        return 0
    return math.ceil((at - due) / datetime.timedelta(days=1))


def _checks_by_hand(one: Scored, by_hand: Sequence[Adjustment]) -> tuple[float, tuple[str, ...]]:
    """The score with the checks that were scored by hand."""
    scores: Mapping[str, float] = one.checks
    rules: tuple[str, ...] = ()
    for adjustment in by_hand:
        if not adjustment.check:
            continue
        if adjustment.check not in scores:
            known = ", ".join(scores)
            raise BadRoster(
                f"adjustments: {adjustment.student}: there is no check {adjustment.check!r}; "
                f"there are: {known}"
            )
        scores = {**scores, adjustment.check: adjustment.score}
        rules = (*rules, f"by hand {adjustment.check} = {adjustment.score:g}: {adjustment.reason}")
    return (sum(scores.values()) if rules else one.score or 0.0), rules
