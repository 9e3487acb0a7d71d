"""Sixty small documents in the shape of RCV1, and how to see that a form gave exactly them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import sparse
from text_rows import Row, as_dicts

from data.prepare import prepare
from data.prepared import Prepared, Rows, open_prepared
from data.settings import Settings

FEATURES = 47_236
TOPICS = ("ECAT", "CCAT", "M11")  # in the order they appear in the topics' file
# Every second document has ECAT, two of three have CCAT, and the third one M11.
MEMBERSHIP = np.array([[i % 2 == 0, i % 3 != 0, i % 3 == 0] for i in range(60)], dtype=int)


def convert(path: Path, tmp_path: Path, label: str | None = None) -> Prepared:
    """What becomes of a user's own copy of RCV1 at `path`, for the label asked for."""
    prepare("rcv1", Settings(paths={"rcv1": path}, label=label), tmp_path / "out")
    return open_prepared(tmp_path / "out")


def rows_of(prepared: Prepared, split: str) -> Rows:
    """One split, which is rows and not a dense array."""
    part = prepared.splits[split]
    assert isinstance(part, Rows)
    return part


def assert_same_documents(prepared: Prepared, documents: list[Row], topics: list[int]) -> None:
    """Train holds the first forty documents, test the others; labels are those with the topics."""
    expected = MEMBERSHIP[:, topics].any(axis=1)
    for split, part in (("train", slice(40)), ("test", slice(40, None))):
        rows = rows_of(prepared, split)
        assert as_dicts(rows) == [row for _, row in documents[part]]
        assert rows.labels.tolist() == expected[part].tolist()
        assert rows.features == FEATURES


def to_matrix(documents: list[Row]) -> sparse.csr_matrix:
    """The documents as the rows of one float64 matrix."""
    indptr = np.cumsum([0, *(len(row) for _, row in documents)])
    features = [feature for _, row in documents for feature in row]
    values = [value for _, row in documents for value in row.values()]
    return sparse.csr_matrix((values, features, indptr), shape=(len(documents), FEATURES))
