"""The forms RCV1 arrives in, each turned into the same splits a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy import sparse

from data.blocks import Block, fingerprints, take
from data.problems import BadInput
from data.readers.npz import NpzArray, NpzFile
from data.readers.svmlight import Ids, Translate, read_svmlight
from data.readers.textfiles import read_lines
from data.readers.topics import most_frequent, positive, read_topics
from data.registry import Described
from data.settings import Settings
from data.splits import RowSplits
from data.writing import PreparedWriter

FEATURES = 47_236
TRAINING_ROWS = 23_149
_ROWS_AT_ONCE = 10_000

WriteBlock = Callable[[Block, np.ndarray], None]


def convert_lyrl2004(
    train: Path, tests: Sequence[Path], topics: Path, writer: PreparedWriter, settings: Settings
) -> Described:
    """Lewis et al.'s own files: vectors by document number, topics in a file of their own."""
    table = read_topics(topics)
    expression = settings.label
    if expression is None:
        counts = np.zeros(len(table.names), dtype=np.int64)
        for numbers in _document_numbers(train):
            counts += table.membership(numbers, train).sum(axis=0, dtype=np.int64)
        expression = most_frequent(counts, table.names)
    splits = RowSplits(writer, FEATURES)
    for path, write in [(train, splits.train), *((test, splits.test) for test in tests)]:
        for part in read_svmlight(path, Ids(1, FEATURES)):
            membership = table.membership(part.labels, path)
            write(part.block, positive(membership, expression, table.names))
    return Described(expression, with_left_out("the official split", splits))


def _document_numbers(path: Path) -> Iterator[np.ndarray]:
    """The number that begins each line, in blocks: a light pass before the real one."""
    for lines in read_lines(path):
        firsts = [line.split(None, 1)[0] for line in lines.text.split(b"\n") if line.strip()]
        try:
            yield np.array(firsts, dtype=np.float64)
        except ValueError:
            for _ in read_svmlight(path, Ids(1, FEATURES)):
                pass  # names the bad line
            raise


# The arrays of the .npz layout of docs/data.md: numpy's kinds of number, and dimensions.
_LAYOUT = {
    "topic_names": ("U", 1),
    "shape": ("iu", 1),
    "indptr": ("iu", 1),
    "first": ("b", 1),
    "indices": ("iu", 1),
    "data": ("f", 1),
    "topics": ("iub", 2),
}


def convert_npz(path: Path, writer: PreparedWriter, settings: Settings) -> Described:
    """The distinct documents of the .npz layout of docs/data.md.

    Raises BadInput, with the array and its row, where the file has another layout.
    """
    with NpzFile(path) as archive:
        arrays = {name: archive.array(name, *kind) for name, kind in _LAYOUT.items()}
        names = [str(name) for name in arrays["topic_names"].read_all()]
        if len(set(names)) != len(names):
            raise BadInput(path, "a topic's name twice in topic_names", "every name once")
        indptr, first = _npz_frame(path, arrays)
        last = int(np.flatnonzero(first)[:TRAINING_ROWS][-1])
        training = arrays["topics"].read(last + 1)[first[: last + 1]]
    rows = int(np.count_nonzero(first))
    expression = settings.label or most_frequent((training != 0).sum(axis=0), names)
    splits = RowSplits(writer, FEATURES)
    write = _divide(splits, rows)
    with NpzFile(path) as archive:
        arrays = {name: archive.array(name, *kind) for name, kind in _LAYOUT.items()}
        for block, membership in _npz_blocks(path, arrays, indptr, first):
            write(block, positive(membership, expression, names))
    absent = [name for name in ("MCAT", "M143") if name not in names]
    note = f"not the official split: {rows:,} distinct documents, {_division(rows)}"
    if absent:
        note += f"; without the topics {' and '.join(absent)}"
    return Described(expression, with_left_out(note, splits))


def _npz_frame(path: Path, arrays: Mapping[str, NpzArray]) -> tuple[np.ndarray, np.ndarray]:
    """The row pointers and the mask of distinct rows, checked against the declared shape."""
    shape = arrays["shape"].read_all().tolist()
    if len(shape) != 2 or shape[0] < 1 or shape[1] != FEATURES:
        raise BadInput(path, f"shape {shape}", f"[rows, {FEATURES}], at least one row")
    rows = shape[0]
    topics = (rows, arrays["topic_names"].shape[0])
    if arrays["topics"].shape != topics or topics[1] == 0:
        raise BadInput(path, f"topics of shape {arrays['topics'].shape}", f"{topics}, not empty")
    pointers, first = arrays["indptr"].read_all(), arrays["first"].read_all()
    indptr = pointers.astype(np.int64)
    if indptr.shape != (rows + 1,) or indptr[0] != 0 or (np.diff(indptr) < 0).any():
        raise BadInput(path, "indptr is no row pointer", f"{rows + 1} rising numbers from 0")
    if first.shape != (rows,) or not first.any():
        raise BadInput(path, f"first of shape {first.shape}", f"({rows},), some true")
    return indptr, first


def _npz_blocks(
    path: Path, arrays: Mapping[str, NpzArray], indptr: np.ndarray, first: np.ndarray
) -> Iterator[tuple[Block, np.ndarray]]:
    """Blocks of distinct rows and their topic membership."""
    indices, values, topics = arrays["indices"], arrays["data"], arrays["topics"]
    for start in range(0, len(first), _ROWS_AT_ONCE):
        local = indptr[start : start + _ROWS_AT_ONCE + 1] - indptr[start]
        entries = int(local[-1])
        wide = Block(local, indices.read(entries).astype(np.int64), values.read(entries))
        _check_block(path, wide, start)
        block = Block(local, wide.indices.astype(np.int32), wide.values.astype(np.float32))
        chosen = first[start : start + _ROWS_AT_ONCE]
        membership = topics.read(block.rows)
        if not np.isin(membership, (0, 1)).all():
            odd = int(np.flatnonzero(~np.isin(membership, (0, 1)).all(axis=1))[0]) + start
            raise BadInput(path, f"row {odd} of topics is not of 0 and 1", "1 where it has a topic")
        yield take(block, chosen), membership[chosen]


def _check_block(path: Path, block: Block, start: int) -> None:
    rows = np.repeat(np.arange(block.rows), np.diff(block.indptr))
    not_rising = (np.diff(block.indices) <= 0) & (np.diff(rows) == 0)
    faults = (
        ((block.indices < 0) | (block.indices >= FEATURES), f"a feature outside 0..{FEATURES - 1}"),
        (np.append(not_rising, False), "features that do not rise"),
        (~(np.abs(block.values) <= np.finfo(np.float32).max), "a value that is not finite"),
    )
    for mask, found in faults:
        if mask[: len(rows)].any():
            row = start + int(rows[np.argmax(mask)])
            raise BadInput(path, f"row {row} holds {found}", "finite values, rising features")


def convert_labelled(
    train: Path,
    test: Path | None,
    translate: Translate | None,
    writer: PreparedWriter,
    settings: Settings,
) -> Described:
    """svmlight, libsvm or Vowpal Wabbit text with two kinds of label; the larger is positive."""
    rows, first_id, labels = _scan([path for path in (train, test) if path], translate)
    ids = Ids(first_id, FEATURES)
    splits = RowSplits(writer, FEATURES)
    write = splits.train if test else _divide(splits, rows)
    for part in read_svmlight(train, ids, translate):
        write(part.block, (part.labels == labels[1]).astype(np.float32))
    if test is not None:
        for part in read_svmlight(test, ids, translate):
            splits.test(part.block, (part.labels == labels[1]).astype(np.float32))
    note = "the split of the files" if test else f"not the official split: {_division(rows)}"
    if settings.label is not None:
        note += f"; labels as in the file, the topic {settings.label} asked for does not apply"
    return Described(f"{labels[1]:g} against {labels[0]:g}", with_left_out(note, splits))


def _scan(paths: Sequence[Path], translate: Translate | None) -> tuple[int, int, list[float]]:
    """Rows in all, the first feature id (0 if it occurs, else 1) and the two labels."""
    rows, first_id = 0, 1
    labels: set[float] = set()
    for path in paths:
        for part in read_svmlight(path, Ids(0, FEATURES + 1), translate):
            rows += part.block.rows
            if (part.block.indices == 0).any():
                first_id = 0
            labels.update(np.unique(part.labels).tolist())
            if len(labels) > 2:
                found = ", ".join(f"{label:g}" for label in sorted(labels)[:4])
                raise BadInput(path, f"labels {found}", "two kinds of label, such as -1 and 1")
    if len(labels) < 2:
        raise BadInput(paths[0], f"only the label {labels.pop():g}", "two kinds of label")
    return rows, first_id, sorted(labels)


def write_in_order(splits: RowSplits, matrix: sparse.csr_matrix, labels: np.ndarray) -> None:
    """Write a matrix and its labels [n]: the first 23,149 rows train, the others test."""
    write = _divide(splits, matrix.shape[0])
    for start in range(0, matrix.shape[0], _ROWS_AT_ONCE):
        part = matrix[start : start + _ROWS_AT_ONCE]
        part.sort_indices()
        block = Block(
            part.indptr.astype(np.int64),
            part.indices.astype(np.int32),
            part.data.astype(np.float32),
        )
        write(block, labels[start : start + _ROWS_AT_ONCE])


def _divide(splits: RowSplits, rows: int) -> WriteBlock:
    """How rows of one file are divided: by order where there are enough, else by content."""

    def by_order(block: Block, labels: np.ndarray) -> None:
        training = np.arange(block.rows) < TRAINING_ROWS - splits.training_rows
        if training.any():
            splits.train(take(block, training), labels[training])
        if not training.all():
            splits.test(take(block, ~training), labels[~training])

    def by_content(block: Block, labels: np.ndarray) -> None:
        # Other digits than those that choose the validation rows.
        testing = (fingerprints(block) >> np.uint64(32)) % np.uint64(5) == 0
        splits.train(take(block, ~testing), labels[~testing])
        splits.test(take(block, testing), labels[testing])

    return by_order if rows > TRAINING_ROWS else by_content


def _division(rows: int) -> str:
    if rows > TRAINING_ROWS:
        return f"the first {TRAINING_ROWS:,} for training"
    return "a fifth, chosen by content, for testing"


def with_left_out(note: str, splits: RowSplits) -> str:
    """The note, and how many test rows were left out for being training rows too."""
    if not splits.left_out:
        return note
    return f"{note}; {splits.left_out:,} test rows left out, their vectors being training rows too"
