"""Nothing of a student is in the public report: no job that makes it is given any of theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def jobs(tmp_path: Path, target: str) -> str:
    """What Snakemake would do to make `target` from nothing, its jobs' inputs included."""
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "-n", "-F", "-p", "--cores", "1", "--nolock", target],
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


def test_nothing_that_renders_the_report_names_the_students_folder():
    for path in (ROOT / "reports").rglob("*"):
        if path.suffix in (".py", ".j2", ".tex", ".html"):
            text = path.read_text(encoding="utf-8")
            assert "results/grading" not in text, path
            assert "results/instructor" not in text, path
