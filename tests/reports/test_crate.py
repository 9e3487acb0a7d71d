"""The run as an RO-Crate: the validator accepts it, it has the code and no student's results."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
import rocrate
from click.testing import CliRunner
from render_steps import make
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from rocrate_validator.models import Severity, ValidationSettings
from rocrate_validator.services import validate
from urllib3 import HTTPResponse

from reports.__main__ import main
from reports.crate import ROOT, _tracked

HOSTILE = '<script>alert(1)</script> =1+1 \\input{x} "},{"@id": "#evil"}'


@pytest.fixture(scope="module")
def packed(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crate of the small results, with a student's result among them and a hostile licence."""
    root = tmp_path_factory.mktemp("crate") / "results"
    shutil.copytree(rendered.parent, root)
    (root / "grading/ada").mkdir(parents=True)
    (root / "grading/ada/results.json").write_text("{}")
    manifest = json.loads((root / "data/manifest.json").read_text())
    manifest["rcv1"]["licence"] = HOSTILE
    (root / "data/manifest.json").write_text(json.dumps(manifest))
    provenance = json.loads((root / "provenance.json").read_text())
    provenance["tables"] = ["runs/rcv1/sgd.parquet", "analyses/limits.parquet"]
    (root / "provenance.json").write_text(json.dumps(provenance))
    return make(root, "tables", "crate") / "regrad.crate.zip"


@pytest.fixture(scope="module")
def entities(packed: Path) -> dict[str, dict[str, Any]]:
    with zipfile.ZipFile(packed) as archive:
        graph = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
    return {entity["@id"]: entity for entity in graph}


@pytest.mark.slow
def test_it_holds_code_results_and_report_and_neither_data_nor_students(packed: Path) -> None:
    names = zipfile.ZipFile(packed).namelist()
    assert {
        "Snakefile", "workflow/rules/report.smk", "optim/rules/adagrad.py", "config/config.yaml",
        "results/runs/rcv1/sgd.parquet", "results/claims/ledger.json",
        "results/report/report.html", "results/report/numbers.json",
        "results/report/tables/rcv1-results.csv", "language/catalogue.py", "LICENSE",
    } <= set(names)  # fmt: skip
    assert "results/runs/rcv1/adagrad.parquet" not in names, "the provenance does not list it"
    assert not [name for name in names if name.startswith(("results/grading", "results/data/r"))]
    assert not [name for name in names if "__pycache__" in name or name.startswith("/")]


def test_of_the_sources_only_what_the_repository_has_is_packed(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no repository here")
    own = ROOT / "examples" / "a-class-of-my-own.txt"
    own.write_text("answers", encoding="utf-8")
    try:
        tracked = _tracked(ROOT)
    finally:
        own.unlink()
    assert tracked is not None
    assert ROOT / "Snakefile" in tracked
    assert own not in tracked
    assert _tracked(tmp_path) is None, "no repository there: nothing tells the files apart"


@pytest.mark.slow
def test_what_it_describes_is_there_with_its_hash(packed: Path, entities) -> None:
    archive = zipfile.ZipFile(packed)
    files = [
        entity for entity in entities.values() if "sha256" in entity and "#" not in entity["@id"]
    ]
    assert len(files) > 10
    for entity in files:
        content = archive.read(entity["@id"])
        assert entity["sha256"] == hashlib.sha256(content).hexdigest()
        assert entity["contentSize"] == str(len(content))


def test_the_run_has_workflow_data_software_and_an_end(entities) -> None:
    run = entities["#run"]
    assert run["instrument"] == {"@id": "Snakefile"}
    assert run["endTime"] == "2026-01-02T03:08:05+00:00"
    assert {"@id": "#data-rcv1"} in run["object"]
    assert entities["#data-rcv1"]["license"] == HOSTILE
    assert "#evil" not in entities
    assert entities["https://pypi.org/project/numpy/"]["softwareVersion"] == "2.4.6"
    assert entities["Snakefile"]["version"] == "abc1234"
    assert "author" not in entities["./"]
    assert entities["./"]["license"] == {"@id": "https://spdx.org/licenses/BSD-3-Clause"}


def test_a_run_with_a_failed_job_says_so(rendered: Path, tmp_path: Path) -> None:
    root = tmp_path / "results"
    shutil.copytree(rendered.parent, root)
    provenance = json.loads((root / "provenance.json").read_text())
    provenance["missing"] = {"runs/cnn/adam.parquet": "its log ends: killed"}
    (root / "provenance.json").write_text(json.dumps(provenance))
    archive = zipfile.ZipFile(make(root, "crate") / "regrad.crate.zip")
    graph = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
    (run,) = [entity for entity in graph if entity["@id"] == "#run"]
    assert run["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert run["error"] == "runs/cnn/adam.parquet: its log ends: killed"


@pytest.mark.slow
def test_two_crates_of_the_same_results_are_the_same_bytes(packed: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    arguments = ["crate", "--results", str(packed.parent.parent), "--out", str(again)]
    CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert again.read_bytes() == packed.read_bytes()


def test_without_provenance_there_is_no_crate_and_a_reason(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(main, ["crate", "--results", str(tmp_path), "--out", "x.zip"])
    assert outcome.exit_code == 1
    assert "results/provenance.json does not exist" in outcome.output


CONTEXT = "https://w3id.org/ro/crate/1.1/context"


@pytest.fixture
def offline_cache(tmp_path: Path) -> Path:
    """The validator's cache with the one document that it would fetch.

    That is the context in rocrate, of a later version of RO-Crate, with the name that the profiles
    of 1.1 have for a workflow; all other terms of the crate mean the same in both.
    """
    text = (Path(rocrate.__file__).parent / "data/ro-crate.jsonld").read_text(encoding="utf-8")
    named = "https://bioschemas.org/terms/ComputationalWorkflow"
    assert named in text
    text = text.replace(named, "https://bioschemas.org/ComputationalWorkflow")

    class Served(HTTPAdapter):
        def send(self, request, **_):
            body = HTTPResponse(
                body=io.BytesIO(text.encode()), status=200, preload_content=False,
                headers={"Content-Type": "application/ld+json"},
            )  # fmt: skip
            return self.build_response(request, body)

    path = tmp_path / "cache"
    with CachedSession(cache_name=str(path), backend="sqlite", expire_after=-1) as session:
        session.mount("https://", Served())
        # As the validator asks for it: what is asked for is part of what the cache goes by.
        session.get(CONTEXT, headers={"Accept": "application/ld+json, application/json, */*;q=0.1"})
    return path


NOBODY_STATED = (
    "`author`", "`publisher`", "agent that is a Person", "Application SHOULD have a url",
    "SoftwareApplication id SHOULD be an absolute URI",
)  # fmt: skip
"""Who made it, and an address of the project, which the Snakefile would be known by."""


@pytest.fixture
def unpacked(packed: Path, tmp_path: Path) -> Path:
    zipfile.ZipFile(packed).extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked"


def complaints_on(crate: Path, cache: Path, severity: Severity) -> list[str]:
    """What the validator finds wrong with a crate's folder, without the network."""
    settings = ValidationSettings(
        rocrate_uri=str(crate), profile_identifier="workflow-run-crate",
        requirement_severity=severity, offline=True, cache_path=cache,
    )  # fmt: skip
    return [issue.message for issue in validate(settings).get_issues()]


@pytest.mark.slow
def test_the_validator_accepts_it_as_the_run_of_a_workflow(
    unpacked: Path, offline_cache: Path
) -> None:
    # All that is required, and of what is recommended all that somebody stated.
    found = complaints_on(unpacked, offline_cache, Severity.RECOMMENDED)
    assert [one for one in found if not any(part in one for part in NOBODY_STATED)] == []


@pytest.mark.slow
def test_the_validator_refuses_it_without_its_workflow(unpacked: Path, offline_cache: Path) -> None:
    (unpacked / "Snakefile").unlink()
    found = complaints_on(unpacked, offline_cache, Severity.REQUIRED)
    assert any("Snakefile" in message for message in found), found
