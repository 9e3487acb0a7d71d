"""The table of what each rule follows, and the tables that are no longer of this run."""

import json
from pathlib import Path

from reporting import verdict

from reports.blocks import Table, Text
from reports.results import read_results, run_files
from reports.sections.invariances import section


def cells_of(results: Path, found: list[dict]) -> list[list[str]]:
    (results / "proofs/verdicts.json").write_text(json.dumps(found), encoding="utf-8")
    table = section(read_results(results), {}).blocks[-1]
    assert isinstance(table, Table)
    return [
        ["".join(piece.text for piece in cell if isinstance(piece, Text)) for cell in row]
        for row in table.rows
    ]


def test_a_row_is_a_rule_and_a_cell_says_yes_or_no_with_its_evidence(results: Path) -> None:
    found = [
        verdict("invariance-adagrad-rotation", "refuted", "counterexample"),
        verdict("invariance-adagrad-loss-scaling", "refuted", "counterexample"),
        verdict("invariance-adagrad-loss-scaling-without-eps", "reproduced", "exact"),
        verdict("invariance-full_matrix_adagrad-rotation", "reproduced", "searched"),
        verdict("exercise-1", "reproduced", "exact"),
    ]
    adagrad, full = cells_of(results, found)
    assert adagrad[:2] == ["adagrad", "no"]
    assert adagrad[5] == "no; without eps: yes (exact)"
    assert adagrad[6] == "not verified"
    assert full[:2] == ["full matrix adagrad", "yes (searched)"]


def test_a_table_of_an_optimizer_that_is_no_longer_run_is_left_out(results: Path) -> None:
    assert len(run_files(results, "rcv1")) == 2
    path = results / "provenance.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**told, "tables": ["runs/rcv1/sgd.parquet"]}), encoding="utf-8")
    assert [file.name for file in run_files(results, "rcv1")] == ["sgd.parquet"]
