"""An experiment that fails leaves its place with the reason, and the rest of the report intact."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from cloning import configured, copy_sources, snakemake

from experiments.parquet import made_by

pytestmark = pytest.mark.slow

PAGE, PAPER = "results/report/report.html", "results/report/report.tex"
BROKEN = r"deliberately <b>broken</b> \input{x}"
FAILED = ("runs/quadratics/adagrad.parquet", "runs/quadratics/sgd.parquet")
KEPT = "runs/saddle_escape/sgd.parquet"


def two_experiments(config: dict) -> None:
    """Only what is quick, on no data but stand-ins."""
    config["data"]["source"] = "stand-in"
    kept = {"quadratics": ("sgd", "adagrad"), "saddle_escape": ("sgd",)}
    for name, protocol in config["experiments"].items():
        if name not in kept:
            config["experiments"][name] = None
            continue
        for rule in protocol["optimizers"]:
            if rule not in kept[name]:
                protocol["optimizers"][rule] = None
    config["analyses"] = dict.fromkeys(config["analyses"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A copy of the project whose experiment on the quadratics raises."""
    folder = copy_sources(tmp_path_factory.mktemp("failing") / "project")
    path = folder / "experiments/runs/quadratics.py"
    source = path.read_text(encoding="utf-8")
    head = re.search(r"^def run\(.*?:\n", source, re.MULTILINE)
    assert head is not None
    raised = f"    raise RuntimeError({BROKEN!r})\n"
    broken = source[: head.end()] + raised + source[head.end() :]
    path.write_text(broken, encoding="utf-8")
    configured(folder, two_experiments)
    # What else the report is made from is there, and says nothing: it is not what fails here.
    for name in ("optim/checks.json", "optim/rules.json", "proofs/verdicts.json"):
        (folder / "results" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "results" / name).write_text("[]")
    return folder


@pytest.fixture(scope="module")
def failed(folder: Path) -> subprocess.CompletedProcess:
    return snakemake(folder, "--configfile", "changed.yaml", "--", PAGE, PAPER)


@pytest.fixture(scope="module")
def shown(folder: Path, failed) -> Path:  # noqa: ARG001
    """The folder after the second command, which the first one names."""
    done = snakemake(
        folder, "--configfile", "changed.yaml", "--config", "missing=show", "--", PAGE, PAPER
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_run_fails_does_all_else_and_says_how_to_have_the_report(folder, failed) -> None:
    assert failed.returncode != 0
    assert "snakemake --cores all report --config missing=show" in failed.stderr
    assert (folder / "logs/failed").exists()
    assert not (folder / PAGE).exists()
    assert not [name for name in FAILED if (folder / "results" / name).exists()]
    assert (folder / "results" / KEPT).exists()


def test_the_report_has_the_reason_and_the_rest(shown: Path) -> None:
    html = (shown / PAGE).read_text(encoding="utf-8")
    for name in FAILED:
        assert f"results/{name} was not made: logs/{name.replace('parquet', 'log')} ends: " in html
    assert r"RuntimeError: deliberately &lt;b&gt;broken&lt;/b&gt; \input{x}" in html
    assert "<b>broken" not in html
    assert "The runs on the quadratics" in html
    assert 'id="figure-quadratics-path-f1"' not in html
    numbers = json.loads((shown / "results/report/numbers.json").read_text(encoding="utf-8"))
    sources = {number["source"] for number in numbers.values() if number.get("value") is not None}
    assert f"results/{KEPT}" in sources
    assert not [name for name in FAILED if f"results/{name}" in sources]


def test_the_paper_shows_the_reason_as_text(shown: Path) -> None:
    source = (shown / PAPER).read_text(encoding="utf-8").replace(r"\allowbreak{}", "")
    assert r"\input{x}" not in source
    assert r"\textbackslash{}input\{x\}" in source


def test_claims_are_judged_by_what_there_is(shown: Path) -> None:
    claims = json.loads((shown / "results/claims/ledger.json").read_text(encoding="utf-8"))
    found = {claim["id"]: claim for claim in claims}
    on_failed = found["exercise-2-sgd-does-better"]
    assert on_failed["finding"] == "not checkable"
    assert "results/runs/quadratics/adagrad.parquet is missing" in on_failed["explanation"]
    assert {"reproduced", "refuted"} & {claim["finding"] for claim in claims}


def test_every_result_says_what_made_it_itself_or_in_the_provenance(shown: Path) -> None:
    results = shown / "results"
    told = json.loads((results / "provenance.json").read_text(encoding="utf-8"))
    assert {"commit", "python", "packages", "system", "processor", "config"} <= told.keys()
    assert told["config"]["seed"] == 0
    for path in filter(Path.is_file, results.rglob("*")):
        inside = {path.relative_to(results), *path.relative_to(results).parents}
        assert inside & {Path(known) for known in (*told["code"], "provenance.json")}, path
    # A version is of one's own sources: what none of them imports would not change it.
    assert all(re.fullmatch("[0-9a-f]{16}", version) for version in told["code"].values())
    assert told["code"][KEPT] != told["code"]["report/report.html"]
    table = made_by(results / KEPT)
    assert table["code"] == told["code"][KEPT]
    assert {"seeds", "steps"} <= table["protocol"].keys()
    assert {"python", "numpy"} <= table["versions"].keys()
    assert table["machine"]["cpu_count"] >= 1


def test_once_it_is_mended_the_run_goes_on_and_nothing_is_missing(shown: Path) -> None:
    path = shown / "experiments/runs/quadratics.py"
    path.write_text(re.sub(r"    raise RuntimeError\(.*\)\n", "", path.read_text()))
    done = snakemake(shown, "--configfile", "changed.yaml", "--dry-run", "--", PAGE)
    assert re.search(r"^run +2$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^html +1$", done.stdout, re.MULTILINE)
