"""The time that a submission may use: in each check, and over all of them together.

Time is the submission's own (`grading.usage`). A call that did not end within its check's time is
not repeated: where a function ran out of it, no other check calls that function for as short a
time; where the import did, no other check imports the file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grading.assignment import GradedCheck

# With less nothing is begun: a busy machine may take as long to begin at all.
SHORTEST_SECONDS = 0.5
# A check that took less than this part of the time is not named among those that took most of it.
NAMED_SHARE = 0.1


class NotRun(Exception):
    """Nothing is run any more for what was asked; says why, in words for the student."""


@dataclasses.dataclass(frozen=True)
class Unended:
    """A call that ran out of its check's time: functions called together, none for the import."""

    functions: frozenset[str]
    check: GradedCheck


class Allowance:
    """What one submission has used, and may still use, of its `seconds` over all checks."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._used: dict[str, float] = {}
        self._titles: dict[str, str] = {}
        self._unended: list[Unended] = []

    def left(self, graded: GradedCheck, functions: Sequence[str] = ()) -> float:
        """Seconds that the check may still use, for a call of these functions.

        Raises:
            NotRun: there is no time left, or a call of them did not end before.
        """
        for unended in self._unended:
            if unended.functions <= set(functions) and graded.seconds <= unended.check.seconds:
                raise NotRun(_not_repeated(unended, functions))
        if self._whole() < SHORTEST_SECONDS:
            raise NotRun(self._where_it_went())
        own = graded.seconds - self._used.get(graded.id, 0.0)
        if own < SHORTEST_SECONDS:
            raise NotRun(f"the {graded.seconds} s of this check were used up by the calls before")
        return min(own, self._whole())

    def charge(self, graded: GradedCheck, seconds: float) -> None:
        """Count what a check has used."""
        self._used[graded.id] = self._used.get(graded.id, 0.0) + seconds
        self._titles[graded.id] = graded.title

    def ran_out(self, graded: GradedCheck, functions: Sequence[str], seconds: float) -> bool:
        """Count a call that used all that was `left`; whether that was the whole submission's time.

        `functions` is empty where the file was still being imported. Of a call that had less than
        all of its check's time nothing is concluded: it might end in another check.
        """
        self.charge(graded, seconds)
        if seconds == graded.seconds:
            self._unended.append(Unended(frozenset(functions), graded))
        return self._whole() < SHORTEST_SECONDS

    def _whole(self) -> float:
        return self._seconds - sum(self._used.values())

    def _where_it_went(self) -> str:
        most = sorted(self._used, key=lambda name: -self._used[name])[:2]
        if self._used[most[-1]] < NAMED_SHARE * self._seconds:
            most = most[:1]
        # In the order in which they were run: of two that took the same, neither was the first.
        first, *second = [self._titles[name] for name in self._used if name in most]
        told = f'your submission had used up its {self._seconds} s, most of it in "{first}"'
        return told + "".join(f' and in "{title}"' for title in second)


def _not_repeated(unended: Unended, functions: Sequence[str]) -> str:
    title, seconds = unended.check.title, unended.check.seconds
    if not unended.functions:
        return (
            f'the file was still being imported after the {seconds} s of "{title}", and is not '
            "imported again"
        )
    called = " with ".join(name for name in functions if name in unended.functions)
    return (
        f'a call of {called} had not ended after the {seconds} s of "{title}", and is not made '
        "again"
    )
