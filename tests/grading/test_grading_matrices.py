"""The second assignment: other functions, shapes and numbers of values; the same grader."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from grading.assignment import load
from grading.check import Case, Check
from grading.checks import gerschgorin_discs, precondition
from grading.finding import CheckResult
from grading.judge import judge
from grading.submission import freeze

CODE = """
import numpy as np
def gerschgorin_discs(matrix):
    centres = np.diag(matrix)
    return centres, {radii}
def precondition(matrix):
    scale = np.diag({scale})
    return {product}
"""


def code(
    radii: str = "np.abs(matrix).sum(axis=1) - np.abs(centres)",
    scale: str = "1 / np.sqrt(np.diag(matrix))",
    product: str = "scale @ matrix @ scale",
) -> str:
    return CODE.format(radii=radii, scale=scale, product=product)


RIGHT = code()


def graded(tmp_path: Path, text: str) -> dict[str, CheckResult]:
    (tmp_path / "matrices.py").write_text(text)
    found = judge(freeze(tmp_path / "matrices.py", tmp_path / "frozen"), load("matrices"))
    return {result.check.id: result for result in found}


def test_a_right_submission_earns_every_check(tmp_path):
    found = graded(tmp_path, RIGHT)
    assert [result.score for result in found.values()] == [6, 4]


def test_each_check_is_judged_by_itself(tmp_path):
    found = graded(tmp_path, RIGHT.replace("def precondition", "import os\ndef other"))
    assert [result.score for result in found.values()] == [6, 0]
    assert "defines no function precondition" in found["precondition"].cause


@pytest.mark.slow
def test_one_check_that_never_ends_costs_the_other_nothing(tmp_path, monkeypatch):
    checks = tuple(dataclasses.replace(check, seconds=1) for check in load("matrices").checks)
    short = dataclasses.replace(load("matrices"), checks=checks)
    monkeypatch.setattr(f"{__name__}.load", lambda _: short)
    found = graded(tmp_path, RIGHT.replace("    centres =", "    while True: pass\n    centres ="))
    assert [result.score for result in found.values()] == [0, 4]


WRONG = {
    "diagonal in the radius": code(radii="np.abs(matrix).sum(axis=1)"),
    "columns for rows": code(radii="np.abs(matrix).sum(axis=0) - np.abs(centres)"),
    "absolute value missing": code(radii="matrix.sum(axis=1) - centres"),
    "absolute value last": code(radii="np.abs(matrix.sum(axis=1) - centres)"),
    "one side only": code(scale="1 / np.diag(matrix)", product="scale @ matrix"),
    "roots missing": code(scale="1 / np.diag(matrix)"),
    "multiplied": code(scale="np.sqrt(np.diag(matrix))"),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_known_mistake_gets_its_own_explanation(tmp_path, name):
    found = graded(tmp_path, WRONG[name])
    (result,) = [result for result in found.values() if result.status != "passed"]
    assert name in {mistake.name for mistake in result.check.check.mistakes}
    explanations = {m.name: m.explanation for m in result.check.check.mistakes}
    assert result.explanation == explanations[name]


def test_every_mistake_of_these_checks_is_tested():
    named = {m.name for c in (gerschgorin_discs, precondition) for m in c.CHECK.mistakes}
    assert named == set(WRONG)


def test_a_matrix_is_shown_with_its_rows(tmp_path):
    assert graded(tmp_path, WRONG["roots missing"])["precondition"].cause == (
        "For matrix = [[4]] your precondition returned preconditioned = [[0.25]]; "
        "expected preconditioned = [[1]]."
    )


def test_the_references_agree_with_arithmetic_by_hand():
    case = Case({"matrix": np.array([[4.0, -1.0, 2.0], [-1.0, 9.0, 3.0], [2.0, 3.0, 16.0]])})
    centres, radii = gerschgorin_discs.CHECK.expected(case)
    np.testing.assert_array_equal(centres, [4, 9, 16])
    np.testing.assert_array_equal(radii, [3, 4, 5])
    (scaled,) = precondition.CHECK.expected(case)
    # -1 / (2 * 3), 2 / (2 * 4), 3 / (3 * 4); the roots are whole, so one rounding is left.
    by_hand = [[1, -1 / 6, 1 / 4], [-1 / 6, 1, 1 / 4], [1 / 4, 1 / 4, 1]]
    np.testing.assert_allclose(scaled, by_hand, rtol=2.3e-16)


@pytest.mark.parametrize("check", [gerschgorin_discs.CHECK, precondition.CHECK])
def test_every_case_that_can_be_asked_has_a_finite_answer(check: Check):
    drawn = [check.draw_cases(np.random.default_rng(seed)) for seed in range(20)]
    cases = [case for some in drawn for case in some]
    smaller = [small for case in cases for small in check.smaller_cases(case)]
    for case in (*check.simple_cases, *cases, *smaller):
        assert all(np.all(np.isfinite(value)) for value in check.expected(case))
