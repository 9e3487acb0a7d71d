"""Hostile input: whatever the bytes, a reader returns sound data or raises BadInput."""

from __future__ import annotations

import gzip
import io
import math
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from data.airfoil import read_table
from data.problems import BadInput, DataProblem
from data.rcv1_forms import convert_npz
from data.readers.idx import read_idx
from data.readers.svmlight import Ids, Labelled, Translate, from_vowpal_wabbit, read_svmlight
from data.readers.topics import read_topics
from data.settings import Settings, settings_from
from data.writing import PreparedWriter

IDS = Ids(1, 50)

# Words of the text formats, whole lines of them, and any bytes now and then.
WORDS = [bytes([byte]) for byte in b" \t\r:|12#'_+\0\xa0\x0b\x1c"] + [
    b"50",
    b"51",
    b"-1",
    b"0.5",
    b"1e400",
    b"nan",
    b"qid:1",
    b"CCAT",
    b"3:1",
]
LINES = ["\n", "1 3:0.5\n", "-1 2:1 4:2\n", "1 |f 3:0.5 1\n", "CCAT 3 1\n", "1 2 3 4 5 6\n"]
TEXT = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from(LINES).map(str.encode),
        st.binary(max_size=3),
    ),
    max_size=40,
).map(b"".join)


def on_disk(content: bytes, read: Callable[[Path], object]) -> object:
    """What `read` makes of a file with this content; None where it raises BadInput."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        try:
            return read(path)
        except BadInput:
            return None


def read_rows(content: bytes, translate: Translate | None = None) -> list[Labelled] | None:
    return on_disk(content, lambda path: list(read_svmlight(path, IDS, translate)))  # type: ignore[return-value]


def reference(text: bytes) -> list[tuple[float, dict[int, float]]] | None:
    """svmlight by the letter of its description, in plain Python; None where it is broken."""
    rows = []
    for line in text.split(b"\n"):
        fields = line.split(b"#")[0].split()
        if not fields:
            continue
        try:
            pairs = [field.split(b":") for field in fields[1:] if not field.startswith(b"qid:")]
            row = {int(name) - 1: float(value) for name, value in pairs}
            label = float(fields[0])
        except ValueError:
            return None
        in_order = [int(name) for name, _ in pairs] == sorted({feature + 1 for feature in row})
        finite = all(abs(value) <= np.finfo(np.float32).max for value in row.values())
        if not (in_order and finite and math.isfinite(label) and set(row) <= set(range(50))):
            return None
        rows.append((label, row))
    return rows or None


def assert_sound(parts: list[Labelled]) -> None:
    for part in parts:
        block = part.block
        assert block.indptr[0] == 0
        assert block.indptr[-1] == len(block.indices) == len(block.values)
        assert len(part.labels) == block.rows
        assert np.isfinite(block.values).all()
        assert np.isfinite(part.labels).all()
        assert ((block.indices >= 0) & (block.indices < 50)).all()


@given(TEXT)
@settings(max_examples=200, deadline=None)
@pytest.mark.slow
def test_svmlight_means_what_its_description_says(text: bytes) -> None:
    parts, expected = read_rows(text), reference(text)
    assert (parts is None) == (expected is None)
    if parts is not None and expected is not None:
        assert_sound(parts)
        assert [label for part in parts for label in part.labels] == [one for one, _ in expected]
        values = [value for part in parts for value in part.block.values]
        assert values == [np.float32(v) for _, row in expected for v in row.values()]
        features = [feature for part in parts for feature in part.block.indices]
        assert features == [feature for _, row in expected for feature in row]


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_vowpal_wabbit_text_is_sound_or_refused(text: bytes) -> None:
    assert_sound(read_rows(text, from_vowpal_wabbit) or [])


@given(TEXT)
@example(b"\n")
@settings(max_examples=100, deadline=None)
def test_topics_are_sound_or_refused(text: bytes) -> None:
    table = on_disk(text, read_topics)
    assert table is None or len(table.names) >= 1  # type: ignore[attr-defined]


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_a_table_is_finite_or_refused(text: bytes) -> None:
    table = on_disk(text, read_table)
    assert table is None or (np.isfinite(table).all() and table.shape[1] == 6)  # type: ignore[attr-defined,call-overload]


@given(st.binary(max_size=60), st.booleans(), st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_idx_is_whole_or_refused(content: bytes, packed: bool, dimensions: int) -> None:
    header = bytes((0, 0, 8, dimensions))
    content = gzip.compress(header + content) if packed else content
    array = on_disk(content, lambda path: read_idx(path, dimensions))
    assert array is None or array.ndim == dimensions  # type: ignore[attr-defined]


@given(st.binary(max_size=200), st.sampled_from([b"\x1f\x8b\x08", b"BZh9", b""]))
@settings(max_examples=100, deadline=None)
def test_anything_that_looks_compressed_is_read_or_refused(content: bytes, magic: bytes) -> None:
    read_rows(magic + content)


def small_npz(compressed: bool, **other: np.ndarray) -> bytes:
    target = io.BytesIO()
    save = np.savez_compressed if compressed else np.savez
    arrays = {
        "indptr": np.array([0, 2, 3, 5], np.int32),
        "indices": np.array([1, 9, 4, 0, 3], np.uint16),
        "data": np.array([0.5, 1, 2, 3, 4], np.float32),
        "shape": np.array([3, 47_236]),
        "topics": np.eye(3, dtype=np.uint8),
        "topic_names": np.array(["A", "B", "C"]),
        "first": np.ones(3, bool),
    }
    save(target, **{**arrays, **other})
    return target.getvalue()


def converts(path: Path) -> bool:
    with PreparedWriter(path.parent / "out") as writer:
        convert_npz(path, writer, Settings())
    return True


CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8)


@given(st.booleans(), CHANGES, st.integers(0, 200))
@settings(max_examples=150, deadline=None)
@pytest.mark.slow
def test_a_damaged_npz_is_read_or_refused(
    compressed: bool, changes: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(small_npz(compressed))
    for position, value in changes:
        content[position % len(content)] = value
    on_disk(bytes(content[: len(content) - cut]), converts)


ARRAYS = numpy_strategies.arrays(
    st.sampled_from(["i1", "i8", "u2", "u8", "f2", "f8", "?", "U2", "S2", "c8", "M8[D]"]),
    numpy_strategies.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
)
NAMES = st.sampled_from(["indptr", "indices", "data", "shape", "topics", "topic_names", "first"])


@given(st.dictionaries(NAMES, ARRAYS, min_size=1, max_size=2))
@example({"indptr": np.array(0)})
@example({"topics": np.zeros((3, 0), int), "topic_names": np.array([], "U1")})
@example({"data": np.zeros(9)})
@settings(max_examples=150, deadline=None)
@pytest.mark.slow
def test_an_npz_of_other_shapes_and_types_is_read_or_refused(
    other: dict[str, np.ndarray],
) -> None:
    on_disk(small_npz(False, **other), converts)


def test_the_undamaged_npz_is_read() -> None:
    assert on_disk(small_npz(True), converts)


KEYS = st.sampled_from(["source", "mirrors", "paths", "rcv1", "label", "a"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.floats()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, VALUES, max_size=3), st.text(max_size=20))
@settings(max_examples=150, deadline=None)
@pytest.mark.slow
def test_settings_are_built_or_the_mistake_is_named(
    mapping: dict[str, object], mirrors: str
) -> None:
    try:
        built = settings_from(mapping, {"REGRAD_DATA_MIRROR": mirrors})
    except DataProblem:
        return
    assert built.source in ("auto", "real", "stand-in")
