"""The class's gradebook: one row a student, what the rules made of the score, and what changed."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grading.class_results import StudentResult, read_results
from grading.results import FAULT
from grading.rules import Mark, Scored

HISTORY = "history.json"
COLUMNS = (
    "id",
    "status",
    "score",
    "max_score",
    "raw_score",
    "submission",
    "rules",
    "changed",
    "isolation",
)


def read_class(paths: Sequence[Path]) -> tuple[Scored, ...]:
    """The class's results, sorted by id.

    Raises:
        ValueError: a file is not a results.json of this grader, or two have the same id.
    """
    results = read_results(paths)
    for one, other in itertools.pairwise(results):
        if one.id == other.id:
            raise ValueError(f"two results have the id {one.id!r}; a submission is graded once")
    return tuple(_scored(result) for result in results)


def _scored(result: StudentResult) -> Scored:
    return Scored(
        id=result.id,
        status=result.status,
        score=result.score,
        max_score=result.max_score,
        checks={check.id: check.score for check in result.checks},
        sha256=result.sha256,
        version=result.assignment_version or 0,
        isolation=result.isolation,
    )


def write_gradebook(found: Sequence[Mark], output: Path) -> None:
    """Write the gradebook, and beside it the history that its column `changed` comes from.

    The history has an entry for every mark that was different from the one before, so that
    writing the same gradebook again changes neither file.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    history = updated_history(_read_history(output.parent / HISTORY), found)
    # The history first: a run that is killed in between ends, when started again, in the same book.
    _replace(
        output.parent / HISTORY, json.dumps(history, ensure_ascii=False, indent=1, sort_keys=True)
    )
    checks = list(
        dict.fromkeys(name for m in found if m.submission for name in m.submission.checks)
    )
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([plain_cell(name) for name in (*COLUMNS, *checks)])
    for mark in found:
        one = mark.submission
        cells = [mark.student, mark.status, _points(mark.score)]
        cells += [_points(one.max_score if one else None), _points(mark.raw)]
        cells += [one.id if one else "", "; ".join(mark.rules)]
        cells.append(what_changed(history.get(mark.student, [])) if mark.status != FAULT else "")
        cells.append(one.isolation if one else "")
        cells += [_points(one.checks.get(name) if one else None) for name in checks]
        writer.writerow([plain_cell(cell) for cell in cells])
    _replace(output, text.getvalue())


def updated_history(
    history: dict[str, list[dict[str, Any]]], found: Sequence[Mark]
) -> dict[str, list[dict[str, Any]]]:
    """The history with every mark that differs from the student's last one.

    A fault of the grader is no mark; and who is not in the gradebook any more keeps their past.
    """
    updated = dict(history)
    for mark in found:
        one = mark.submission
        if mark.score is None:
            continue
        entry = {
            "score": mark.score,
            "submission": one.id if one else "",
            "files": one.sha256 if one else "",
            "assignment version": one.version if one else 0,
            "isolation": one.isolation if one else "",
            "rules": list(mark.rules),
        }
        past = updated.get(mark.student, [])
        if not past or past[-1] != entry:
            updated[mark.student] = [*past, entry]
    return updated


def what_changed(past: Sequence[dict[str, Any]]) -> str:
    """How the score differs from the one before, and why; "" where it does not."""
    if len(past) < 2 or past[-2]["score"] == past[-1]["score"]:
        return ""
    before, now = past[-2:]
    reasons = []
    if before["submission"] != now["submission"]:
        reasons.append(f"submission {now['submission'] or 'none'} counts")
    elif before["files"] != now["files"]:
        reasons.append("other files were handed in")
    if before["assignment version"] != now["assignment version"]:
        versions = f"{before['assignment version']} to {now['assignment version']}"
        reasons.append(f"the assignment's version went from {versions}")
    if before.get("isolation") != now["isolation"]:
        reasons.append(f"isolation: {now['isolation'] or 'nothing was run'}")
    reasons += [f"new: {rule}" for rule in now["rules"] if rule not in before["rules"]]
    reasons += [f"gone: {rule}" for rule in before["rules"] if rule not in now["rules"]]
    why = ", ".join(reasons) or "the grader itself is another"
    return f"from {before['score']:.6g} to {now['score']:.6g}: {why}"


def old_results(folder: Path, current: Sequence[Path]) -> tuple[Path, ...]:
    """Results in the gradebook's folder of students who are not in the class any more."""
    known = {path.resolve() for path in current}
    found = sorted(folder.glob("*/results.json"))
    return tuple(path.parent for path in found if path.resolve() not in known)


def _read_history(path: Path) -> dict[str, list[dict[str, Any]]]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): list(past) for name, past in found.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise ValueError(
            f"{path}: cannot be read ({error}); move it away to begin a new history"
        ) from error


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8", newline="")
    new.replace(path)


def _points(number: float | None) -> str:
    return "" if number is None else f"{number:.6g}"


def plain_cell(cell: object) -> object:
    """A cell that no spreadsheet runs as a formula: text like one gets an apostrophe before it."""
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return "'" + cell
    return cell
