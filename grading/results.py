"""What a grading leaves behind: `results.json` in Gradescope's schema.

Gradescope's schema: https://gradescope-autograders.readthedocs.io/en/latest/specs/ . A grading that
the grader itself could not finish has no score at all, so nothing can mistake it for a zero.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grading.assignment import Assignment
from grading.finding import CheckResult
from grading.submission import Submission

GRADED, FAULT = "graded", "grader fault"  # what became of a submission
BUBBLEWRAP, NOT_ISOLATED = "bubblewrap", "not isolated"  # how the code was run: a stamp of results
GRADESCOPE_VISIBILITY = {
    "visible": "visible",
    "after the deadline": "after_due_date",
    "hidden": "hidden",
}

NOT_ISOLATED_TEXT = (
    "Not isolated: this machine has no jail, so the code ran with the grader's own rights. The "
    "score is provisional until the submission is graded again in a jail."
)


def graded(
    submission: Submission,
    assignment: Assignment,
    found: Sequence[CheckResult],
    salt: str = "",
    isolated: bool = True,
) -> dict[str, Any]:
    """The results of a submission that was judged; a rerun changes `execution_time` alone.

    With a salt, the seeds of what is not visible are not in it, but the salt's fingerprint is, by
    which who has the salt can tell that it is the one, and draw the same inputs again. Code that
    ran without a jail could do as it liked, so that what is not `isolated` says so. The time is
    that of the visible checks: code could tell of hidden inputs by how long it sleeps on them.
    """
    return {
        "score": float(sum(result.score for result in found)),
        "max_score": float(sum(result.check.points for result in found)),
        "execution_time": round(sum(one.seconds for one in found if is_visible(one)), 3),
        "output": "" if isolated else NOT_ISOLATED_TEXT,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(number, result, salt) for number, result in enumerate(found, 1)],
        "extra_data": {
            "status": GRADED,
            "id": submission.id,
            "sha256": submission.sha256,
            "assignment": assignment.id,
            "assignment_version": assignment.version,
            "isolation": BUBBLEWRAP if isolated else NOT_ISOLATED,
            "salt": hashlib.sha256(salt.encode()).hexdigest()[:16] if salt else "",
        },
    }


def is_visible(result: CheckResult) -> bool:
    """Whether students see all of a result at once."""
    return result.check.visibility == "visible"


def _test(number: int, result: CheckResult, salt: str) -> dict[str, Any]:
    check = result.check
    seed = None if salt and check.visibility != "visible" else result.seed
    # A hidden check's text stays out of the file altogether: inputs are in causes and in what is
    # printed. Text for after the deadline must be in it, for Gradescope to show then.
    told = [] if check.visibility == "hidden" else [result.cause, result.explanation, result.credit]
    if result.printed and check.visibility == "visible":
        told.append(f"What your code printed:\n{result.printed}")
    return {
        "number": str(number),
        "name": "A hidden check" if check.visibility == "hidden" else check.title,
        "name_format": "text",
        "status": "passed" if result.status == "passed" else "failed",
        "score": result.score,
        "max_score": check.points,
        "output": "\n\n".join(part for part in told if part),
        "output_format": "text",
        "visibility": GRADESCOPE_VISIBILITY[check.visibility],
        "extra_data": {"check": check.id, "seed": seed, "cases": result.cases},
    }


def fault(name: str, assignment_id: str, reason: str) -> dict[str, Any]:
    """The results of a grading that failed by the grader's own fault: no score, no tests.

    `reason` is for the instructor, and kept where Gradescope shows no student anything.
    """
    return {
        "execution_time": 0,
        "output": "The grader could not do its work. This is not a grade; it will be run again.",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {
            "status": FAULT,
            "id": name,
            "assignment": assignment_id,
            "reason": reason,
        },
    }


def write(results: dict[str, Any], path: Path) -> None:
    """Write one `results.json`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
