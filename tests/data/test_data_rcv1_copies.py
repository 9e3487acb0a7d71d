"""RCV1 as copies made of arrays, scikit-learn's and the .npz layout, against the same documents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rcv1_documents import MEMBERSHIP, TOPICS, assert_same_documents, convert, rows_of, to_matrix
from scipy import sparse
from text_rows import Row, as_dicts

from data import rcv1_forms
from data.prepare import prepare
from data.prepared import open_prepared
from data.problems import BadInput, DataProblem
from data.settings import Settings


def test_scikit_learns_copy_is_read_before_any_mirror(
    tmp_path: Path, documents: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    import joblib

    home = tmp_path / "scikit_learn_data"
    (home / "RCV1").mkdir(parents=True)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(home))
    order = np.argsort(TOPICS)
    contents = {
        "samples": to_matrix(documents),
        "sample_id": np.array([number for number, _ in documents], dtype=np.uint32),
        "sample_topics": sparse.csr_matrix(MEMBERSHIP[:, order].astype(np.uint8)),
        "topics_names": np.array(TOPICS, dtype=object)[order],
    }
    for name, content in contents.items():
        joblib.dump(content, home / "RCV1" / f"{name}_py3.pkl", compress=1)
    settings = Settings(source="real", cache=tmp_path / "cache", mirrors=(str(tmp_path / "none"),))
    prepare("rcv1", settings, tmp_path / "out")
    prepared = open_prepared(tmp_path / "out")
    assert_same_documents(prepared, documents, [1])
    assert prepared.provenance["kind"] == "local"
    assert "another program" in prepared.provenance["source"]


def test_a_damaged_copy_of_scikit_learns_is_an_error_that_says_what_to_delete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "scikit_learn_data"
    (home / "RCV1").mkdir(parents=True)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(home))
    for name in ("samples", "sample_id", "sample_topics", "topics_names"):
        (home / "RCV1" / f"{name}_py3.pkl").write_bytes(b"\x80\x05 no pickle")
    with pytest.raises(DataProblem, match="delete its RCV1 folder"):
        prepare("rcv1", Settings(cache=tmp_path / "cache"), tmp_path / "out")


def npz_arrays(documents: list[Row]) -> dict[str, np.ndarray]:
    matrix = to_matrix(documents)
    return {
        "indptr": matrix.indptr.astype(np.int32),
        "indices": matrix.indices.astype(np.uint16),
        "data": matrix.data.astype(np.float32),
        "shape": np.array(matrix.shape, dtype=np.int64),
        "topics": MEMBERSHIP[: len(documents)].astype(np.uint8),
        "topic_names": np.array(TOPICS),
        "first": np.ones(len(documents), dtype=bool),
    }


def test_the_npz_layout_is_read_in_small_blocks(
    tmp_path: Path, documents: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rcv1_forms, "_ROWS_AT_ONCE", 7)
    np.savez_compressed(tmp_path / "a.npz", **npz_arrays(documents))
    prepared = convert(tmp_path / "a.npz", tmp_path)
    assert_same_documents(prepared, documents, [1])
    assert "without the topics MCAT and M143" in prepared.provenance["note"]


def test_only_first_occurrences_are_kept(tmp_path: Path, documents: list[Row]) -> None:
    arrays = npz_arrays(documents)
    arrays["first"][[0, 50]] = False
    np.savez(tmp_path / "a.npz", **arrays)
    prepared = convert(tmp_path / "a.npz", tmp_path)
    kept = [row for i, (_, row) in enumerate(documents) if i not in (0, 50)]
    assert as_dicts(rows_of(prepared, "train")) == kept[:40]
    assert as_dicts(rows_of(prepared, "test")) == kept[40:]


def spoil(arrays: dict[str, np.ndarray], name: str, position: int, value: float) -> None:
    arrays[name] = arrays[name].astype(float if name == "data" else np.int64)
    arrays[name][position] = value


@pytest.mark.parametrize(
    ("name", "position", "value", "message"),
    [
        ("data", 3, np.nan, r"row \d holds a value that is not finite"),
        ("data", 3, np.inf, "holds a value that is not finite"),
        ("indices", 3, -1, "holds a feature outside 0..47235"),
        ("indices", 3, 47_236, "holds a feature outside 0..47235"),
        ("indptr", 2, 10_000, "indptr is no row pointer"),
        ("indptr", 0, 1, "indptr is no row pointer"),
        ("shape", 1, 47_237, r"shape \[60, 47237\]"),
        ("shape", 0, 61, r"topics of shape \(60, 3\); expected \(61, 3\)"),
    ],
)
def test_a_spoilt_npz_is_refused(
    tmp_path: Path, documents: list[Row], name: str, position: int, value: float, message: str
) -> None:
    arrays = npz_arrays(documents)
    spoil(arrays, name, position, value)
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(BadInput, match=message):
        convert(tmp_path / "a.npz", tmp_path)


def test_an_npz_with_odd_topics_is_refused(tmp_path: Path, documents: list[Row]) -> None:
    odd = npz_arrays(documents)
    odd["topics"][11, 0] = 7
    twice = npz_arrays(documents)
    twice["topic_names"][1] = twice["topic_names"][0]
    for arrays, message in ((odd, "row 11 of topics"), (twice, "name twice")):
        np.savez(tmp_path / "a.npz", **arrays)
        with pytest.raises(BadInput, match=message):
            convert(tmp_path / "a.npz", tmp_path)


def test_an_npz_of_other_arrays_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(3))
    with pytest.raises(BadInput, match="no array 'topic_names'"):
        convert(tmp_path / "a.npz", tmp_path)
