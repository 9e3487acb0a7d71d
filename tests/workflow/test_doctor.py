"""`make doctor`: what it says of a machine, and what it calls needed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow"))

import doctor  # noqa: E402


def examined(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(ROOT / "workflow" / "doctor.py"), *arguments],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What is found where no program is on the path, and no data on the machine; by name."""
    empty = tmp_path_factory.mktemp("nothing")
    done = examined(
        "--json", PATH=str(empty), REGRAD_CACHE=str(empty), REGRAD_DATA_MIRROR=f"{empty}/no-folder"
    )
    assert done.returncode == 1  # there is no bash
    return {each["name"]: each for each in json.loads(done.stdout)}


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        ("LuaLaTeX", "no report.pdf"),
        ("bubblewrap", "no grading"),
        ("SLURM", "no jobs on a cluster"),
        ("GPU", "reduced sizes"),
        ("Chromium", "skipped"),
        ("git", "which commit"),
    ],
)
@pytest.mark.slow
def test_a_program_that_is_not_there_is_named_with_its_cost(bare, name, cost):
    assert not bare[name]["there"]
    assert cost in bare[name]["cost"]
    assert not bare[name]["needed"]


def test_without_bash_nothing_runs(bare):
    assert (bare["bash"]["there"], bare["bash"]["needed"]) == (False, True)
    assert bare["Python"]["there"]


def test_data_that_is_not_here_and_a_mirror_that_is_no_folder_are_told(bare):
    assert "not here" in bare["data: rcv1"]["found"]
    (mirror,) = (each for name, each in bare.items() if name.startswith("mirror"))
    assert (mirror["there"], mirror["found"]) == (False, "no such folder")


def test_packages_are_held_against_the_lock():
    missing = doctor.packages("numpy==2.4.6\nno-such-package==1.0\n")
    assert (missing.there, missing.needed) == (False, True)
    assert "1 of 2 are missing: no-such-package" in missing.found
    other = doctor.packages("# a note\nnumpy==0.0.1\nscipy>=1\n")
    assert (other.there, other.needed) == (False, False)
    assert "locked 0.0.1" in other.found
    assert doctor.packages((ROOT / "requirements.lock").read_text(encoding="utf-8")).there


def test_the_table_marks_what_is_needed_and_tells_costs_of_what_is_not_there():
    shown = doctor.table(
        [
            doctor.Finding("Python", True, "3.11", "unseen", needed=True),
            doctor.Finding("bash", False, "no bash", "nothing runs", needed=True),
            doctor.Finding("GPU", False, "none", "small sizes"),
        ]
    )
    assert shown.splitlines() == [
        "ok      Python  3.11",
        "NEEDED  bash    no bash: nothing runs",
        "lacks   GPU     none: small sizes",
    ]
