"""The audit log: whatever is changed in it is found, at the first line where it was."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from grading import audit
from grading.class_results import read_results


def write_result(path: Path, student: str, score: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    test = {
        "name": "One step",
        "status": "passed",
        "score": score,
        "max_score": 10,
        "output": "",
        "visibility": "visible",
        "extra_data": {"check": "adagrad_step", "seed": 17, "cases": 3},
    }
    about = {
        "status": "graded",
        "id": student,
        "sha256": "ab" * 32,
        "assignment": "adagrad",
        "assignment_version": 3,
    }
    found = {"score": score, "max_score": 10, "tests": [test], "extra_data": about}
    path.write_text(json.dumps(found))
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of three students."""
    files = [write_result(tmp_path / name / "results.json", name, 5) for name in ("an", "bo", "cu")]
    path = tmp_path / "audit.jsonl"
    assert audit.append(path, read_results(files), "0.1+abc") == 3
    return path


def test_an_entry_says_who_was_graded_with_what(log):
    entry = json.loads(log.read_text().splitlines()[1])
    assert (entry["number"], entry["student"], entry["score"]) == (2, "bo", 5)
    assert (entry["seeds"], entry["assignment_version"]) == ({"adagrad_step": 17}, 3)
    assert (entry["submission_sha256"], entry["grader"]) == ("ab" * 32, "0.1+abc")
    assert entry["previous"] == json.loads(log.read_text().splitlines()[0])["hash"]


def test_the_whole_chain_holds_and_its_end_is_told(log):
    found = audit.verify(log)
    assert found == audit.Verified(3, json.loads(log.read_text().splitlines()[2])["hash"])


def test_grading_again_adds_only_what_is_new(log, tmp_path):
    files = [tmp_path / name / "results.json" for name in ("an", "bo", "cu")]
    assert audit.append(log, read_results(files), "0.1+abc") == 0
    write_result(files[1], "bo", 7)
    assert audit.append(log, read_results(files), "0.2+def") == 1
    assert audit.verify(log).lines == 4
    assert json.loads(log.read_text().splitlines()[3])["score"] == 7


def edited(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace('"score": 5', '"score": 10'), lines[2]]


def resealed(lines: list[str]) -> list[str]:
    """The second line changed and sealed anew, as who knows the format could."""
    entry = json.loads(edited(lines)[1])
    return [lines[0], json.dumps({**entry, "hash": audit._hash(entry)}), lines[2]]


@pytest.mark.parametrize(
    ("change", "line", "told"),
    [
        (edited, 2, "its content is not what was sealed"),
        (resealed, 3, "does not follow the line before"),
        (lambda lines: [lines[0], lines[2]], 2, "does not follow the line before"),
        (lambda lines: lines[1:], 1, "does not follow the line before"),
        (lambda lines: [lines[1], lines[0], lines[2]], 1, "does not follow the line before"),
        (lambda lines: [*lines[:2], "{}", lines[2]], 3, "it is no entry"),
        (lambda lines: [*lines[:2], "", lines[2]], 3, "it is no entry"),
    ],
)
def test_the_first_broken_line_is_named_and_nothing_is_added_after_it(change, line, told, log):
    log.write_text("\n".join(change(log.read_text().splitlines())) + "\n")
    before = log.read_bytes()
    with pytest.raises(audit.BrokenLog, match=rf"audit\.jsonl, line {line}: .*{told}"):
        audit.verify(log)
    with pytest.raises(audit.BrokenLog):
        audit.append(log, (), "0.1")
    assert log.read_bytes() == before


def test_a_line_that_a_crash_cut_off_is_written_anew(log, tmp_path):
    whole = log.read_text().splitlines(keepends=True)
    log.write_text("".join(whole[:2]) + whole[2][:40])
    with pytest.raises(audit.BrokenLog, match="line 3: it was not written to its end"):
        audit.verify(log)
    assert audit.append(log, read_results([tmp_path / "cu" / "results.json"]), "0.1+abc") == 1
    assert audit.verify(log).lines == 3


def _append_one(arguments: tuple[Path, Path]) -> int:
    log, file = arguments
    return audit.append(log, read_results([file]), "0.1")


def test_jobs_side_by_side_break_no_chain(tmp_path):
    names = [f"s{number}" for number in range(40)]
    files = [write_result(tmp_path / name / "results.json", name, 1) for name in names]
    log = tmp_path / "audit.jsonl"
    with multiprocessing.get_context("fork").Pool(4) as pool:
        added = pool.map(_append_one, [(log, file) for file in files], chunksize=1)
    assert sum(added) == 40
    assert audit.verify(log).lines == 40


def test_the_graders_version_changes_with_its_code(tmp_path, monkeypatch):
    (tmp_path / "grading").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "9.9"\n')
    code = tmp_path / "grading" / "judge.py"
    code.write_text("tolerance = 1")
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    first = audit.grader_version()
    code.write_text("tolerance = 2")
    assert first.startswith("9.9+")
    assert audit.grader_version() != first
