"""What a program loads before it does anything: not the libraries of commands that are not called.

Loading all of them takes seconds, which whoever asks for `--help`, or checks a submission, waits.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workflow.interface_pages import COMMANDS, ROOMS

ROOT = Path(__file__).resolve().parents[2]
SLOW = {
    *("altair", "copydetect", "flint", "hypothesis", "matplotlib", "numba", "pandas", "pyarrow"),
    *("scipy.stats", "sklearn", "snakemake", "sympy", "torch", "vl_convert"),
}
NEEDED = {
    "experiments": {"pandas", "pyarrow"},  # every command makes or reads a table
    "experiments.comparison": {"pandas", "pyarrow"},
    "proofs.steps": {"flint"},  # its one command checks a proof
}
"""What a program may load for all that it does."""


def loaded(statement: str) -> set[str]:
    """The slow modules that Python has loaded after a statement, in a process of its own."""
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return SLOW & set(done.stdout.split())


def test_rooms_load_nothing_slow():
    assert loaded("\n".join(f"import {room}" for room in ROOMS)) == set()


@pytest.mark.parametrize("program", [name for names in COMMANDS.values() for name in names])
@pytest.mark.slow
def test_a_program_loads_only_what_all_its_commands_need(program):
    assert loaded(f"import {program}.__main__") <= NEEDED.get(program, set())


@pytest.mark.slow
def test_a_slow_module_would_be_seen():
    assert "pandas" in loaded("import pandas")
