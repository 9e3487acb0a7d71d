"""Performance: what the benches measured, and what was not measured and says so."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from reports.benchmarks import of_benchmarks
from reports.blocks import Code, Notice, Ref, Table, Text
from reports.results import read_results
from reports.sections.performance import section

MEASURED = {
    "machine": {"cpu": "A <processor>"},
    "rules": [{"rule": "sgd", "runs": 1, "seconds_a_run": 0.125, "run_steps_a_second": 3.7e6}],
    "targets": [{"what": "a <ratio>", "measured": None, "at_least": 2.5, "at_most": None,
                 "reached": None}],
    "rivals": {"document": {"sgd": 271.5}},
}  # fmt: skip


def test_what_a_bench_measured_is_told_by_numbers_with_machine_and_file(tmp_path: Path) -> None:
    results = dataclasses.replace(read_results(tmp_path), benchmarks={"linear_engine": MEASURED})
    numbers = of_benchmarks(results)
    name = "benchmark.linear-engine.rules.0.seconds-a-run"
    assert (numbers[name].value, numbers[name].unit) == (0.125, "s")
    assert numbers[name].source == "results/benchmarks/linear_engine.json"
    tables = [block for block in section(results, numbers).blocks if isinstance(block, Table)]
    assert all("A <processor>" in table.data for table in tables)
    targets, rules, rivals = tables
    assert (Ref(name),) in rules.rows[0]
    assert rivals.rows[0][0] == (Text("document sgd"),)
    assert targets.rows[0][1] == (Text("none"),)
    shown = {p.name for t in tables for row in t.rows for c in row for p in c if isinstance(p, Ref)}
    assert shown == set(numbers)


def test_a_bench_that_was_not_run_says_so_with_its_command(tmp_path: Path) -> None:
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks/grading.json").write_text("[]")
    results = read_results(tmp_path)
    notices = [b for b in section(results, {}).blocks if isinstance(b, Notice)]
    told = ["".join(getattr(p, "text", "") for p in notice.pieces) for notice in notices]
    assert len(told) == 4
    assert "results/benchmarks/linear_engine.json does not exist" in told[0]
    assert "results/benchmarks/grading.json is not a JSON object" in told[2]
    assert all(Code("make bench") in notice.pieces for notice in notices)
