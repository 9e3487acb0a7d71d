"""Without a jail: grading refuses or, where that is asked for by name, stamps what comes out."""

from __future__ import annotations

import csv
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from grading import audit, class_page
from grading.__main__ import main
from grading.assignment import load
from grading.bench import request
from grading.class_results import read_gradebook, read_results
from grading.finding import CheckResult
from grading.jail import Jail, Limits, Run
from grading.judge import judge
from grading.submission import freeze

CODE = """
import numpy as np
def gerschgorin_discs(matrix):
    {attack}
    return np.diag(matrix), np.abs(matrix).sum(axis=1) - np.abs(np.diag(matrix))
"""
STAMP = "not isolated"


def written(folder: Path, attack: str = "") -> Path:
    path = folder / "an.py"
    path.write_text(CODE.format(attack=attack or "pass"))
    return path


@pytest.fixture
def no_bubblewrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A PATH on which there is no bwrap."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def graded(tmp_path: Path) -> Callable[..., Result]:
    """Grade a right submission into `an/`, with these options."""

    def run(*options: str) -> Result:
        source, output = written(tmp_path), tmp_path / "an"
        grade = ["grade", "--assignment", "matrices", "--output", str(output), *options]
        return CliRunner().invoke(main, [*grade, str(source)])

    return run


@pytest.mark.usefixtures("no_bubblewrap")
def test_without_bubblewrap_grading_refuses_and_says_what_to_install_and_what_the_flag_does(graded):
    done = graded()
    assert done.exit_code == 3
    for said in ("apt-get install bubblewrap", "--not-isolated", "with your rights", "stamped"):
        assert said in done.output


@pytest.mark.usefixtures("no_bubblewrap")
def test_everything_about_a_result_without_a_jail_is_stamped(graded, tmp_path):
    assert "6 of 10, not isolated" in graded("--not-isolated").output
    file = tmp_path / "an" / "results.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["extra_data"]["isolation"] == STAMP
    assert found["output"].startswith("Not isolated:")  # Gradescope shows it above the checks
    assert "Not isolated:" in (tmp_path / "an" / "feedback.html").read_text(encoding="utf-8")

    book = tmp_path / "gradebook.csv"
    named = ["--assignment", "matrices", "--output"]
    CliRunner().invoke(main, ["gradebook", *named, str(book), str(file)], catch_exceptions=False)
    (row,) = csv.DictReader(book.read_text(encoding="utf-8").splitlines())
    assert row["isolation"] == STAMP

    log = tmp_path / "audit.jsonl"
    audit.append(log, read_results([file]), "a grader")
    assert json.loads(log.read_text(encoding="utf-8"))["isolation"] == STAMP

    page = class_page.page(load("matrices"), read_results([file]), read_gradebook(book), {}, None)
    assert "<h2>Not isolated</h2>" in page

    canvas = ["canvas", *named, str(tmp_path / "canvas.csv"), "--gradebook", str(book)]
    assert "graded not isolated: an" in CliRunner().invoke(main, canvas).output


def test_where_a_jail_works_the_flag_changes_nothing(graded, tmp_path):
    assert graded("--not-isolated").exit_code == 0
    found = json.loads((tmp_path / "an" / "results.json").read_text(encoding="utf-8"))
    assert found["extra_data"]["isolation"] == "bubblewrap"
    assert found["output"] == ""
    assert "isolated" not in (tmp_path / "an" / "feedback.html").read_text(encoding="utf-8")


def test_a_mark_that_changes_in_the_jail_says_that_it_was_not_isolated_before(tmp_path):
    book = tmp_path / "gradebook.csv"
    for score, isolation in ((10, STAMP), (2, "bubblewrap")):
        about = {"id": "an", "status": "graded", "assignment": "matrices", "isolation": isolation}
        result = {"score": score, "max_score": 10, "tests": [], "extra_data": about}
        (tmp_path / "results.json").write_text(json.dumps(result))
        command = ["gradebook", "--output", str(book), str(tmp_path / "results.json")]
        assert CliRunner().invoke(main, command).exit_code == 0
    (row,) = csv.DictReader(book.read_text(encoding="utf-8").splitlines())
    assert row["changed"] == "from 10 to 2: isolation: bubblewrap"


def test_a_student_who_checks_without_a_jail_is_told_so(no_bubblewrap, tmp_path):  # noqa: ARG001
    command = ["check", "--assignment", "matrices", "--not-isolated", str(written(tmp_path))]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0
    assert done.output.startswith("Not isolated: there is no jail here")


def asked(folder: Path, attack: str, seconds: float = 20) -> tuple[Run, Path]:
    """What a worker without a jail answers, and where its folder was."""
    check = load("matrices").checks[0]
    frozen = freeze(written(folder, attack), folder / "frozen").folder / "submission.py"
    with Jail(frozen, Limits(), isolated=False) as worker:
        run = worker.run(request(check, check.check, check.check.simple_cases), seconds)
        place = worker._folder
    assert place is not None
    return run, place


def judged(folder: Path, attack: str) -> CheckResult:
    frozen = freeze(written(folder, attack), folder / "frozen")
    first, _ = judge(frozen, load("matrices"), isolated=False)
    return first


def test_the_limits_that_do_not_need_a_jail_stay(tmp_path):
    assert "MemoryError" in judged(tmp_path, "bytearray(2 * 2**30)").cause


def test_what_sleeps_is_ended_and_its_daemons_and_folder_with_it(tmp_path):
    mark = tmp_path / "daemon"
    attack = (
        f"import os, time, pathlib\n    if os.fork() == 0:\n        os.setsid()\n"
        f"        pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n    time.sleep(600)"
    )
    start = time.monotonic()
    run, place = asked(tmp_path, attack, seconds=1)
    assert run.ending != "answered"
    assert time.monotonic() - start < 15  # a start, a second, an end, on a busy machine
    assert not place.exists()
    daemon = int(mark.read_text())
    # What has ended stays in the table until the first process of this machine has read its end.
    assert not psutil.pid_exists(daemon) or psutil.Process(daemon).status() == "zombie"


def test_the_grader_does_not_lie_beside_the_code_nor_in_its_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "secret")
    attack = "import os, sys; print(sorted(os.environ)); import grading.judge"
    result = judged(tmp_path, attack)
    assert "ModuleNotFoundError: No module named 'grading'" in result.cause
    assert "TMPDIR" in result.printed
    assert "SECRET_TOKEN" not in result.printed
    assert os.environ["SECRET_TOKEN"] == "secret"
