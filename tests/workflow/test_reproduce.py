"""One result made again in a copy of the project, and what is called a difference."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
import yaml

from experiments.parquet import made_by, write_table
from workflow.reproduce import differences, target_of

ROOT = Path(__file__).resolve().parents[2]
RESULT = "results/runs/quadratics/sgd.parquet"


def table(path: Path, **changed: object) -> Path:
    columns = {"metric": ["loss", "loss"], "value": [0.5, None], "seconds": [1.0, 2.0]}
    pd.DataFrame({**columns, **changed}).to_parquet(path)
    return path


def test_tables_differ_by_value_and_not_by_seconds(tmp_path):
    first = table(tmp_path / "a.parquet")
    assert differences(first, table(tmp_path / "b.parquet", seconds=[3.0, 4.0])) == []
    last_bit = 0.5000000000000001
    changed = table(tmp_path / "c.parquet", value=[last_bit, None])
    assert differences(first, changed) == [f"row 0, value: 0.5, now {last_bit}"]
    assert len(differences(first, table(tmp_path / "d.parquet", value=[0.5, 1.0]))) == 1
    shorter = pd.read_parquet(first).iloc[:1]
    shorter.to_parquet(tmp_path / "e.parquet")
    assert len(differences(first, tmp_path / "e.parquet")) == 1


def test_json_differs_by_place_and_folders_by_file(tmp_path):
    for name, value in (("old", 1), ("new", 2)):
        (tmp_path / name).mkdir()
        made = {"a": [{"b": value, "seconds": value}], "finished": name}
        (tmp_path / name / "x.json").write_text(json.dumps(made))
    (tmp_path / "new" / "more.txt").write_text("")
    (tmp_path / "new" / ".snakemake_timestamp").write_text("")
    assert differences(tmp_path / "old", tmp_path / "new") == [
        "more.txt: only in the new folder",
        "x.json: .a[0].b: 1, now 2",
    ]


def test_measured_times_are_no_difference_in_numbers_either(tmp_path):
    for name, seconds, loss in (("a", 1.0, 0.5), ("b", 2.0, 0.6)):
        numbers = {"x.seconds": {"value": seconds, "unit": "s"}, "x": {"value": loss, "unit": ""}}
        (tmp_path / f"{name}.json").write_text(json.dumps(numbers))
    assert differences(tmp_path / "a.json", tmp_path / "b.json") == [".x.value: 0.5, now 0.6"]


@pytest.mark.parametrize(
    ("result", "target"),
    [
        (RESULT, RESULT),
        ("results/proofs/verdicts.json", "results/proofs/verdicts.json"),
        ("results/report/report.html", "results/report/report.html"),
        ("results/report/figures/rcv1.svg", "results/report/figures"),
        ("results/data/rcv1/statistics.json", "results/data/rcv1"),
        ("results/data/manifest.json", "results/data/manifest.json"),
    ],
)
def test_a_file_of_a_folder_that_one_job_makes_is_made_with_it(result, target):
    assert target_of(result) == target


def reproduced(project: Path, result: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "workflow.reproduce", result]
    return subprocess.run(command, cwd=project, capture_output=True, text=True)


@pytest.mark.slow
def test_a_run_made_again_differs_from_a_forged_one_where_it_was_forged_and_nowhere_else(tmp_path):
    project = tmp_path / "project"
    ignored = shutil.ignore_patterns("results", "logs", "build", "tests", ".*", "__pycache__")
    shutil.copytree(ROOT, project, ignore=ignored)
    made = project / RESULT
    made.parent.mkdir(parents=True)
    config = yaml.safe_load((ROOT / "config/experiments/quadratics.yaml").read_text("utf-8"))
    config["experiments"]["quadratics"]["steps"] = 7  # as --configfile might have said, once
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "experiments", "run", "quadratics", "sgd",
         "--config", str(tmp_path / "config.yaml"), "--output", str(made)],
        cwd=project, check=True, capture_output=True,
    )  # fmt: skip
    before = made_by(made)
    forged = pd.read_parquet(made)
    row = forged.index[forged["value"].notna()][0]
    forged.loc[row, "value"] += 1.0
    write_table(pa.Table.from_pandas(forged, preserve_index=False), made, before)

    done = reproduced(project, RESULT)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"row {row}, value: {forged.loc[row, 'value']}, now " in done.stdout
    assert f"{RESULT}: 1 difference\n" in done.stdout  # all else is equal
    assert "no results/provenance.json" in done.stdout
    none = reproduced(project, "results/runs/none.parquet")
    assert none.returncode == 2
    assert "is no result" in none.stderr
