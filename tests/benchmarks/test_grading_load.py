"""A small class, some of it hostile, through Snakemake: none lost, and a kill changes nothing."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks import grading as bench

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    shutil.which("bwrap") is None and not os.environ.get("CI"),
    reason="bubblewrap is not installed, and nothing is run without it",
)


@pytest.mark.slow
def test_a_killed_run_ends_in_the_same_gradebook(monkeypatch):
    """The benchmark itself checks that none is lost and that no hostile one earns anything."""
    monkeypatch.setattr(bench, "ASSIGNMENT", "matrices")
    # Those that are over at once: the endless ones take a whole time limit.
    short = {kind: bench.HOSTILE[kind] for kind in ("memory bomb", "output flood")}
    monkeypatch.setattr(bench, "HOSTILE", short)
    found = bench.load_and_kill(count=8, hostile=2, cores=2, alone=2, killed=6)
    assert found["gradebook_identical_after_the_kill"] is True
    assert 3 <= found["killed_after"] < 6
    assert set(found["seconds_of_the_slowest_hostile_by_kind"]) == set(short)


def test_a_lost_submission_and_a_hostile_point_end_the_benchmark(monkeypatch):
    monkeypatch.setattr(bench, "finish", lambda process, _: process.wait() or 1.0)

    def grade_nobody(project: Path, _: Path, __: int):
        book = project / "results" / "grading" / "gradebook.csv"
        book.parent.mkdir(parents=True)
        book.write_text("id,status,score\nstudent0001,graded,0\n")
        return bench.subprocess.Popen([sys.executable, "-c", ""])

    monkeypatch.setattr(bench, "start", grade_nobody)
    with pytest.raises(bench.Wrong, match="lost: student0000_hostile"):
        bench.load_and_kill(count=2, hostile=1, cores=1, alone=1, killed=1)
