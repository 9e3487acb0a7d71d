"""The results of a class, read back from what grading wrote: `results.json` and the gradebook."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True)
class CheckScore:
    """What a student got for one check.

    `seed` is None where the class's salt keeps it secret; `cases` counts a proof's steps.
    """

    id: str
    title: str
    score: float
    max_score: float
    passed: bool
    visible: bool
    seed: int | None
    cases: int


@dataclasses.dataclass(frozen=True)
class StudentResult:
    """One `results.json`; `score` is None where the grader failed."""

    id: str
    status: str
    score: float | None
    max_score: float | None
    sha256: str
    assignment: str
    assignment_version: int | None
    checks: tuple[CheckScore, ...]
    path: Path
    file_sha256: str
    isolation: str = ""


@dataclasses.dataclass(frozen=True)
class Grade:
    """One row of the gradebook; `score` is None where there is none."""

    id: str
    score: float | None
    submission: str = ""
    isolation: str = ""


def read_results(paths: Sequence[Path]) -> tuple[StudentResult, ...]:
    """The results in these files, sorted by id.

    Raises:
        ValueError: a file is not a results.json of this grader.
    """
    return tuple(sorted((_read(path) for path in paths), key=lambda result: result.id))


def _read(path: Path) -> StudentResult:
    content = path.read_bytes()
    try:
        found = json.loads(content)
        about = found["extra_data"]
        return StudentResult(
            id=str(about["id"]),
            status=str(about["status"]),
            score=_number(found.get("score")),
            max_score=_number(found.get("max_score")),
            sha256=str(about.get("sha256", "")),
            assignment=str(about["assignment"]),
            assignment_version=about.get("assignment_version"),
            checks=tuple(_check(test) for test in found["tests"]),
            path=path,
            file_sha256=hashlib.sha256(content).hexdigest(),
            isolation=str(about.get("isolation", "")),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: not a results.json that this grader wrote ({type(error).__name__}: {error}); "
            "grade the submission again"
        ) from error


def _check(test: dict[str, Any]) -> CheckScore:
    return CheckScore(
        id=str(test["extra_data"]["check"]),
        title=str(test["name"]),
        score=float(test["score"]),
        max_score=float(test["max_score"]),
        passed=test["status"] == "passed",
        visible=test["visibility"] == "visible",
        seed=test["extra_data"]["seed"],
        cases=int(test["extra_data"]["cases"]),
    )


def read_gradebook(path: Path) -> tuple[Grade, ...]:
    """The rows of a gradebook that this grader wrote, adjustments of a person included.

    Raises:
        ValueError: it has no such columns, or a score that is no number.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"id", "score", "submission"} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path}: not a gradebook of this grader: no column {sorted(missing)}")
        rows = list(reader)
    try:
        return tuple(_grade(row) for row in rows)
    except ValueError as error:
        raise ValueError(f"{path}: {error}; make the gradebook again") from error


def _grade(row: dict[str, str]) -> Grade:
    score = _number(row["score"])
    # Who handed in nothing is left to the platform, which may know of an excuse.
    nothing = not row["submission"] and score == 0
    isolation = row.get("isolation") or ""
    return Grade(row["id"], None if nothing else score, row["submission"], isolation)


def _number(found: Any) -> float | None:
    return None if found in (None, "") else float(found)
