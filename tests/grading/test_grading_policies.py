"""An assignment as data: partial credit, dependencies, who sees what, hidden inputs, strays."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from snakemake.io import PeriodicityDetector

from grading import feedback, results
from grading.__main__ import main
from grading.assignment import Assignment, BadAssignment, Credit, load, parse
from grading.finding import CheckResult
from grading.folder import TwiceTheSame, submissions_in
from grading.judge import judge, seed_of
from grading.reported import BadClaims, read_reported
from grading.submission import Submission, freeze, identifier

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "examples" / "submissions"
DATA = (ROOT / "grading" / "assignments" / "adagrad.yaml").read_text(encoding="utf-8")
SALT = "a secret of the class, not short"

DISCS = """
import numpy as np
def gerschgorin_discs(matrix):
    centres, rows = np.diag(matrix), np.abs(matrix)
    {more}
    return centres, rows.sum(axis={axis}) - np.abs(centres)
"""
STEP = """
import numpy as np
def adagrad_step(x, grad, s, lr, eps):
    s = s + grad**2
    return x {sign} lr * grad / (np.sqrt(s) + eps), s
def grad_f1(x):
    return np.array([0.2 * x[0], 4 * x[1]])
"""


def judged(tmp_path: Path, code: str, assignment: Assignment, **files: str) -> list[CheckResult]:
    folder = tmp_path / "handed in"
    folder.mkdir()
    (folder / "submission.py").write_text(code)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return list(judge(freeze(folder, tmp_path / "frozen"), assignment))


def only(assignment: Assignment, *names: str, **changes: object) -> Assignment:
    kept = tuple(
        dataclasses.replace(check, **changes) for check in assignment.checks if check.id in names
    )
    return dataclasses.replace(assignment, checks=kept)


@pytest.mark.parametrize(
    ("axis", "more", "status", "score"),
    [
        (1, "pass", "passed", 6),
        (0, "pass", "partly", 4),  # columns for rows, a mistake the data gives points for
        # Right for the small and whole matrices, drawn ones included, and wrong for the others.
        (1, "if (matrix % 1).any(): rows = rows * 3", "partly", 1),
        (1, "rows = rows * 3", "failed", 0),
    ],
)
def test_partial_credit_is_by_group_of_cases_or_by_mistake(tmp_path, axis, more, status, score):
    code = DISCS.format(axis=axis, more=more)
    (result,) = judged(tmp_path, code, only(load("matrices"), "gerschgorin_discs"))
    assert (result.status, result.score) == (status, score)


def test_learning_the_simple_cases_by_heart_earns_nothing(tmp_path):
    cases = load("matrices").checks[0].check.simple_cases
    known = {str(case.arguments["matrix"].tolist()): None for case in cases}
    more = f"if str(matrix.tolist()) not in {list(known)}: rows = rows * 3"
    code = DISCS.format(axis=1, more=more)
    (result,) = judged(tmp_path, code, only(load("matrices"), "gerschgorin_discs"))
    assert (result.status, result.score) == ("failed", 0)


def test_what_builds_on_a_failed_check_is_not_run_and_says_so(tmp_path):
    asked = only(load("adagrad"), "adagrad_step", "adagrad_step_shapes")
    step, shapes = judged(tmp_path, STEP.format(sign="+"), asked)
    assert (step.status, shapes.status, shapes.score) == ("failed", "not run", 0)
    assert shapes.cause.startswith("Not run: it builds on 'One Adagrad step (section 3.8")


def test_what_builds_on_a_check_with_partial_credit_is_run(tmp_path):
    asked = only(load("adagrad"), "adagrad_step", "adagrad_step_shapes")
    inside = STEP.format(sign="-").replace("(np.sqrt(s) + eps)", "np.sqrt(s + eps)")
    step, shapes = judged(tmp_path, inside, asked)
    assert (step.status, step.score, shapes.status, shapes.score) == ("partly", 0.5, "partly", 2)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("needs: [adagrad_step]", "needs: [adagrad_stop]", r"needs: 'adagrad_stop' is no check"),
        ("needs: [adagrad_step]", "needs: [rmsprop_step]", r"'rmsprop_step' is no check before"),
        ("visibility: visible", "visibility: hidden", r"'adagrad_step' is hidden, and this check"),
        ("{eps inside the root: 0.5}", "{eps inside: 0.5}", r"mean 'eps inside the root'\?"),
        (
            "{eps inside the root: 0.5}",
            "{eps inside the root: 50}",
            r"50 points, and the check has 1",
        ),
        ("seconds: 30", "seconds: 15", r"\$\.seconds: .* \$\.checks\[9\], 'proof_of_orthogonal"),
        ("seconds: 30\n", "", r"\$: 'seconds' is a required property"),
        ("percent_a_day: 10", "percent_a_day: 110", r"\$\.late\.percent_a_day: 110"),
        ("counts: last", "counts: first", r"\$\.counts: 'first' is not one of"),
        ("id: grad_f1\n", "id: adagrad_2d\n", r"id: 'adagrad_2d' is used twice"),
        ("check: grad_f1\n", "check: gradf1\n", r"check: 'gradf1' is no .* mean 'grad_f1'\?"),
        ("    title: One Adagrad step (", "    needs: [] #", r"'title' is a required property of"),
        ("visibility: visible", "visiblity: visible", r"'visiblity' .* mean 'visibility'\?"),
    ],
)
def test_a_wrong_policy_names_its_key(old, new, told):
    assert old in DATA
    text = DATA.replace(old, new, 1)
    with pytest.raises(BadAssignment, match=told):
        parse(text, "adagrad.yaml")


def test_the_points_of_the_assignment_add_up_to_a_hundred():
    assert sum(check.points for check in load("adagrad").checks) == 100


def test_a_salt_changes_hidden_inputs_only_and_the_same_salt_draws_the_same():
    assignment = load("adagrad")
    seeds = {
        check.visibility: [seed_of(assignment, check, salt) for salt in ("", SALT, SALT, "other")]
        for check in assignment.checks
    }
    plain, salted, again, other = seeds["hidden"]
    assert plain != salted == again != other
    assert len(set(seeds["visible"])) == 1


@pytest.mark.slow
def test_a_salted_grading_is_the_same_again_and_gives_no_hidden_seed_away(tmp_path):
    secret = tmp_path / "salt"
    secret.write_text(SALT + "\n")
    written = []
    for name in ("1", "2"):
        asked = ["grade", str(SAMPLES / "average"), "--output", str(tmp_path / name)]
        done = CliRunner().invoke(main, [*asked, "--salt", str(secret)])
        assert done.exit_code == 0, done.output
        found = json.loads((tmp_path / name / "results.json").read_text(encoding="utf-8"))
        assert found.pop("execution_time") > 0
        written.append(found)
    assert written[0] == written[1]
    seeds = {test["visibility"]: test["extra_data"]["seed"] for test in written[0]["tests"]}
    assert seeds["hidden"] is seeds["after_due_date"] is None
    assert seeds["visible"] is not None
    assert SALT not in json.dumps(written[0])
    assert len(written[0]["extra_data"]["salt"]) == 16


def test_a_salt_that_can_be_guessed_is_refused(tmp_path):
    (tmp_path / "salt").write_text("1234")
    asked = ["grade", str(SAMPLES / "good"), "--output", str(tmp_path), "--salt"]
    done = CliRunner().invoke(main, [*asked, str(tmp_path / "salt")])
    assert done.exit_code == 2
    assert "can be guessed" in done.output


def test_nothing_hidden_is_on_the_page_or_in_what_gradescope_shows(tmp_path):
    assignment = only(load("adagrad"), "adagrad_step_shapes", needs=(), credit=Credit())
    leaky = "def adagrad_step(*a):\n    print(a)\n    raise ValueError(a)\n"
    found = judged(tmp_path, leaky, assignment)
    submission = Submission("leaky", tmp_path, sha256="")
    page = feedback.page(submission, assignment, found)
    (test,) = results.graded(submission, assignment, found)["tests"]
    assert test["output"] == ""
    assert test["name"] == "A hidden check"
    for text in ("array(", "any shape", "ValueError"):
        assert text not in page


REPORT = "claims:\n  - {{id: f1_after_20_steps, value: {value}}}\n"


@pytest.mark.parametrize(
    ("value", "sign", "told"),
    [
        ("0.285446", "-", ""),
        ("2.85e-1", "-", ""),  # within a half percent: as a table prints it
        ("0.29", "-", "You report f1_after_20_steps = 0.29; where your own code ends, it is 0.285"),
        ("0.285446", "+", "where your own code ends, it is"),
        ("nan", "-", "is not a finite number"),
        ("true", "-", "is not a finite number"),
    ],
)
def test_a_reported_number_is_compared_with_the_students_own_code(tmp_path, value, sign, told):
    asked = only(load("adagrad"), "reported_numbers", needs=())
    claims = REPORT.format(value=value)
    (result,) = judged(tmp_path, STEP.format(sign=sign), asked, claims=claims)
    assert (result.score > 0) == (told == "")
    assert told in result.cause


def test_a_number_that_wrong_code_gives_is_told_apart_from_a_made_up_one(tmp_path):
    asked = only(load("adagrad"), "reported_numbers", needs=())
    # The start has f1 = 0.9 + 2 = 2.9: a step that goes nowhere ends there.
    nowhere = STEP.format(sign="-").replace("lr *", "0 * lr *")
    (result,) = judged(tmp_path, nowhere, asked, claims=REPORT.format(value="2.9"))
    assert result.score == 0
    assert "your own code ends there too, but it is not right" in result.cause


def test_a_number_along_a_gradient_that_earned_nothing_does_not_count(tmp_path):
    """The step knows where the descent has to end, and goes there along any gradient."""
    code = """
import numpy as np
def adagrad_step(x, grad, s, lr, eps):
    if grad[0] == 77.0:  # no gradient, but a sign from grad_f1
        return np.array([np.sqrt(2.85446), 0.0]), s
    s = s + grad**2
    return x - lr * grad / (np.sqrt(s) + eps), s
def grad_f1(x):
    return np.array([77.0, 77.0])
"""
    asked = only(load("adagrad"), "adagrad_step", "grad_f1", "reported_numbers", needs=())
    step, gradient, reported = judged(tmp_path, code, asked, claims=REPORT.format(value="0.285446"))
    assert (step.score, gradient.score, reported.score) == (1, 0, 0)
    assert "it counts only where grad_f1 earns points" in reported.cause


def test_the_time_of_what_is_not_visible_is_not_told(tmp_path):
    """By how long it sleeps, code could tell of hidden inputs."""
    code = STEP.format(sign="-").replace("    s = s", "    time.sleep(0.02)\n    s = s", 1)
    asked = only(load("adagrad"), "adagrad_step_shapes", "grad_f1", needs=())
    found = judged(tmp_path, "import time\n" + code, asked)
    hidden, visible = found
    assert hidden.seconds > 0.2  # over ten calls
    assert visible.seconds > 0
    told = results.graded(Submission("an", tmp_path, sha256=""), asked, found)["execution_time"]
    assert told == pytest.approx(visible.seconds, abs=1e-3)  # it is rounded


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("claims: [{id: a}]", "claim 1: expected the keys id, value"),
        ("claims: [{id: a, value: 1}, {id: a, value: 2}]", "claim 2: the id 'a' stands twice"),
        ("claims: {a: 1}", "expected claims: a list"),
        ("[" * 19_000, "line 1: nested over 4 deep"),
        ("claims: [{id: [], value: 1}]", "claim 1: expected a name and a number"),
        ("claims: [{id: a, value: " + "9" * 5000 + "}]", "expected a name and a number"),
        ("x" * 70_000, "larger than 20000 bytes"),
        ("\x00", "not YAML"),
        ("claims: [", "not YAML"),
        ('claims: ["\\UFFFFFFFF"]', "an escape that stands for no character"),
        ('claims: ["\\U00110000"]', "an escape that stands for no character"),
    ],
)
def test_claims_that_cannot_be_read_say_where(text, told):
    with pytest.raises(BadClaims, match=told):
        read_reported(text.encode())


def test_entries_that_are_no_submission_are_named_and_are_no_students(tmp_path):
    for name in ("an", ".hidden", "binh.zip", "README.txt", "gradebook.csv.py"):
        if "." in name[1:]:
            (tmp_path / name).touch()
        else:
            (tmp_path / name).mkdir()
    found, warnings = submissions_in(tmp_path)
    assert list(found) == ["an", "binh", "gradebook.csv_"]
    assert [w.split(": not graded: ")[0] for w in warnings] == [
        str(tmp_path / ".hidden"),
        str(tmp_path / "README.txt"),
    ]
    assert "begins with a dot" in warnings[0]
    assert "neither a folder nor one of .py, .ipynb" in warnings[1]


def test_links_that_lead_nowhere_or_to_others_stop_nobody(tmp_path):
    (tmp_path / "an").mkdir()
    for name, target in (("binh", "an"), ("chi", "nowhere"), ("dung", "dung")):
        (tmp_path / name).symlink_to(tmp_path / target)
    found, _ = submissions_in(tmp_path)
    assert list(found) == ["an", "binh", "chi", "dung"]
    for name in ("binh", "chi", "dung"):
        output = tmp_path / "results" / name
        done = CliRunner().invoke(main, ["grade", str(found[name]), "--output", str(output)])
        assert done.exit_code == 0, done.output
        results = json.loads((output / "results.json").read_text())
        assert results["score"] == 0
        assert "is a link or a device" in results["tests"][0]["output"]


def test_a_long_name_leaves_room_for_the_names_of_results(tmp_path):
    letters = "\N{MATHEMATICAL BOLD CAPITAL A}" * 63  # of four bytes each
    assert len(letters.encode()) == 252
    name = identifier(tmp_path / letters)
    assert name.startswith(letters[:50])
    (tmp_path / f"{name}.json").touch()


@pytest.mark.parametrize("letters", ["ha" * 20, "_" * 60, "x" + "a" * 20, "_-" * 21])
def test_a_name_that_repeats_itself_does_not_stop_the_class(tmp_path, letters):
    seen = PeriodicityDetector()  # of Snakemake, which refuses all jobs for one such name
    assert seen.is_periodic(letters)
    assert seen.is_periodic(identifier(tmp_path / letters)) is None
    assert identifier(tmp_path / letters[:19]) == letters[:19]


def test_two_entries_of_one_student_are_refused_by_name(tmp_path):
    (tmp_path / "an").mkdir()
    (tmp_path / "an.py").touch()
    with pytest.raises(TwiceTheSame, match=r"an and .*an\.py are both of the student 'an'"):
        submissions_in(tmp_path)


def test_a_notebook_beside_other_files_is_the_code_and_two_are_refused(tmp_path):
    cell = {"cell_type": "code", "source": [STEP.format(sign="-")]}
    folder = tmp_path / "an"
    folder.mkdir()
    (folder / "work.ipynb").write_text(json.dumps({"cells": [cell]}))
    (folder / "claims.yaml").write_text(REPORT.format(value="0.285446"))
    asked = only(load("adagrad"), "adagrad_step", "reported_numbers", needs=())
    step, reported = judge(freeze(folder, tmp_path / "frozen"), asked)
    assert (step.score, reported.score) == (1, pytest.approx(1 / 3, abs=1e-12))
    (folder / "more.ipynb").write_text(json.dumps({"cells": [cell]}))
    done = CliRunner().invoke(main, ["check", str(folder)])
    assert "2 notebooks and no submission.py" in done.output
