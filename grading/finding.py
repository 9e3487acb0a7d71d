"""What one check found about one submission."""

from __future__ import annotations

import dataclasses
from typing import Literal

from grading.assignment import GradedCheck

Status = Literal["passed", "partly", "failed", "not started", "not run"]


@dataclasses.dataclass(frozen=True)
class CheckResult:
    """The score, the cause where points are missing, how to mend it, and what credit there is."""

    check: GradedCheck
    status: Status
    score: float
    cause: str  # one sentence; "" where the check passed
    explanation: str  # of a recognised mistake; "" where none was recognised
    printed: str  # the first of what the student's code printed
    seed: int
    cases: int
    credit: str = ""  # what partial credit is for
    seconds: float = dataclasses.field(default=0.0, compare=False)  # that judging it took


def without_answer(graded: GradedCheck, cause: str, status: Status = "failed") -> CheckResult:
    """The result of a check that there was nothing to run for."""
    return CheckResult(graded, status, 0.0, cause, "", "", seed=0, cases=0)
