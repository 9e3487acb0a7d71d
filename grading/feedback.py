"""The page that a student reads: what was asked, what happened, and how to get there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import PurePath

import jinja2

from grading import pages, translation
from grading.assignment import Assignment
from grading.finding import CheckResult
from grading.results import NOT_ISOLATED_TEXT
from grading.submission import Submission

MOST_NAMES = 40
JUDGED = ("*.py", "*.ipynb", "claims.yaml", "proofs/*.yaml", "proofs/*.yml")


def fault_page(language: str = "en") -> str:
    """The page of a submission that the grader failed to grade: no score, and whose fault it is."""
    return _environment(language).get_template("feedback_fault.html.j2").render(language=language)


def page(
    submission: Submission,
    assignment: Assignment,
    found: Sequence[CheckResult],
    language: str = "en",
    isolated: bool = True,
) -> str:
    """One self-contained HTML page; what a student wrote is escaped, hidden checks are counted.

    `language` is one of `grading.translation.LANGUAGES`. What Python itself says about a student's
    code stays in English.
    """
    shown = [result for result in found if result.check.visibility == "visible"]
    return (
        _environment(language)
        .get_template("feedback.html.j2")
        .render(
            language=language,
            not_isolated="" if isolated else NOT_ISOLATED_TEXT,
            submission=submission,
            assignment=assignment,
            shown=shown,
            withheld=len(found) - len(shown),
            not_judged=not_judged(submission),
            score=sum(result.score for result in shown),
            max_score=sum(result.check.points for result in shown),
        )
    )


def not_judged(submission: Submission) -> list[str]:
    """Files that no check reads, such as figures and tables: the first of their names."""
    unread = (
        name for name in submission.files if not any(PurePath(name).match(one) for one in JUDGED)
    )
    return list(itertools.islice(unread, MOST_NAMES))


def _environment(language: str) -> jinja2.Environment:
    environment = pages.environment("jinja2.ext.i18n")
    known = translation.language(language)
    # The extension adds this method, of which the environment's type knows nothing.
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        known.translations, newstyle=True
    )
    environment.filters["sentences"] = known.sentences
    return environment
