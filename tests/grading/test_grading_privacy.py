"""Which jobs are given what is a student's: none of the public report's, and one of each name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def jobs(tmp_path: Path, target: str, *config: str) -> str:
    """What Snakemake would do to make `target` from nothing, its jobs' inputs included."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", "-n", "-F", "-p", "--cores", "1", "--nolock"),
            *(target, "--config", *config),
        ],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout + done.stderr


@pytest.mark.slow
def test_no_job_of_the_report_reads_a_submission_or_a_result_of_one(tmp_path):
    said = jobs(tmp_path, "results/report/report.html")
    assert "results/claims/ledger.json" in said
    assert "results/grading" not in said
    assert "results/instructor" not in said
    assert "examples/submissions" not in said


@pytest.mark.slow
def test_the_jobs_of_grading_would_be_seen(tmp_path):
    said = jobs(tmp_path, "results/grading/gradebook.csv")
    assert "results/grading" in said
    assert "examples/submissions" in said


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("bwrap") is None and not os.environ.get("CI"),
    reason="bubblewrap is not installed, and nothing is run without it",
)
def test_no_name_that_a_student_chose_stops_the_class(tmp_path):
    names = ["{wildcards.student}", "a'b\"c $(id);", "{", "{{x}}", "%s", "--help", "new\nline"]
    names.append("ha" * 30)
    for name in names:
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "submission.py").touch()
    (tmp_path / "class" / "loop").symlink_to("loop")
    (tmp_path / "class" / "lost.zip").symlink_to("nowhere")
    settings = json.dumps({"assignment": "matrices", "submissions": str(tmp_path / "class")})
    said = jobs(tmp_path, "graded_class", f"grading={settings}")
    grading = [line for line in said.splitlines() if " -m grading grade " in line]
    assert len(grading) == len(names) + 2


def test_nothing_that_renders_the_report_names_the_students_folder():
    for path in (ROOT / "reports").rglob("*"):
        if path.suffix in (".py", ".j2", ".tex", ".html"):
            text = path.read_text(encoding="utf-8")
            assert "results/grading" not in text, path
            assert "results/instructor" not in text, path
