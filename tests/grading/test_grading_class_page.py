"""The instructor's page: statistics by hand arithmetic, and nothing that a name could break."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from grading import class_page
from grading.__main__ import main
from grading.assignment import load
from grading.class_results import CheckScore, Grade, StudentResult, read_results
from grading.notes import read_notes
from grading.similarity import Pair, Similarity

ASSIGNMENT = load("matrices")
FIRST, SECOND = ASSIGNMENT.checks


def result(name: str, first: float | None, second: float = 0.0) -> StudentResult:
    """A student's result with these scores; None: the grader failed."""
    checks = (
        ()
        if first is None
        else (
            CheckScore(
                FIRST.id, FIRST.title, first, FIRST.points, first == FIRST.points, True, 1, 9
            ),
            CheckScore(SECOND.id, SECOND.title, second, SECOND.points, second > 0, True, 1, 9),
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
    rows = [result(name, 0, 1) for name in ("a", "b", "c", "d", "e", "f")]
    found_by = {"a": known.name, "b": known.name, "c": ""}
    notes = {row.id: {FIRST.id: found_by.get(row.id, "not started")} for row in rows}
    found = class_page.mistakes(ASSIGNMENT, rows, notes)
    assert found == (
        class_page.MistakeFound(FIRST.title, known.name, ("a", "b")),
        class_page.MistakeFound(FIRST.title, "", ("c",)),
        class_page.MistakeFound(FIRST.title, "not started", ("d", "e", "f")),
    )


HALF_OF_IT = """
import numpy as np
def adagrad_step(x, grad, s, lr, eps):
    s = s + grad**2
    return x - lr * grad / np.sqrt(s + eps), s
"""


def test_a_mistake_in_a_hidden_check_is_on_the_instructors_page_and_on_no_students(tmp_path):
    (tmp_path / "an.py").write_text(HALF_OF_IT)
    (tmp_path / "salt").write_text("0123456789abcdef")
    output, noted = tmp_path / "an", tmp_path / "instructor" / "an.json"
    command = ["grade", str(tmp_path / "an.py"), "--output", str(output), "--notes", str(noted)]
    done = CliRunner().invoke(main, [*command, "--salt", str(tmp_path / "salt")])
    assert done.exit_code == 0, done.output
    shipped = load("adagrad")
    (hidden,) = [check for check in shipped.checks if check.id == "adagrad_step_shapes"]
    notes = read_notes([noted])
    assert notes["an"][hidden.id] == "eps inside the root"
    assert notes["an"]["grad_f1"] == ""  # it is missing, which is no known mistake
    page = class_page.page(
        shipped, read_results([output / "results.json"]), [Grade("an", 7.0, "an")], notes, None
    )
    rows = re.findall(r"<tr><td>([^<]+)</td><td>([^<]+)</td><td class=.number.>1</td>", page)
    assert (hidden.title, "eps inside the root") in rows
    for handed_out in output.iterdir():
        assert hidden.title not in handed_out.read_text(encoding="utf-8")
        assert "eps inside the root" not in handed_out.read_text(encoding="utf-8")


def taken(name: str, **passed: bool) -> StudentResult:
    """A student's result of these checks of the shipped assignment."""
    checks = tuple(CheckScore(a, a, b, 1, b, True, 1, 9) for a, b in passed.items())
    return StudentResult(name, "graded", 1.0, 100, "", "adagrad", 5, checks, Path(name), "")


def test_who_is_right_on_the_visible_inputs_only_is_named_once_and_by_function():
    shipped = load("adagrad")
    rows = [
        taken("table", grad_f1=True, grad_f1_hidden=False, grad_f2=True, grad_f2_hidden=False),
        taken("honest", grad_f1=True, grad_f1_hidden=True, grad_f2=False, grad_f2_hidden=False),
        taken("lucky", grad_f1=True, grad_f1_hidden=False, grad_f2=True),
    ]
    assert class_page.known_only(shipped, rows) == (
        class_page.KnownOnly("grad_f1", ("table", "lucky")),
        class_page.KnownOnly("grad_f2", ("table",)),
    )
    page = class_page.page(shipped, rows, [Grade("table", 1.0, "table")], {}, None)
    assert re.search(r"<code>grad_f1</code>.*?>2<.*?table, lucky", page, re.S)


def test_a_twin_repeats_no_failure_of_its_first_among_the_mistakes():
    shipped = load("adagrad")
    first, twin = (one for one in shipped.checks if one.id in ("grad_f1", "grad_f1_hidden"))
    both = taken("both", grad_f1=False, grad_f1_hidden=False)
    one = taken("one", grad_f1=True, grad_f1_hidden=False)
    notes = {"both": {"grad_f1": "sign", "grad_f1_hidden": "not run"}, "one": {}}
    assert class_page.mistakes(shipped, [both, one], notes) == (
        class_page.MistakeFound(first.title, "sign", ("both",)),
        class_page.MistakeFound(twin.title, "", ("one",)),
    )


def test_accepted_proofs_are_listed_shortest_first_for_a_person_to_read():
    shipped = load("adagrad")
    (proof,) = [check for check in shipped.checks if check.id == "proof_of_gerschgorin"]

    def proved(name: str, steps: int, passed: bool = True) -> StudentResult:
        check = CheckScore(proof.id, proof.title, 10 * passed, 10, passed, True, 0, steps)
        return StudentResult(name, "graded", 10, 100, "", "", 1, (check,), Path(name), "")

    class_of_three = [proved("an", 8), proved("bo", 5), proved("cu", 1, passed=False)]
    found = class_page.short_proofs(shipped, class_of_three)
    assert [(each.student, each.steps) for each in found] == [("bo", 5), ("an", 8)]


def test_a_name_is_shown_without_what_moodle_puts_behind_it():
    assert class_page.short("Nguyễn_An_501_assignsubmission_file_") == "Nguyễn_An_501"
    assert class_page.short("an") == "an"


def test_notes_that_are_none_are_refused(tmp_path):
    (tmp_path / "an.json").write_text("[]")
    with pytest.raises(ValueError, match=r"an\.json: no notes of this grader"):
        read_notes([tmp_path / "an.json"])


def test_the_page_escapes_names_loads_nothing_and_names_faults_and_pairs():
    evil = "<script>alert(1)</script>"
    page = class_page.page(
        ASSIGNMENT,
        [result(evil, 1), result("broken", None)],
        [Grade(evil, 1.0, evil), Grade("broken", None, "broken")],
        {},
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
        ASSIGNMENT, [result("a", 1)], [Grade("a", 1.0, "a")], {}, None, "it <ran> out"
    )
    assert "Not compared: it &lt;ran&gt; out." in page


def test_the_histogram_counts_every_student_once():
    svg = class_page.histogram([0, 0, 5, 10, 10, 10], 10)
    texts = re.findall(r">(\d+)</text>", svg)
    assert {"2", "1", "3"} <= set(texts)
    assert svg == class_page.histogram([0, 0, 5, 10, 10, 10], 10)
