"""A new assignment grades at once; it is made in a copy of the project, as an instructor's is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grading import new_assignment

ROOT = Path(__file__).parents[2]
ROOMS = ("grading", "optim", "proofs", "language")


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grading", *words]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.slow
def test_one_command_makes_an_assignment_that_accepts_right_and_explains_wrong(project):
    made = run(project, "new-assignment", "means")
    assert made.returncode == 0, made.stderr
    assert "make grade ASSIGNMENT=means SUBMISSIONS=examples/means" in made.stdout
    right = run(project, "check", "--assignment", "means", "examples/means/right")
    assert (right.returncode, right.stdout.splitlines()[-1]) == (
        0,
        "On the visible checks: 1 of 1 (1 passed)",
    )
    wrong = run(project, "check", "--assignment", "means", "examples/means/wrong")
    assert wrong.returncode == 1
    assert "For x = [-2] your mean_square returned mean = 2; expected mean = 4." in wrong.stdout
    assert "You return the root of the mean." in wrong.stdout
    assert "(0.5 of 1; 3 more on inputs that are not shown)" in wrong.stdout
    again = run(project, "new-assignment", "means")
    assert again.returncode == 2
    assert "grading/assignments/means.yaml is there already" in again.stderr


@pytest.mark.parametrize("name", ["../up", "Means", "1a", "a b", ""])
def test_a_name_that_cannot_be_a_file_and_a_module_is_refused(name):
    with pytest.raises(ValueError, match="expected a name of a-z"):
        new_assignment.create(name)
