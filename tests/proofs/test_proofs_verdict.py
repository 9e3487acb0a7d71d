"""The verdict type refuses what cannot be a finding, and its file holds exactly what was found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proofs.verdict import Place, Verdict, read_verdicts, write_verdicts


def verdict(**changes: Any) -> Verdict:
    """A sound verdict, with some fields changed."""
    fields: dict[str, Any] = {
        "id": "sum",
        "statement": "1 + 1 = 2",
        "place": Place("assignment", "3.8"),
        "finding": "reproduced",
        "evidence": "exact",
        "measured": {"sum": 2, "terms": [1, 1], "as_text": "2", "close_to": 2.5e-16},
        "explanation": "Counted.",
    }
    return Verdict(**{**fields, **changes})


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "verdicts.json"
    verdicts = [
        verdict(hypotheses=("one", "another"), trials=3, provenance={"seed": 7}),
        verdict(id="other", finding="not checkable", evidence="none", tolerance=1e-300),
    ]
    write_verdicts(verdicts, path)
    assert read_verdicts(path) == verdicts


def test_text_beyond_ascii_is_written_as_itself(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    write_verdicts([verdict(statement="Bài tập: ‖Uv‖ = ‖v‖")], path)
    assert "Bài tập: ‖Uv‖" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_value_that_json_cannot_hold_is_refused(tmp_path: Path, value: float) -> None:
    path = tmp_path / "verdicts.json"
    with pytest.raises(ValueError, match="JSON compliant"):
        write_verdicts([verdict(measured={"loss": value})], path)
    assert not path.exists()


def test_two_verdicts_of_one_id_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    with pytest.raises(ValueError, match=r"verdicts\.json.*twice: sum"):
        write_verdicts([verdict(), verdict(), verdict(id="other")], path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"finding": "plausible"}, "sum: finding 'plausible'"),
        ({"evidence": "trust"}, "sum: evidence 'trust'"),
        ({"evidence": "none"}, "cannot rest on evidence 'none'"),
        ({"finding": "not checkable"}, "cannot rest on evidence 'exact'"),
        ({"tolerance": -1e-9}, "at least zero"),
        ({"tolerance_reason": ""}, "carries its reason"),
    ],
)
def test_a_verdict_that_says_nothing_sound_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        verdict(**changes)


def test_the_file_is_a_list_of_plain_objects(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    write_verdicts([verdict()], path)
    (row,) = json.loads(path.read_text(encoding="utf-8"))
    assert row["place"] == {"document": "assignment", "section": "3.8"}
    assert row["measured"]["close_to"] == 2.5e-16
