"""What the grader imports: a student waits for it at every check, a class at each submission."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grading import worker
from grading.bench import heavy_imports
from grading.jail import Jail
from grading.submission import freeze

ROOT = Path(__file__).parents[2]
# None of them decides a check of functions, numbers or a proof that holds; each takes a tenth of a
# second to import, and some take two seconds.
UNNEEDED = frozenset(
    {
        *("torch", "snakemake", "sympy", "scipy", "sklearn", "matplotlib", "pandas", "pyarrow"),
        *("numba", "psutil", "babel", "jsonschema", "hypothesis", "copydetect", "requests"),
    }
)


def imported_by(program: str) -> set[str]:
    """The modules that are there when a program has ended, each on a line of its own."""
    end = "\nfinally:\n    import sys\n    print('imported', *sys.modules)\n"
    indented = "".join(f"    {line}\n" for line in program.splitlines())
    done = subprocess.run(
        [sys.executable, "-c", f"try:\n{indented}{end}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "imported" in done.stdout, done.stderr
    return set(done.stdout.rpartition("imported")[2].split())


def test_checking_the_starter_kit_waits_for_no_library_that_it_does_not_need():
    """Both proofs are checked in processes of their own, as the next test has them."""
    imported = imported_by("from grading.__main__ import main; main(['check', 'examples/starter'])")
    assert {"grading.checks.adagrad", "grading.reported", "grading.judge"} <= imported
    assert imported & UNNEEDED == set()
    assert "grading.class_commands" not in imported


def test_checking_a_proof_that_holds_waits_for_no_search_of_counterexamples():
    proof = "examples/submissions/good/proofs/orthogonal_invariance.yaml"
    imported = imported_by(
        "import sys, grading.proof_process\n"
        "from proofs.steps.checking import check_proof, first_failure\n"
        "from proofs.steps.reading import parse_proof\n"
        f"assert first_failure(check_proof(parse_proof(open('{proof}', 'rb').read()))) is None"
    )
    assert {"proofs.steps.checking", "flint"} <= imported
    assert imported & UNNEEDED == set()


def test_grading_waits_for_no_command_of_the_class():
    imported = imported_by("from grading.__main__ import main; main(['grade', '--help'])")
    assert "grading.judge" in imported
    assert imported & (UNNEEDED | {"grading.class_commands", "grading.roster"}) == set()


def test_the_cells_of_a_notebook_are_searched_for_libraries_that_take_long(tmp_path):
    cells = '[{"cell_type": "code", "source": ["import math\\n", "import torch\\n"]}]'
    (tmp_path / "an.ipynb").write_text(f'{{"cells": {cells}}}')
    frozen = freeze(tmp_path / "an.ipynb", tmp_path / "frozen")
    assert heavy_imports(frozen.folder) == {"torch"}


def test_code_that_only_speaks_of_a_library_does_not_have_it_imported(tmp_path):
    (tmp_path / "submission.py").write_text("# import torch\nx = 'I import pandas'\n")
    assert heavy_imports(tmp_path) == set()


def test_stubs_about_tensors_do_not_have_torch_imported(monkeypatch, judged_check):
    warmed: list[str] = []
    monkeypatch.setattr(Jail, "warm", lambda _, module: warmed.append(module))
    stub = "def init_adagrad_states(feature_dim):\n    raise NotImplementedError\n"
    (result,) = judged_check(stub, "init_adagrad_states")
    assert (result.status, warmed) == ("not started", [])


def test_an_answer_that_is_no_tensor_is_named_without_torch(judged_check):
    (result,) = judged_check(
        "def init_adagrad_states(feature_dim): return 0, 0", "init_adagrad_states"
    )
    assert "its s_w is a int, expected a torch tensor of float32" in result.cause


def test_a_library_reads_no_settings_of_the_student_and_leaves_no_files(tmp_path, monkeypatch):
    """Matplotlib takes a matplotlibrc from the folder in which it is imported."""
    scratch, library = tmp_path / "scratch", tmp_path / "library"
    scratch.mkdir()
    library.mkdir()
    (scratch / "before").touch()
    leaves = f"import os\nplace = os.getcwd()\nos.makedirs({str(scratch / 'cache')!r})\n"
    (library / "asks_where_it_is.py").write_text(leaves)
    monkeypatch.syspath_prepend(library)
    monkeypatch.setattr(worker, "SCRATCH", scratch)
    monkeypatch.chdir(tmp_path)
    worker._import("asks_where_it_is")
    assert sys.modules["asks_where_it_is"].place == "/"
    assert Path.cwd() == tmp_path
    assert [path.name for path in scratch.iterdir()] == ["before"]


@pytest.mark.slow
def test_what_matplotlib_leaves_as_it_is_imported_is_found_by_no_check(monkeypatch, judged_check):
    """Else every check would need a new jail, which would import it anew."""
    jails = []
    begin = Jail.__init__
    monkeypatch.setattr(Jail, "__init__", lambda *given: jails.append(0) or begin(*given))
    code = """
import os
import matplotlib.pyplot as plt
import numpy as np
assert os.listdir("/tmp") == [], os.listdir("/tmp")
def grad_f1(x):
    assert plt.figure().axes == []
    return np.array([0.2 * x[0], 4 * x[1]])
"""
    found = judged_check(code, "grad_f1", "grad_f1_hidden")
    assert [result.cause for result in found] == ["", ""]
    assert len(jails) == 1
