"""From the command line to the files: samples, scores, pages, the gradebook, and grader faults."""

from __future__ import annotations

import copy
import csv
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from grading import feedback, gradebook, results
from grading.__main__ import main
from grading.assignment import BadAssignment, parse
from grading.checks import adagrad_step
from grading.judge import judge
from grading.submission import freeze, identifier

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "examples" / "submissions"


def grade(submission: Path, output: Path) -> dict:
    done = CliRunner().invoke(main, ["grade", str(submission), "--output", str(output)])
    assert done.exit_code == 0, done.output
    return json.loads((output / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Callable[[str], tuple[dict, Path]]:
    """What a sample was graded with, and the folder, for tests that only read: graded once."""
    folder = tmp_path_factory.mktemp("graded")
    found: dict[str, dict] = {}

    def once(sample: str) -> tuple[dict, Path]:
        if sample not in found:
            found[sample] = grade(SAMPLES / sample, folder / sample)
        return copy.deepcopy(found[sample]), folder / sample

    return once


@pytest.mark.slow
def test_the_good_sample_earns_everything(graded):
    found, folder = graded("good")
    assert (found["score"], found["max_score"]) == (100, 100)
    assert {test["status"] for test in found["tests"]} == {"passed"}
    page = (folder / "feedback.html").read_text(encoding="utf-8")
    # Hidden checks count in the score, and not on the page.
    assert "28 <small>of 28 points</small>" in page
    assert "All 57 cases were right." in page


# Half for eps in the other place, a part for the indented reset, a third of the numbers.
AVERAGE = {
    "adagrad_step": 0.5,
    "adagrad_step_shapes": 2,
    "adagrad_2d": 0.75,
    "init_adagrad_states": 1,
    "adagrad": 0.6,
    "grad_f1": 1,
    "grad_f2": 1,
    "grad_f1_rotated": 0.4,
    "reported_numbers": 1 / 3,
    "proof_of_orthogonal_invariance": 0,
    "proof_of_gerschgorin": 0,
    "gerschgorin_discs": 1,
    "precondition": 0,
    "rmsprop_step": 0,
    "adagrad_step_hidden": 4.5,
    "adagrad_2d_hidden": 5.25,
    "init_adagrad_states_hidden": 2,
    "adagrad_hidden": 5.4,
    "grad_f1_hidden": 3,
    "grad_f2_hidden": 5,
    "grad_f1_rotated_hidden": 1.6,
    "reported_numbers_hidden": 3,
    "gerschgorin_discs_hidden": 5,
    "rmsprop_step_hidden": 0,
}


def told_by_the_judge(found: dict) -> list[str]:
    """Causes, explanations and credits in a results.json, without what students' code printed."""
    outputs = [test["output"].split("What your code printed:\n")[0] for test in found["tests"]]
    return [part for output in outputs for part in output.split("\n\n") if part]


@pytest.mark.slow
def test_the_average_sample_is_told_its_mistake_on_its_page(graded, untranslated):
    found, folder = graded("average")
    told = told_by_the_judge(found)
    assert len(told) > 10
    assert [text for text in told if untranslated(text)] == []
    page = (folder / "feedback.html").read_text(encoding="utf-8")
    for text in (found["tests"][0]["output"], page):
        assert "move eps out of the root" in text
        assert "expected x = [0.5], s = [1]" in text
        assert "Everything but this was right." in text
    scores = {test["extra_data"]["check"]: test["score"] for test in found["tests"]}
    assert scores == AVERAGE


@pytest.mark.slow
def test_the_hostile_sample_earns_nothing_and_none_of_its_attacks_works(graded, untranslated):
    found, output = graded("hostile")
    assert [text for text in told_by_the_judge(found) if untranslated(text)] == []
    assert found["score"] == 0
    assert {test["status"] for test in found["tests"]} == {"failed"}
    told = found["tests"][0]["output"]
    # The sample prints one line per attack; every one must have run, and failed.
    lines = told.split("What your code printed:\n")[1].splitlines()
    attacks = [line for line in lines if ": no (" in line or ": YES" in line]
    assert len(attacks) == 14
    assert [line for line in attacks if "YES" in line] == []
    assert sorted(path.name for path in output.iterdir()) == ["feedback.html", "results.json"]
    kept = ["claims.yaml", "proofs", "submission.py"]
    assert sorted(path.name for path in (SAMPLES / "hostile").iterdir()) == kept


@pytest.mark.slow
def test_figures_and_tables_are_listed_for_a_person_and_code_is_not(tmp_path):
    handed_in = tmp_path / "an"
    shutil.copytree(SAMPLES / "good", handed_in)
    (handed_in / "curve.png").write_bytes(b"no picture")
    (handed_in / "tables").mkdir()
    (handed_in / "tables" / "losses <b>.csv").write_text("epoch,loss")
    grade(handed_in, tmp_path / "out")
    page = (tmp_path / "out" / "feedback.html").read_text(encoding="utf-8")
    listed = page[page.index("no check reads these files") :]
    assert "<code>curve.png</code>, <code>tables/losses &lt;b&gt;.csv</code>" in listed
    assert "claims.yaml" not in listed


@pytest.mark.slow
def test_what_a_student_prints_is_escaped_on_the_page(graded):
    page = (graded("hostile")[1] / "feedback.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(" in page
    assert "<script" not in page


@pytest.mark.slow
def test_the_results_follow_gradescopes_schema(graded):
    found, _ = graded("average")
    assert {type(found[key]) for key in ("score", "max_score", "execution_time")} <= {int, float}
    assert found["output_format"] in ("text", "html", "simple_format", "md", "ansi")
    assert found["visibility"] in ("hidden", "after_due_date", "after_published", "visible")
    for test in found["tests"]:
        assert test["status"] in ("passed", "failed")
        assert 0 <= test["score"] <= test["max_score"]
    assert isinstance(found["extra_data"], dict)


@pytest.mark.parametrize("sample", ["good", "average", "hostile"])
@pytest.mark.slow
def test_grading_again_changes_nothing_but_the_time(graded, tmp_path, sample):
    first, _ = graded(sample)
    second = grade(SAMPLES / sample, tmp_path)
    assert first.pop("execution_time") > 0
    assert second.pop("execution_time") > 0
    assert first == second


@pytest.mark.parametrize("visibility", ["hidden", "after the deadline"])
def test_a_check_that_is_not_visible_gives_nothing_away(assignment, tmp_path, visibility):
    leaky = tmp_path / "leaky.py"
    leaky.write_text("def adagrad_step(*a):\n    print(a)\n    raise ValueError(a)\n")
    checks = tuple(dataclasses.replace(c, visibility=visibility) for c in assignment.checks)
    secret = dataclasses.replace(assignment, checks=checks)
    frozen = freeze(leaky, tmp_path / "frozen")
    found = judge(frozen, secret)
    page = feedback.page(frozen, secret, found)
    written = results.graded(frozen, secret, found)
    (test,) = written["tests"]
    assert "array(" not in page
    assert "Adagrad step" not in page
    assert "1 check is not shown here" in page
    assert secret.visible().checks == ()
    if visibility == "hidden":
        assert (test["visibility"], test["name"], test["output"]) == (
            "hidden",
            "A hidden check",
            "",
        )
    else:
        # Gradescope shows it after the date; what the code printed with the inputs, never.
        assert test["visibility"] == "after_due_date"
        assert "ValueError" in test["output"]
        assert "printed" not in test["output"]


def test_a_grader_fault_is_not_a_zero(tmp_path):
    # A folder without bwrap on the PATH: grading refuses, and says what to install.
    output = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "grading", "grade", SAMPLES / "good", "--output", output],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "apt-get install bubblewrap" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    found = json.loads((output / "results.json").read_text(encoding="utf-8"))
    assert "score" not in found
    assert found["tests"] == []
    assert found["extra_data"]["status"] == "grader fault"
    page = (output / "feedback.html").read_text(encoding="utf-8")
    assert "This is not a grade" in page
    assert "score" not in page


@pytest.mark.slow
def test_the_jail_command_says_whether_a_jail_can_be_built(tmp_path):
    asked = [sys.executable, "-m", "grading", "jail"]
    works = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (works.returncode, works.stdout.strip()) == (0, "the jail works")
    without = {**os.environ, "PATH": str(tmp_path)}
    fails = subprocess.run(
        asked, cwd=ROOT, env=without, capture_output=True, text=True, check=False
    )
    assert fails.returncode == 3
    assert "apt-get install bubblewrap" in fails.stderr


@pytest.mark.slow
def test_a_class_with_one_grader_fault_still_gets_its_gradebook(graded, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "grading", "grade", SAMPLES / "average", "--output", tmp_path],
        cwd=ROOT, env={**os.environ, "PATH": str(tmp_path)}, capture_output=True, check=False,
    )  # fmt: skip
    files = [folder / "results.json" for folder in (graded("good")[1], tmp_path)]
    book = tmp_path / "gradebook.csv"
    done = subprocess.run(
        [sys.executable, "-m", "grading", "gradebook", "--output", book, "--", *files],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "by a fault of the grader: average" in done.stderr
    rows = dict(row.split(",", 2)[:2] for row in book.read_text().splitlines()[1:])
    assert rows == {"good": "graded", "average": "grader fault"}


def test_a_bwrap_that_may_do_nothing_is_a_grader_fault_too(tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.8.0 && exit\n'
        "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n"
    )
    broken.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "grading", "check", SAMPLES / "good"],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "setting up uid map: Permission denied" in done.stderr


@pytest.mark.slow
def test_a_broken_reference_is_a_grader_fault_and_not_a_students_zero(tmp_path, monkeypatch):
    broken = dataclasses.replace(adagrad_step.CHECK, expected=lambda _: 1 / 0)
    monkeypatch.setattr(adagrad_step, "CHECK", broken)
    done = CliRunner().invoke(main, ["grade", str(SAMPLES / "good"), "--output", str(tmp_path)])
    assert done.exit_code == 3
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert "score" not in found
    assert "ZeroDivisionError" in found["extra_data"]["reason"]


@pytest.mark.slow
def test_check_tells_a_student_what_the_grader_will_say():
    good = CliRunner().invoke(main, ["check", str(SAMPLES / "good")])
    assert (good.exit_code, good.output.split()[0]) == (0, "passed")
    average = CliRunner().invoke(main, ["check", str(SAMPLES / "average")])
    assert average.exit_code == 1
    assert "FAILED" in average.output
    assert "eps" in average.output


def test_a_wrong_command_line_is_told_what_is_wrong(tmp_path):
    nowhere = CliRunner().invoke(main, ["check", str(tmp_path / "nobody")])
    assert nowhere.exit_code == 2
    assert "there is no such file or folder" in nowhere.output
    unknown = CliRunner().invoke(main, ["check", str(SAMPLES / "good"), "--assignment", "adam"])
    assert unknown.exit_code == 2
    assert "there is no assignment 'adam'; known are: adagrad, matrices" in unknown.output


@pytest.mark.slow
def test_the_gradebook_has_a_row_per_student_and_no_zero_for_a_fault(graded, tmp_path):
    fault = results.fault("=cmd|'/c calc'!A1", "adagrad", "the disk was full")
    results.write(fault, tmp_path / "fault" / "results.json")
    folders = (graded("good")[1], graded("average")[1], tmp_path / "fault")
    files = [str(folder / "results.json") for folder in folders]
    output = tmp_path / "gradebook.csv"
    done = CliRunner().invoke(main, ["gradebook", *files, "--output", str(output)])
    assert done.exit_code == 0, done.output
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:5] for row in rows] == [
        ["id", "status", "score", "max_score", "raw_score"],
        ["'=cmd|'/c calc'!A1", "grader fault", "", "", ""],
        ["average", "graded", "43.3333", "100", "43.3333"],
        ["good", "graded", "100", "100", "100"],
    ]
    column = rows[0].index("adagrad_step")
    assert [row[column] for row in rows[1:]] == ["", "0.5", "1"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_starts_like_a_formula(start):
    assert gradebook.plain_cell(start + "1+1") == "'" + start + "1+1"
    assert gradebook.plain_cell(-1.5) == -1.5


def test_the_gradebook_refuses_what_is_not_a_result_and_a_student_twice(tmp_path):
    other = tmp_path / "other.json"
    other.write_text("[1]")
    with pytest.raises(ValueError, match=r"other\.json: not a results\.json"):
        gradebook.read_class([other])
    results.write(results.fault("a", "adagrad", ""), tmp_path / "a.json")
    with pytest.raises(ValueError, match="two results have the id 'a'"):
        gradebook.read_class([tmp_path / "a.json"] * 2)


def test_a_submission_that_is_not_accepted_earns_nothing_and_is_told_why(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    (source / "submission.py").symlink_to("/etc/passwd")
    found = grade(source, tmp_path / "out")
    assert found["score"] == 0
    assert "'submission.py' is a link or a device" in found["tests"][0]["output"]


def test_a_students_name_is_made_fit_for_paths_and_spreadsheets(tmp_path):
    assert identifier(tmp_path / "Nguyễn Văn A") == "Nguyễn_Văn_A"
    decomposed = unicodedata.normalize("NFD", "Nguyễn Văn A")
    assert identifier(tmp_path / decomposed) == "Nguyễn_Văn_A"
    assert identifier(tmp_path / "-=<b>") == "__b_"
    assert identifier(tmp_path / "..x.py") == "x"
    assert identifier(tmp_path / "an.tar.gz") == identifier(tmp_path / "an.zip") == "an"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("points: 1", "points: ten", r"\$\.checks\[0\]\.points: 'ten' is not of type 'number'"),
        ("seconds: 10", "second: 10", r"\$\.checks\[0\]: .*'second' was unexpected"),
        ("id: adagrad_step", "id: adam_step", r"needs a file grading/checks/adam_step\.py"),
        ("seed: 20251107", "seed: [", "not YAML"),
        ("title: Opt", "title: !!python/object/apply:os.system [ls] #", "not YAML"),
    ],
)
def test_a_wrong_assignment_names_its_key(old, new, told):
    text = (ROOT / "grading" / "assignments" / "adagrad.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(BadAssignment, match=told):
        parse(text.replace(old, new, 1), "adagrad.yaml")
