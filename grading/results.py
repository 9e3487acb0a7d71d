"""What a grading leaves behind: `results.json` in Gradescope's schema, and the class's gradebook.

Gradescope's schema: https://gradescope-autograders.readthedocs.io/en/latest/specs/ . A grading that
the grader itself could not finish has no score at all, so nothing can mistake it for a zero.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grading.assignment import Assignment
from grading.finding import CheckResult
from grading.submission import Submission

GRADESCOPE_VISIBILITY = {
    "visible": "visible",
    "after the deadline": "after_due_date",
    "hidden": "hidden",
}
GRADED, FAULT = "graded", "grader fault"


def graded(
    submission: Submission, assignment: Assignment, found: Sequence[CheckResult], seconds: float
) -> dict[str, Any]:
    """The results of a submission that was judged; a rerun changes `execution_time` alone."""
    return {
        "score": float(sum(result.score for result in found)),
        "max_score": float(sum(result.check.points for result in found)),
        "execution_time": round(seconds, 3),
        "output": "",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(number, result) for number, result in enumerate(found, 1)],
        "extra_data": {
            "status": GRADED,
            "id": submission.id,
            "sha256": submission.sha256,
            "assignment": assignment.id,
            "assignment_version": assignment.version,
            "isolation": "bubblewrap",
        },
    }


def _test(number: int, result: CheckResult) -> dict[str, Any]:
    check = result.check
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
        "extra_data": {"check": check.id, "seed": result.seed, "cases": result.cases},
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


def write_gradebook(paths: Sequence[Path], output: Path) -> list[Path]:
    """One row per `results.json`, sorted by id; a grading that failed has an empty score.

    Returns the files of the gradings that failed.

    Raises:
        ValueError: a file is not a results.json of this grader, or two have the same id.
    """
    read = [(path, _row(path)) for path in paths]
    rows = sorted((row for _, row in read), key=lambda row: row["id"])
    ids = [row["id"] for row in rows]
    if len(set(ids)) < len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise ValueError(f"two results have the id {twice!r}; a student is graded once")
    checks = list(dict.fromkeys(name for row in rows for name in row["checks"]))
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [plain_cell(name) for name in ("id", "status", "score", "max_score", *checks)]
        )
        for row in rows:
            scores = [row["checks"].get(name, "") for name in checks]
            cells = [row["id"], row["status"], row["score"], row["max_score"], *scores]
            writer.writerow([plain_cell(cell) for cell in cells])
    return [path for path, row in read if row["status"] == FAULT]


def _row(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        about = found["extra_data"]
        tests = found["tests"]
        return {
            "id": str(about["id"]),
            "status": str(about["status"]),
            "score": _points(found.get("score")),
            "max_score": _points(found.get("max_score")),
            "checks": {test["extra_data"]["check"]: _points(test["score"]) for test in tests},
        }
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: not a results.json that this grader wrote ({type(error).__name__}: {error}); "
            "grade the submission again"
        ) from error


def _points(number: float | None) -> str:
    return "" if number is None else f"{number:.6g}"


def plain_cell(cell: object) -> object:
    """A cell that no spreadsheet runs as a formula: text like one gets an apostrophe before it."""
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return "'" + cell
    return cell
