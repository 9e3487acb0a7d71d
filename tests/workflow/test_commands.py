"""Every command of a page's blocks is run: here, by a test that is named, or by .ci/run.

A command of a new page is in none of the tables below and fails, until it is run somewhere.
"""

from __future__ import annotations

import importlib
import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from documents import ROOT, Command, commands

HERE = (
    r"python -m claims (check claims/assignment|measures|translations .*)",
    r"python -m experiments list",
    r"python -m grading notebook .* build/adagrad.ipynb",
    r"python -m proofs.steps proofs/written/gerschgorin.yaml",
    r'python -c ".*results/.*"',
)
"""Run by this file."""

TUTORIALS = "tests/workflow/test_tutorials.py::"
STARTER = "tests/grading/test_grading_starter.py::"
OPTIM = "tests/optim/test_optim_verification.py::"
PLAYED = TUTORIALS + "test_a_claim_is_measured_as_the_page_shows"
CONVERTED = TUTORIALS + "test_a_dataset_is_converted_as_the_page_shows"
PROVED = TUTORIALS + "test_an_exercise_is_proved_and_broken_as_the_page_says"
ON_FILES = "tests/workflow/test_documentation.py::test_the_commands_on_files_do_what_they_say"
PLANNED = "tests/workflow/test_documentation.py::test_snakemake_knows_every_target_and_option"
NEW = "tests/grading/test_grading_new_assignment.py::"
MADE = NEW + "test_one_command_makes_an_assignment_that_accepts_right_and_explains_wrong"
NOTEBOOK = STARTER + "test_a_notebook_that_is_filled_in_is_graded"
BY_TESTS = {
    r"(cp|mkdir|mv|rm) .*": ON_FILES,
    r"snakemake .*": PLANNED,
    r"make check SUBMISSION=my-answers.*": STARTER
    + "test_the_starter_kit_is_told_what_is_not_started_and_no_traceback",
    r"make check SUBMISSION=my-notebook.*": NOTEBOOK,
    r"make check .* FEEDBACK_LANGUAGE=fr": TUTORIALS + "test_a_language_says_what_the_page_shows",
    r"make check .* NOT_ISOLATED=1": "tests/grading/test_grading_isolation.py::"
    "test_a_student_who_checks_without_a_jail_is_told_so",
    r"make doctor": "tests/workflow/test_doctor.py::test_packages_are_held_against_the_lock",
    r"make grade ASSIGNMENT=means .*": MADE,
    r"make report PROFILE=offline": "tests/workflow/test_last_words.py::"
    "test_offline_a_run_without_data_stops_and_ends_with_the_reason",
    r"make report PROFILE=slurm": "tests/profiles/test_profile_slurm.py::"
    "test_a_run_on_the_cluster_gives_the_numbers_of_a_run_without_it",
    r"make reproduce .*": "tests/workflow/test_reproduce.py::"
    "test_a_run_made_again_differs_from_a_forged_one_where_it_was_forged_and_nowhere_else",
    r".*snakemake --profile profiles/kubernetes .*": "tests/profiles/test_profile_kubernetes.py::"
    "test_the_jobs_are_built_with_image_command_memory_and_gpu",
    r"python -m benchmarks.scaling_page": "tests/benchmarks/test_scaling_page.py::"
    "test_every_mark_of_the_page_is_written_and_nothing_else",
    r"python -m benchmarks.grading": "tests/benchmarks/test_grading_load.py::"
    "test_a_killed_run_ends_in_the_same_gradebook",
    r"python -m claims .*my-note.*|python -c .*build/ledger.json.*": PLAYED,
    r"python -m data prepare breast-cancer .*": CONVERTED,
    r"python -c .*breast_cancer.*|sha256sum .*|python build/try.py": CONVERTED,
    r"python -m data fetch .*": "tests/data/test_data_command_line.py::"
    "test_what_fetch_keeps_is_there_without_the_mirror",
    r"python -m data prepare fashion-mnist .*": "tests/data/test_data_datasets.py::"
    "test_the_real_images_are_all_there",
    r"python -m grading new-assignment means": MADE,
    r"python -m grading notebook .* examples/starter/notebook/adagrad.ipynb": STARTER
    + "test_the_notebook_is_made_from_the_same_source",
    r"python -m optim (table|verify|verify --only adagrad .*)": OPTIM
    + "test_the_commands_verify_and_make_the_page",
    r"python -m optim verify --only sign_sgd .*": "tests/optim/test_optim_new_rule.py::"
    "test_it_is_verified_in_every_meaning",
    r"python -m proofs --only coasting .*": PROVED,
    r"python -m proofs --output .*": "tests/proofs/test_proofs_run.py::"
    "test_the_command_writes_what_it_prints",
}
"""By what the command is: the test that does what it does, at times in another folder or size."""

BY_CI = {
    r"make (setup|test|lint|report)": r"make \1",
    r"REGRAD_DATA_MIRROR=\S+ make report": "export REGRAD_DATA_MIRROR",
    r"make grade SUBMISSIONS=examples/submissions": r"make grade SUBMISSIONS=examples/submissions",
    r"\.venv/bin/pip install --no-deps --target build/kubernetes .*": "--target build/kubernetes",
    r"python -m pytest .*": "make test",
    r"source .venv/bin/activate": "make setup",
}
"""By what the command is: the words of .ci/run, which a fresh clone has to pass."""

NOT_RUN = {
    r"docker (build|push) .*": "there is no container engine to build with",
    r"make bench QUICK=1|python -m benchmarks.(growth|start_up)": "minutes of an idle machine",
    r"pip download .*|.*pip install --no-index .*": "would fetch every package a second time",
    r"python3 -m venv .venv|touch .venv/.installed": "between these two",
}
"""What nothing runs, and why; it is looked at by test_documentation.py alone."""

WHOLE = sorted({command.text: command for command in commands() if command.whole}.values())


def as_run(command: Command) -> str:
    """The command without its comment, and without what it sets for Python."""
    return re.sub(r"^PYTHONPATH=\. |\s+#.*$|^REGRAD_DATA_MIRROR=build/mirror ", "", command.text)


@pytest.mark.parametrize("command", WHOLE, ids=str)
def test_every_command_of_a_block_is_run_somewhere_or_says_why_not(command):
    tables = (HERE, BY_TESTS, BY_CI, NOT_RUN)
    fits = [kind for table in tables for kind in table if re.fullmatch(kind, as_run(command))]
    assert fits, f"{command}: nothing runs it; add it to a table of {Path(__file__).name}"


@pytest.mark.parametrize("test", sorted(set(BY_TESTS.values())))
def test_a_test_that_is_named_is_there(test):
    path, _, name = test.partition("::")
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_words_of_ci_that_are_named_are_there():
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in WHOLE:
        for kind, words in BY_CI.items():
            if found := re.fullmatch(kind, as_run(command)):
                assert found.expand(words) in run, command


def test_nothing_is_listed_that_no_page_has():
    kinds = [*HERE, *BY_TESTS, *BY_CI, *NOT_RUN]
    assert [k for k in kinds if not any(re.fullmatch(k, as_run(c)) for c in WHOLE)] == []


@pytest.fixture
def project(tmp_path, monkeypatch) -> None:
    """A folder to call commands in: the sources, and small results shaped like the real ones."""
    for name in ("claims", "config", "examples", "proofs"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("results/analyses", "results/runs/rcv1", "results/claims", "build"):
        (tmp_path / name).mkdir(parents=True)
    rows = {"variant": ["a", "a"], "metric": ["train_loss"] * 2, "epoch": [0, 1], "value": [0.7, 1]}
    pd.DataFrame(rows).to_parquet(tmp_path / "results/runs/rcv1/sgd.parquet")
    points = {"figure": ["table 2"] * 2, "series": ["a", "b"], "x": [0, 1], "value": [0.7, 1]}
    pd.DataFrame(points).to_parquet(tmp_path / "results/analyses/rcv1_table_2.parquet")
    claim = {"place": {"document": "assignment", "section": "3.7.2"}, "finding": "refuted"}
    claim |= {"statement": "It does.", "explanation": "It does not."}
    (tmp_path / "results/claims/ledger.json").write_text(json.dumps([claim]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "command", [c for c in WHOLE if any(re.fullmatch(kind, as_run(c)) for kind in HERE)], ids=str
)
@pytest.mark.usefixtures("project")
def test_a_command_runs(command, capsys):
    match shlex.split(as_run(command)):
        case ["python", "-c", program]:
            exec(program, {})
            assert capsys.readouterr().out
        case ["python", "-m", module, *arguments]:
            main = importlib.import_module(f"{module}.__main__").main
            done = CliRunner().invoke(main, arguments)
            assert done.exit_code == 0, done.output
