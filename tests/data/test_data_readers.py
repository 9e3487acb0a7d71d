"""Readers of one file format each: what they accept, and how they refuse."""

from __future__ import annotations

import bz2
import gzip
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from text_rows import as_dicts, random_rows, svmlight

from data.airfoil import read_table
from data.problems import BadInput, DataProblem
from data.readers import textfiles
from data.readers.idx import read_idx
from data.readers.npz import NpzFile
from data.readers.svmlight import Ids, Labelled, from_vowpal_wabbit, read_svmlight
from data.readers.topics import most_frequent, parse_label, positive, read_topics

IDS = Ids(1, 100)


def write(folder: Path, content: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def read_all(path: Path, ids: Ids = IDS, **options: object) -> list[Labelled]:
    return list(read_svmlight(path, ids, **options))  # type: ignore[arg-type]


# --- svmlight -----------------------------------------------------------------------------------


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress])
def test_svmlight_is_read_as_written_plain_gz_and_bz2(tmp_path: Path, compress) -> None:  # type: ignore[no-untyped-def]
    rows = random_rows(1, 50, 100, (-1, 1))
    (part,) = read_all(write(tmp_path, compress(svmlight(rows))))
    assert as_dicts(part.block) == [row for _, row in rows]
    assert part.labels.tolist() == [label for label, _ in rows]


def test_small_blocks_give_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = random_rows(2, 200, 100, (-1, 1))
    path = write(tmp_path, svmlight(rows).rstrip(b"\n"))  # the last line without an end
    monkeypatch.setattr(textfiles, "_BLOCK", 64)
    parts = read_all(path)
    assert len(parts) > 20
    assert [row for part in parts for row in as_dicts(part.block)] == [row for _, row in rows]


def test_comments_blank_lines_query_numbers_and_empty_rows_are_understood(tmp_path: Path) -> None:
    text = b"# a comment\n\n1 qid:3 1:0.5 100:2 # tail\n-1\r\n+1 2:1e-2\n"
    (part,) = read_all(write(tmp_path, text))
    assert as_dicts(part.block) == [{0: 0.5, 99: 2.0}, {}, {1: pytest.approx(0.01)}]
    assert part.labels.tolist() == [1, -1, 1]


@pytest.mark.parametrize(
    ("line", "found", "expected"),
    [
        (b"1:0.5 2:1", "no label before '1:0.5'", "'label id:value"),
        (b"yes 1:0.5", "the label 'yes'", "a finite number"),
        (b"nan 1:0.5", "the label 'nan'", "a finite number"),
        (b"1 1:0.5 2", "the field '2'", "'id:value'"),
        (b"1 a:0.5", "the field 'a:0.5'", "'id:value'"),
        (b"1 1:x", "the field '1:x'", "'id:value'"),
        (b"1 1:2:3", "the field '1:2:3'", "'id:value'"),
        (b"1 0:0.5", "feature id 0", "ids from 1 to 100"),
        (b"1 101:0.5", "feature id 101", "ids from 1 to 100"),
        (b"1 99999999999999999999:1", "feature id 99999999999999999999", "ids from 1 to 100"),
        (b"1 -3:1", "feature id -3", "ids from 1 to 100"),
        (b"1 2:1 1:1", "feature id 1 after 2", "rising ids"),
        (b"1 2:1 2:1", "feature id 2 after 2", "rising ids"),
        (b"1 1:nan", "the value 'nan'", "a finite 32-bit number"),
        (b"1 1:-inf", "the value '-inf'", "a finite 32-bit number"),
        (b"1 1:1e39", "the value '1e39'", "a finite 32-bit number"),
        (b"\xff\xfe", "the label", "a finite number"),
        (b"<html><body>", "the label '<html><body>'", "a finite number"),
    ],
)
def test_a_bad_line_is_named_with_file_line_and_reason(
    tmp_path: Path, line: bytes, found: str, expected: str
) -> None:
    path = write(tmp_path, b"1 1:1\n\n# comment\n" + line + b"\n1 1:1\n")
    with pytest.raises(BadInput) as caught:
        read_all(path)
    assert str(caught.value).startswith(f"{path}, line 4: {found}")
    assert f"expected {expected}" in str(caught.value)


def test_a_bad_line_of_a_later_block_has_its_own_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfiles, "_BLOCK", 64)
    path = write(tmp_path, b"1 1:1\n" * 99 + b"1 1:one\n")
    with pytest.raises(BadInput, match="line 100: the field '1:one'"):
        read_all(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="an empty file"):
        read_all(write(tmp_path, b""))


def test_a_file_of_comments_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no rows"):
        read_all(write(tmp_path, b"# nothing\n"))


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
@pytest.mark.parametrize(
    "spoil", [lambda packed: packed[:-20], lambda packed: packed[:30] + b"?" * 60]
)
def test_broken_compression_is_refused(tmp_path: Path, compress, spoil) -> None:  # type: ignore[no-untyped-def]
    packed = compress(svmlight(random_rows(3, 200, 100, (1,))))
    with pytest.raises(BadInput, match="expected a whole file"):
        read_all(write(tmp_path, spoil(packed)))


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textfiles, "_BLOCK", 16)
    monkeypatch.setattr(textfiles, "_LONGEST_LINE", 64)
    with pytest.raises(BadInput, match="line 1: a line without end"):
        read_all(write(tmp_path, b"1" * 1000))


# --- Vowpal Wabbit ------------------------------------------------------------------------------


def test_vowpal_wabbit_lines_are_read(tmp_path: Path) -> None:
    text = b"1 |f 3:0.5 1:2\n-1 1.0 'tag|f 2 7:1.5\n1 | 4:1\n\n"
    (part,) = read_all(write(tmp_path, text), translate=from_vowpal_wabbit)
    assert as_dicts(part.block) == [{0: 2.0, 2: 0.5}, {1: 1.0, 6: 1.5}, {3: 1.0}]
    assert part.labels.tolist() == [1, -1, 1]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"|f 1:1", "no label before '|'"),
        (b"1 1:1", "no label before '|'"),
        (b"1 |f 1:1 |g 2:1", "a second namespace"),
        (b"1 |f price:1", "the feature name 'price'"),
        (b"1 2.5 |f 1:1", "the importance weight '2.5'"),
    ],
)
def test_a_bad_vowpal_wabbit_line_is_named(tmp_path: Path, line: bytes, found: str) -> None:
    path = write(tmp_path, b"1 |f 1:1\n" + line + b"\n")
    with pytest.raises(BadInput) as caught:
        read_all(path, translate=from_vowpal_wabbit)
    assert f"{path}, line 2: {found}" in str(caught.value)


def test_a_byte_order_mark_before_the_first_line_is_skipped(tmp_path: Path) -> None:
    (part,) = read_all(write(tmp_path, b"\xef\xbb\xbf1 1:2\n"))
    assert part.labels.tolist() == [1]


# --- topics -------------------------------------------------------------------------------------


def test_topics_are_joined_by_document_number(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"B 5 1\nA 5 1\nA 2 1\nC 1048577 1\n"))
    table = read_topics(path)
    assert table.names == ("B", "A", "C")
    membership = table.membership(np.array([2.0, 5.0, 1048577.0]), path)
    assert membership.tolist() == [[0, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_a_hundred_topics_keep_apart(tmp_path: Path) -> None:
    path = write(tmp_path, b"".join(b"T%d %d 1\n" % (topic, topic) for topic in range(100)))
    assert (read_topics(path).membership(np.arange(100.0), path) == np.eye(100)).all()


@pytest.mark.parametrize("number", [3.0, -1.0, 2.5, 1e9])
def test_a_document_without_topics_is_named(tmp_path: Path, number: float) -> None:
    path = write(tmp_path, b"A 2 1\n")
    with pytest.raises(BadInput, match="has no topic"):
        read_topics(path).membership(np.array([2.0, number]), path)


@pytest.mark.parametrize(
    "line", [b"A 2", b"A 2 1 1", b"A x 1", b"A -2 1", b"A 2 0", b"A 99999999999 1", b"A 1e3 1"]
)
def test_a_bad_topic_line_is_named(tmp_path: Path, line: bytes) -> None:
    path = write(tmp_path, b"A 1 1\n" + line + b"\nB 2 1\n")
    with pytest.raises(BadInput, match=r"line 2: .*expected 'topic document 1'"):
        read_topics(path)


def test_an_expression_is_the_union_of_its_topics() -> None:
    membership = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]])
    assert positive(membership, "A | B", ("A", "B", "C")).tolist() == [1, 1, 0, 1]
    assert positive(membership, "C", ("A", "B", "C")).tolist() == [0, 0, 1, 0]


def test_an_unknown_topic_is_named() -> None:
    with pytest.raises(DataProblem, match=r"found 'X' in 'A\|X', expected topics.*A, B"):
        parse_label("A|X", ("A", "B"))


def test_the_most_frequent_topic_is_the_first_of_a_tie() -> None:
    assert most_frequent(np.array([1, 3, 3]), ("A", "B", "C")) == "B"


# --- npz ----------------------------------------------------------------------------------------


def test_npz_arrays_are_read_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, numbers=np.arange(12).reshape(6, 2), names=np.array(["a", "bc"]))
    with NpzFile(path) as archive:
        numbers = archive.array("numbers", "iu", 2)
        assert numbers.shape == (6, 2)
        assert numbers.read(4).tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
        assert numbers.read(2).tolist() == [[8, 9], [10, 11]]
        assert archive.array("names", "U", 1).read_all().tolist() == ["a", "bc"]
        with pytest.raises(BadInput, match="array numbers ends early"):
            numbers.read(1)


class Bomb:
    """Creates the file `exploded` when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, ("exploded", "w")


def test_a_pickle_in_an_npz_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("a.npz", data=np.array([Bomb()], dtype=object))
    with NpzFile(Path("a.npz")) as archive, pytest.raises(BadInput, match="pickled objects"):
        archive.array("data", "f", 1)
    assert not Path("exploded").exists()
    pickle.loads(pickle.dumps(Bomb()))  # the bomb itself works
    assert Path("exploded").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nonsense", b"\x93NUMPY"])
def test_a_file_that_is_no_npz_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadInput, match=r"a whole .npz file"):
        NpzFile(write(tmp_path, content))


def test_a_spoilt_npz_member_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, data=np.random.default_rng(0).random(1000))
    content = bytearray(path.read_bytes())
    content[4000:4100] = b"?" * 100
    path.write_bytes(content)
    with NpzFile(path) as archive, pytest.raises(BadInput, match="not readable"):
        archive.array("data", "f", 1).read_all()


def test_an_absent_npz_array_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros(1))
    with NpzFile(tmp_path / "a.npz") as archive, pytest.raises(BadInput, match="no array 'b'"):
        archive.array("b", "f", 1)


# --- IDX ----------------------------------------------------------------------------------------


def idx(*sizes: int, content: bytes, kind: int = 8) -> bytes:
    header = struct.pack(f">HBB{len(sizes)}I", 0, kind, len(sizes), *sizes)
    # No time of its own: it is in a test's name, which has to be the same in every process.
    return gzip.compress(header + content, mtime=0)


def test_idx_is_read_as_written(tmp_path: Path) -> None:
    array = read_idx(write(tmp_path, idx(2, 2, 3, content=bytes(range(12)))), 3)
    assert array.dtype == np.uint8
    assert array.tolist() == np.arange(12).reshape(2, 2, 3).tolist()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "the header"),
        (gzip.compress(b"", mtime=0), "the header"),
        (b"not gzip at all", "broken gzip"),
        (idx(4, content=b"123"), "3 bytes after the header"),
        (idx(2, content=b"123"), "more bytes after the header"),
        (idx(2, content=b"12", kind=13), "the header"),
        (idx(1, 2, content=b"12"), "the header"),
        (idx(0, content=b""), "sizes"),
        (idx(0xFFFFFFFF, content=b"12"), "sizes"),
        (idx(50, content=b"1" * 50)[:-12], "broken gzip"),
    ],
)
def test_a_bad_idx_file_is_refused(tmp_path: Path, content: bytes, found: str) -> None:
    with pytest.raises(BadInput, match=found):
        read_idx(write(tmp_path, content), 1)


# --- the airfoil table --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"1\t2\t3\t4\t5", "5 columns"),
        (b"1 2 3 4 5 6 7", "7 columns"),
        (b"1 2 3 4 5 x", "'1 2 3 4 5 x'"),
        (b"1 2 3 nan 5 6", "'1 2 3 nan 5 6'"),
        (b"1 2 3 inf 5 6", "'1 2 3 inf 5 6'"),
    ],
)
def test_a_bad_airfoil_line_is_named(tmp_path: Path, line: bytes, found: str) -> None:
    path = write(tmp_path, b"1\t2\t3\t4\t5\t6\r\n" + line + b"\r\n")
    with pytest.raises(BadInput) as caught:
        read_table(path)
    assert f"{path}, line 2: {found}" in str(caught.value)
