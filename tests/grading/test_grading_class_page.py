"""The instructor's page: statistics by hand arithmetic, and nothing that a name could break."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from grading import class_page
from grading.assignment import load
from grading.class_results import CheckScore, Grade, StudentResult
from grading.similarity import Pair, Similarity

ASSIGNMENT = load("matrices")
FIRST, SECOND = ASSIGNMENT.checks


def result(name: str, first: float | None, second: float = 0.0, told: str = "") -> StudentResult:
    """A student's result with these scores; None: the grader failed."""
    checks = (
        ()
        if first is None
        else (
            CheckScore(
                FIRST.id, FIRST.title, first, FIRST.points, first == FIRST.points, True, 1, told
            ),
            CheckScore(SECOND.id, SECOND.title, second, SECOND.points, second > 0, True, 1, ""),
        )
    )
    score = None if first is None else first + second
    return StudentResult(name, "graded", score, 10, "", "matrices", 1, checks, Path(name), "")


def test_difficulty_and_passes_are_shares_of_the_class():
    half = FIRST.points / 2
    found = class_page.items(
        ASSIGNMENT,
        [result("a", FIRST.points), result("b", half), result("c", 0), result("d", None)],
    )
    assert found[0].difficulty == pytest.approx((1 + 0.5 + 0) / 3)
    assert found[0].passed == pytest.approx(1 / 3)
    assert found[0].discrimination is None  # three students say nothing


def test_discrimination_is_the_correlation_with_the_other_checks():
    rng = np.random.default_rng(1)
    firsts, seconds = rng.random(30), rng.random(30)
    rows = [result(str(i), a, b) for i, (a, b) in enumerate(zip(firsts, seconds, strict=True))]
    found = class_page.items(ASSIGNMENT, rows)
    # With two checks, the others of the first are the second.
    assert found[0].discrimination == pytest.approx(np.corrcoef(firsts, seconds)[0, 1])


def test_a_check_on_which_all_have_the_same_discriminates_nobody():
    assert class_page.discrimination(np.ones(20), np.arange(20.0)) is None


def test_recognised_mistakes_are_counted_and_come_before_what_nobody_recognises():
    known = FIRST.check.mistakes[0]
    rows = [result(name, 0, 1, f"For ...\n\n{known.explanation}") for name in ("a", "b")]
    rows.append(result("c", 0, 1, "It raised ValueError."))
    found = class_page.mistakes(ASSIGNMENT, rows)
    assert found == (
        class_page.MistakeFound(FIRST.title, known.name, ("a", "b")),
        class_page.MistakeFound(FIRST.title, "", ("c",)),
    )


def test_the_page_escapes_names_loads_nothing_and_names_faults_and_pairs():
    evil = "<script>alert(1)</script>"
    page = class_page.page(
        ASSIGNMENT,
        [result(evil, 1), result("broken", None)],
        [Grade(evil, 1.0, evil), Grade("broken", None, "broken")],
        Similarity(2, (Pair(evil, "b", 0.91, 0.5),), {"c": "<b>"}),
    )
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "broken" in page
    assert "91 %" in page
    assert re.findall(r'(?:src|href)="(?!#)', page) == []
    assert "<svg" in page


def test_a_class_that_was_not_compared_says_why():
    page = class_page.page(
        ASSIGNMENT, [result("a", 1)], [Grade("a", 1.0, "a")], None, "it <ran> out"
    )
    assert "Not compared: it &lt;ran&gt; out." in page


def test_the_histogram_counts_every_student_once():
    svg = class_page.histogram([0, 0, 5, 10, 10, 10], 10)
    texts = re.findall(r">(\d+)</text>", svg)
    assert {"2", "1", "3"} <= set(texts)
    assert svg == class_page.histogram([0, 0, 5, 10, 10, 10], 10)
