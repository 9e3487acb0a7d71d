"""The page that a student reads: what was asked, what happened, and how to get there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import jinja2

from grading.assignment import Assignment
from grading.finding import CheckResult
from grading.submission import Submission

TEMPLATES = Path(__file__).parent / "templates"


def fault_page() -> str:
    """The page of a submission that the grader failed to grade: no score, and whose fault it is."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Not graded</title>'
        "<h1>Not graded yet</h1><p>The grader could not do its work. This is not a grade, and no "
        "fault of this submission; it will be graded again.</p></html>\n"
    )


def page(submission: Submission, assignment: Assignment, found: Sequence[CheckResult]) -> str:
    """One self-contained HTML page; what a student wrote is escaped, hidden checks are counted."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = [result for result in found if result.check.visibility == "visible"]
    return environment.get_template("feedback.html.j2").render(
        submission=submission,
        assignment=assignment,
        shown=shown,
        withheld=len(found) - len(shown),
        score=sum(result.score for result in shown),
        max_score=sum(result.check.points for result in shown),
    )
