"""The workflow as a user meets it: bad configuration stops it, and an edit reruns just enough."""

import re
import shutil
from pathlib import Path

import pytest
from cloning import ROOT, configuration, configured, copy_sources, planned, snakemake

from workflow.configuration import check_configuration, check_schema


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A copy of the sources alone, to edit."""
    return copy_sources(tmp_path_factory.mktemp("clone"))


MISTAKES = [
    (lambda c: c.update(sed=1), "config: there is no key 'sed'; did you mean 'seed'?"),
    (lambda c: c["data"].update(sourc="auto"), "config: data: there is no key 'sourc'"),
    (lambda c: c["data"].update(source="reel"), "config: data.source: there is no 'reel'"),
    (lambda c: c.update(scale="ful"), "did you mean 'full'?"),
    (lambda c: c.update(experiments=None), "found None, expected keys with values"),
    (lambda c: c["experiments"]["rcv1"].update(epoch=3), "epoch"),
    (lambda c: c["experiments"]["rcv1"].update(epochs=0), "0"),
    (lambda c: c["data"]["rcv1"].update(label="CCATT"), "CCATT"),
    (lambda c: c["data"].update(paths={"rcvv": "/tmp"}), "did you mean 'rcv1'?"),
    (lambda c: c["data"].update(paths={"rcv1": "/no/such"}), "data.paths.rcv1"),
    (
        lambda c: c["experiments"]["rcv1"]["optimizers"]["sgd"].update(fast={"lrr": 1.0}),
        "did you mean 'lr'?",
    ),
    (
        lambda c: c["experiments"]["rcv1"]["optimizers"]["sgd"].update(fast={"lr": -1.0}),
        "'fast'",
    ),
    (lambda c: c["experiments"].update(rcv2={}), "rcv2"),
    (
        lambda c: c["experiments"]["airfoil"]["optimizers"].update(adagrat={"a": {}}),
        "did you mean 'adagrad'?",
    ),
]


def check(config):
    check_schema(config)
    check_configuration(config)


@pytest.mark.slow
@pytest.mark.parametrize(("change", "named"), MISTAKES)
def test_a_mistake_in_the_configuration_is_named(change, named, monkeypatch):
    monkeypatch.chdir(ROOT)  # where the documents' folders are
    config = configuration()
    check(config)
    change(config)
    with pytest.raises(ValueError, match=re.escape(named)):
        check(config)


@pytest.mark.parametrize(("change", "named"), [MISTAKES[0], MISTAKES[-1]])
@pytest.mark.slow
def test_it_is_named_before_any_job_starts(clone, change, named):
    """By the schema, and by what is checked beyond it."""
    done = snakemake(clone, "--dry-run", "--configfile", str(configured(clone, change)))
    assert done.returncode != 0
    assert named in done.stdout + done.stderr
    assert not (clone / "results").exists()


TARGETS = (
    "results/runs/quadratics/adagrad.parquet",
    "results/runs/quadratics/sgd.parquet",
    "results/proofs/verdicts.json",
)


@pytest.fixture(scope="module")
def finished(clone) -> Path:
    done = snakemake(clone, *TARGETS)
    assert done.returncode == 0, done.stderr
    return clone


@pytest.mark.slow
def test_a_second_run_says_nothing_to_be_done(finished):
    assert "Nothing to be done" in snakemake(finished, *TARGETS).stderr


def edited(path: Path) -> set[str]:
    """What a dry run of TARGETS plans after a change of the file at `path`, undone afterwards."""
    before = path.read_text(encoding="utf-8")
    path.write_text(before + "\n# edited\n", encoding="utf-8")
    try:
        folder = next(parent for parent in path.parents if (parent / "Snakefile").exists())
        return planned(snakemake(folder, "--dry-run", *TARGETS).stdout)
    finally:
        path.write_text(before, encoding="utf-8")


@pytest.mark.slow
def test_editing_momentum_reruns_nothing_that_does_not_use_it(finished):
    path = finished / "optim" / "rules" / "momentum.py"
    assert edited(path) == {"results/proofs/verdicts.json"}  # whose invariances are of all rules


@pytest.mark.slow
def test_editing_adagrad_reruns_adagrad_and_not_sgd(finished):
    path = finished / "optim" / "rules" / "adagrad.py"
    assert edited(path) == {
        "results/runs/quadratics/adagrad.parquet",
        "results/proofs/verdicts.json",
    }


@pytest.mark.slow
def test_editing_an_exercise_reruns_the_proofs_only(finished):
    path = finished / "proofs" / "exercises" / "gerschgorin.py"
    assert edited(path) == {"results/proofs/verdicts.json"}


@pytest.mark.slow
def test_another_learning_rate_reruns_that_optimizer_only(finished):
    def change(config):
        config["experiments"]["quadratics"]["optimizers"]["sgd"]["as printed"]["lr"] = 0.1

    path = configured(finished, change)
    plan = planned(
        snakemake(finished, "--dry-run", "--configfile", str(path), "--", *TARGETS).stdout
    )
    assert plan == {"results/runs/quadratics/sgd.parquet"}


BOOK = "results/grading/gradebook.csv"


@pytest.mark.slow
def test_a_folder_without_submissions_is_named_where_grading_is_asked_for(clone):
    def change(config):
        config["grading"]["submissions"] = "nowhere"

    path = configured(clone, change)
    done = snakemake(clone, "--dry-run", "--configfile", str(path), "--", BOOK)
    assert done.returncode != 0
    assert "there is no submission in 'nowhere'" in done.stdout + done.stderr
    proofs = "results/proofs/verdicts.json"
    assert snakemake(clone, "-n", "--configfile", str(path), "--", proofs).returncode == 0


@pytest.mark.slow
def test_a_new_mirror_makes_the_datasets_anew(clone, tmp_path):
    target = "results/data/airfoil"
    assert snakemake(clone, target).returncode == 0
    assert planned(snakemake(clone, "--dry-run", target).stdout) == set()
    done = snakemake(clone, "--dry-run", target, mirror=str(tmp_path))
    assert planned(done.stdout) == {target}


@pytest.mark.slow
def test_editing_a_written_proof_reruns_the_proofs_only(finished):
    path = finished / "proofs" / "written" / "gerschgorin.yaml"
    assert edited(path) == {"results/proofs/verdicts.json"}


NAMES = ("a b", "$(touch owned)", "x'; touch owned; '", "{wild}")


@pytest.fixture(scope="module")
def graded(clone, tmp_path_factory) -> tuple[Path, Path]:
    """A class whose names are commands, and the configuration that it was graded with."""
    folder = tmp_path_factory.mktemp("graded") / "class"
    for name in NAMES:
        shutil.copytree(ROOT / "examples" / "submissions" / "good", folder / name)

    def change(config):
        config["grading"]["submissions"] = str(folder)

    path = configured(folder.parent, change)
    done = snakemake(clone, "--configfile", str(path), "--", BOOK)
    assert done.returncode == 0, done.stderr
    return folder, path


@pytest.mark.slow
def test_students_names_cannot_reach_the_shell(clone, graded):
    assert graded
    assert not (clone / "owned").exists()
    rows = (clone / BOOK).read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) == len(NAMES)
    assert {row.split(",")[2] for row in rows} == {"100"}


@pytest.mark.slow
def test_handing_in_anew_grades_that_student_anew_and_nobody_else(clone, graded):
    folder, path = graded
    (folder / "a b" / "note.txt").write_text("handed in again", encoding="utf-8")
    plan = planned(snakemake(clone, "--dry-run", "--configfile", str(path), "--", BOOK).stdout)
    (results,) = plan - {BOOK}
    assert results.startswith("results/grading/a")
    assert results.endswith("/results.json")
