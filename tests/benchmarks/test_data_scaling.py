"""The scaling benchmark measures what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.data_scaling import line, run_stage, write_documents
from benchmarks.machine import machine
from data.prepared import open_prepared


def test_generated_originals_convert_without_losing_a_row(tmp_path: Path) -> None:
    source, prepared = tmp_path / "original", tmp_path / "prepared"
    source.mkdir()
    write_documents(source, 120)
    measured = run_stage("convert", source, prepared)
    assert open_prepared(prepared).provenance["rows"] | {"fitting": 0, "validation": 0} == {
        "train": 60,
        "test": 60,
        "fitting": 0,
        "validation": 0,
    }
    assert measured["peak_mb"] >= measured["start_mb"] > 0
    assert run_stage("open", source, prepared)["nonzeros"] > 120 * 10


def test_a_line_is_found_again() -> None:
    table = [{"rows": rows, "read": {"seconds": 0.5 + 2e-6 * rows}} for rows in (10, 1000, 50_000)]
    found = line(table, "read", "seconds")
    # Doubles carry sixteen digits; the fit loses a few of them.
    assert found == pytest.approx(
        {"start": 0.5, "per_million_rows": 2.0, "r_squared": 1.0}, rel=1e-9
    )


def test_what_was_measured_says_where_and_with_which_code() -> None:
    told = machine()
    assert told["commit"] == "unknown" or len(told["commit"].rstrip("+")) == 12
    assert {"cpu", "python", "numpy"} <= told.keys()
