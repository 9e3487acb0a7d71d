"""Counterparts: the shipped list is of what there is, and a result that is gone is missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from experiments import counterparts
from experiments.__main__ import main
from experiments.counterparts import look_up, read_counterparts
from experiments.parquet import metadata, write_frames
from experiments.protocol import KEYS, optimizers_of
from experiments.runs import quadratics
from experiments.series import SCHEMA as SERIES
from experiments.series import points
from experiments.table import SCHEMA

ROOT = Path(counterparts.__file__).parent.parent
PROTOCOL = {"start": [3.0, 1.0], "steps": 4, "optimizers": {"sgd": {"as printed": {"lr": 0.2}}}}
PATH = {"run": "quadratics", "optimizer": "sgd", "variant": "f1", "metric": "objective"}


def entry(*results: dict, **changed: object) -> dict:
    return {"section": "3.7", "item": "code", "what": "Paths.", "results": [*results]} | changed


def listed(folder: Path, *entries: object) -> Path:
    """A folder of counterparts with one document."""
    folder.mkdir(exist_ok=True)
    (folder / "assignment.yaml").write_text(yaml.safe_dump([*entries]), encoding="utf-8")
    return folder


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Results with the quadratics' table of SGD, made at reduced size."""
    made_by = metadata(PROTOCOL, "reduced", {**PROTOCOL, "steps": 200, "reduced": {"steps": 4}})
    path = tmp_path / "results/runs/quadratics/sgd.parquet"
    write_frames(quadratics.run("sgd", PROTOCOL), SCHEMA, path, made_by)
    return tmp_path / "results"


SHIPPED = read_counterparts()


@pytest.mark.parametrize("at", SHIPPED, ids=lambda e: f"{e.document}, {e.section}, {e.item}")
def test_every_shipped_entry_names_what_is_configured(at: counterparts.Counterpart) -> None:
    for wanted in at.results:
        path = ROOT / "config" / KEYS[wanted.kind] / f"{wanted.name}.yaml"
        protocol = yaml.safe_load(path.read_text(encoding="utf-8"))[KEYS[wanted.kind]][wanted.name]
        if wanted.optimizer is not None:
            assert wanted.optimizer in optimizers_of(protocol), wanted


def test_a_result_that_is_there_says_its_file_rows_seeds_and_size(
    results: Path, tmp_path: Path
) -> None:
    (found,) = look_up(read_counterparts(listed(tmp_path / "list", entry(PATH))), results)
    assert (found["document"], found["section"], found["item"]) == ("assignment", "3.7", "code")
    assert found["status"] == "there"
    (part,) = found["results"]
    assert part["files"] == ["results/runs/quadratics/sgd.parquet"]
    assert (part["rows"], part["seeds"], part["scale"]) == (5, 1, "reduced")
    assert (part["protocol"], part["full"]) == ({"steps": 4}, {"steps": 200})


def test_without_an_optimizer_every_table_of_the_experiment_is_looked_at(
    results: Path, tmp_path: Path
) -> None:
    protocol = {**PROTOCOL, "optimizers": {"adagrad": {"as printed": {}}}}
    path = results / "runs/quadratics/adagrad.parquet"
    write_frames(quadratics.run("adagrad", protocol), SCHEMA, path, metadata(protocol, "full"))
    wanted = {"run": "quadratics", "metric": "x1"}
    (found,) = look_up(read_counterparts(listed(tmp_path / "list", entry(wanted))), results)
    part = found["results"][0]
    assert [Path(file).stem for file in part["files"]] == ["adagrad", "sgd"]
    assert part["rows"] == 2 * 3 * 5  # Two optimizers, three functions, four steps and the start.


def test_an_analysis_is_looked_up_by_its_figure(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(counterparts, "names", lambda _kind: ("landscapes",))
    declared = counterparts.declared("runs", "quadratics")
    monkeypatch.setattr(counterparts, "declared", lambda _kind, _name: declared)
    frames = [points("landscapes", "saddle", "z", "height", [1.0, 2.0], x=[0, 1])]
    path = tmp_path / "results/analyses/landscapes.parquet"
    write_frames(frames, SERIES, path, metadata({}, "full"))
    wanted = [{"analysis": "landscapes", "figure": name} for name in ("saddle", "sadle")]
    entries = read_counterparts(listed(tmp_path / "list", *map(entry, wanted)))
    there, missing = look_up(entries, tmp_path / "results")
    assert (there["results"][0]["rows"], there["results"][0]["seeds"]) == (2, None)
    assert "no figure 'sadle'; did you mean 'saddle'?" in missing["results"][0]["reason"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"optimizer": "adam"}, "this run made no results/runs/quadratics/adam.parquet"),
        ({"metric": "objectiv"}, "there is no metric 'objectiv'; did you mean 'objective'?"),
        ({"variant": "f3"}, "there is no variant 'f3'; known are: f1, f2 as printed, f2 true"),
    ],
)
def test_a_result_that_is_not_there_is_missing_with_its_reason(
    results: Path, tmp_path: Path, change: dict, reason: str
) -> None:
    entries = read_counterparts(listed(tmp_path / "list", entry(PATH, {**PATH, **change})))
    (found,) = look_up(entries, results)
    assert found["status"] == "missing"
    assert [part["status"] for part in found["results"]] == ["there", "missing"]
    assert reason in found["results"][1]["reason"]


def test_a_table_of_an_earlier_configuration_is_missing(results: Path, tmp_path: Path) -> None:
    (results / "provenance.json").write_text(json.dumps({"tables": ["runs/rcv1/sgd.parquet"]}))
    (found,) = look_up(read_counterparts(listed(tmp_path / "list", entry(PATH))), results)
    assert found["results"][0]["reason"].startswith("this run made no results/runs/quadratics/")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (entry({**PATH, "run": "quadratic"}), "there is no 'quadratic'; did you mean 'quadratics'"),
        (entry({**PATH, "optimizer": "adagard"}), "did you mean 'adagrad'"),
        (entry({"analysis": "rcv2", "figure": "x"}), "there is no 'rcv2'"),
        (entry({"run": "rcv1"}), "result 1: 'metric' is a required property"),
        (entry(PATH, section=3.7), "section: 3.7 is not of type 'string'; write it in quotes"),
        (entry(PATH, item="picture 3"), "'picture 3' does not match"),
        (entry(), "results:"),
        ({"section": "1", "item": "log", "results": [PATH]}, "'what' is a required property"),
        ("figure 1", "entry 2 (no mapping): 'figure 1' is not of type 'object'"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_entry(tmp_path: Path, given: dict, told: str) -> None:
    with pytest.raises(ValueError, match=r"assignment\.yaml, entry 2") as problem:
        read_counterparts(listed(tmp_path / "list", entry(PATH), given))
    assert told in str(problem.value)


def test_what_is_missing_is_listed_and_fails_only_where_that_is_asked_for(
    results: Path, tmp_path: Path, monkeypatch
) -> None:
    folder = listed(tmp_path / "list", entry(PATH), entry({**PATH, "metric": "x3"}, item="log"))
    monkeypatch.setattr(counterparts, "read_counterparts", lambda: read_counterparts(folder))
    output = tmp_path / "counterparts.json"
    command = ["counterparts", "--results", str(results), "--output", str(output)]
    listing = CliRunner().invoke(main, command)
    assert listing.exit_code == 0
    assert "missing: assignment, section 3.7, log: results/runs/quadratics: there is no metric" in (
        listing.output
    )
    assert "1 of 2 counterparts are there" in listing.output
    assert [e["status"] for e in json.loads(output.read_text())] == ["there", "missing"]
    assert CliRunner().invoke(main, [*command, "--strict"]).exit_code == 1
