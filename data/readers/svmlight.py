"""Reading svmlight/libsvm text (`label id:value id:value ...`) in blocks of rows.

scikit-learn's reader parses each block; where it balks, a slow pass names the line and the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from data.blocks import Block
from data.problems import BadInput
from data.readers.textfiles import Lines, read_lines


@dataclass(frozen=True)
class Labelled:
    """A block of rows and what stood before each: a label or a document's number, float64 [n]."""

    block: Block
    labels: np.ndarray


@dataclass(frozen=True)
class Ids:
    """The feature ids a file may hold: `count` from `first` on; `first` becomes feature 0."""

    first: int
    count: int


Translate = Callable[[Path, Lines], bytes]


def read_svmlight(path: Path, ids: Ids, translate: Translate | None = None) -> Iterator[Labelled]:
    """Yield the file's rows in blocks of a few megabytes of text.

    `translate` turns lines of another format into svmlight's, line by line. Raises BadInput naming
    file, line and reason for a line without a label, a malformed or repeated or falling feature
    id, an id out of range, and a value that is not finite; and for a file without any row.
    """
    empty = True
    for lines in read_lines(path):
        text = lines.text if translate is None else translate(path, lines)
        labelled = _parse(path, Lines(text, lines.first), ids)
        empty = empty and not labelled.block.rows
        if labelled.block.rows:
            yield labelled
    if empty:
        raise BadInput(path, "no rows", "lines of 'label id:value id:value ...'")


def _parse(path: Path, lines: Lines, ids: Ids) -> Labelled:
    from sklearn.datasets import load_svmlight_file

    try:
        # zero_based=True keeps the ids as written, to be checked before they are shifted.
        matrix, labels = load_svmlight_file(BytesIO(lines.text), dtype=np.float32, zero_based=True)
    except (ValueError, OverflowError, IndexError) as error:
        _diagnose(path, lines, ids)
        raise BadInput(path, f"near line {lines.first}: {error}", "svmlight text") from error
    features = matrix.indices.astype(np.int64) - ids.first
    good_ids = not features.size or (features.min() >= 0 and features.max() < ids.count)
    if not (good_ids and np.isfinite(matrix.data).all() and np.isfinite(labels).all()):
        _diagnose(path, lines, ids)
        raise BadInput(path, f"bad numbers from line {lines.first} on", "svmlight text")
    indptr = matrix.indptr.astype(np.int64)
    return Labelled(Block(indptr, features.astype(np.int32), matrix.data), labels)


def _diagnose(path: Path, lines: Lines, ids: Ids) -> None:
    """Raise BadInput for the first line that breaks a rule."""
    for number, line in enumerate(lines.text.split(b"\n"), start=lines.first):
        fields = line.split(b"#", 1)[0].split()
        if fields:
            fault = _fault(fields, ids)
            if fault:
                raise BadInput(path, *fault, line=number)


def _fault(fields: list[bytes], ids: Ids) -> tuple[str, str] | None:
    """What was found and what is expected where a line's fields break a rule, else None."""
    if b":" in fields[0]:
        return f"no label before {_shown(fields[0])}", "'label id:value ...'"
    label = _number(fields[0], float)
    if label is None or not math.isfinite(label):
        return f"the label {_shown(fields[0])}", "a finite number"
    previous: float = -1
    last = ids.first + ids.count - 1
    for field in fields[1:]:
        if field.startswith(b"qid:"):
            continue
        name, colon, text = field.partition(b":")
        feature, value = _number(name, int), _number(text, float)
        if not colon or feature is None or value is None:
            return f"the field {_shown(field)}", "'id:value' with a whole and a real number"
        if not ids.first <= feature <= last:
            return f"feature id {feature}", f"ids from {ids.first} to {last}"
        if feature <= previous:
            return f"feature id {feature} after {previous}", "rising ids in a row"
        if not abs(value) <= float(np.finfo(np.float32).max):
            return f"the value {_shown(text)}", "a finite 32-bit number"
        previous = feature
    return None


def _number(text: bytes, kind: type) -> float | None:
    try:
        return kind(text)
    except ValueError:
        return None


def _shown(field: bytes) -> str:
    return repr(field[:40].decode("utf-8", "replace"))


def from_vowpal_wabbit(path: Path, lines: Lines) -> bytes:
    """Turn Vowpal Wabbit lines (`label [weight] ['tag]|space id:value id ...`) into svmlight's.

    One namespace a line, numbers as feature names, a missing value counts as 1; ids are put in
    order. Raises BadInput naming the line otherwise.
    """
    out = []
    for number, line in enumerate(lines.text.split(b"\n"), start=lines.first):
        if not line.strip():
            out.append(b"")
            continue
        head, bar, tail = line.partition(b"|")
        if not bar or not head.split() or head.split()[0].startswith(b"'"):
            raise BadInput(path, "no label before '|'", "'label |space id:value ...'", number)
        if b"|" in tail:
            raise BadInput(path, "a second namespace", "one '|' in a line", number)
        weight = head.split()[1:2]
        if weight and not weight[0].startswith(b"'") and _number(weight[0], float) not in (1, None):
            found = f"the importance weight {_shown(weight[0])}"
            raise BadInput(path, found, "rows of weight 1: all rows count alike here", number)
        fields = tail.split() if tail[:1].isspace() else tail.split()[1:]
        pairs = [field if b":" in field else field + b":1" for field in fields]
        keys = [_number(pair.partition(b":")[0], int) for pair in pairs]
        if None in keys:
            name = pairs[keys.index(None)].partition(b":")[0]
            raise BadInput(path, f"the feature name {_shown(name)}", "a whole number", number)
        ordered = [pair for _, pair in sorted(zip(keys, pairs, strict=True))]
        out.append(b" ".join([head.split()[0], *ordered]))
    return b"\n".join(out)
