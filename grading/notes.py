"""Notes for the instructor: what was recognised in all checks of a submission, hidden ones too.

They are files in a folder of their own, because `results.json` and `feedback.html` are handed to
students and may not tell what a hidden check asks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from grading.check import Check
from grading.finding import CheckResult


def notes(name: str, found: Sequence[CheckResult]) -> dict[str, object]:
    """What is known of every check that was not passed, by its id."""
    missed = [result for result in found if result.status != "passed"]
    return {"id": name, "checks": {result.check.id: recognised(result) for result in missed}}


def recognised(result: CheckResult) -> str:
    """The mistake's name; "not started" or "not run"; "" where nothing explains it."""
    if result.status in ("not started", "not run"):
        return result.status
    check = result.check.check
    known = check.mistakes if isinstance(check, Check) else ()
    named = (each.name for each in known if each.explanation == result.explanation)
    return next(named, "")


def write_notes(written: Mapping[str, object], path: Path) -> None:
    """Write one submission's notes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_notes(paths: Sequence[Path]) -> dict[str, dict[str, str]]:
    """What was recognised, by submission and check.

    Raises:
        ValueError: a file holds no notes of this grader.
    """
    found: dict[str, dict[str, str]] = {}
    for path in paths:
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            found[str(told["id"])] = {str(a): str(b) for a, b in told["checks"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{path}: no notes of this grader ({type(error).__name__}: {error}); grade the "
                "submission again"
            ) from error
    return found
