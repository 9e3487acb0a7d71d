"""What the grader imports: a student waits for it at every check."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_grading_does_not_wait_for_libraries_that_it_does_not_need():
    program = (
        "import sys; from grading.__main__ import main; from grading.assignment import load\n"
        "load('adagrad'); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    imported = set(done.stdout.split())
    assert "grading.checks.adagrad" in imported
    unneeded = {"torch", "sympy", "scipy", "matplotlib", "pandas", "numba", "psutil", "babel"}
    assert imported & unneeded == set()
    assert "grading.class_commands" not in imported
