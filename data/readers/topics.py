"""Topics: which document has which, and which of them count as the positive class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from data.problems import BadInput, DataProblem
from data.readers.textfiles import read_lines

_MOST_TOPICS = 128  # RCV1-v2 has 103
_LARGEST_DOCUMENT = 1 << 24  # RCV1-v2's numbers end at 810,596


def parse_label(expression: str, known: Sequence[str]) -> list[int]:
    """The positions in `known` of the topics of `CCAT` or `CCAT|ECAT`.

    Raises DataProblem naming a topic that the data does not have.
    """
    topics = [topic.strip() for topic in expression.split("|")]
    for topic in topics:
        if topic not in known:
            raise DataProblem(
                f"config key data.rcv1.label: found {topic!r} in {expression!r}, expected topics "
                f"joined by '|', out of {', '.join(known)}"
            )
    return [list(known).index(topic) for topic in topics]


def positive(
    membership: np.ndarray | sparse.csr_matrix, expression: str, known: Sequence[str]
) -> np.ndarray:
    """1.0 for each row of `membership` (0/1 [n, topics]) with any topic of the expression."""
    count = membership[:, parse_label(expression, known)].sum(axis=1)
    return (np.asarray(count).ravel() > 0).astype(np.float32)


def most_frequent(counts: np.ndarray, known: Sequence[str]) -> str:
    """The topic with the highest count; the first of them where several tie."""
    return known[int(np.argmax(counts))]


@dataclass(frozen=True)
class TopicTable:
    """The topics of numbered documents, a bit each.

    names: the topics in the order of their bits. bits: uint64 [largest number + 1, 2].
    """

    names: tuple[str, ...]
    bits: np.ndarray

    def membership(self, documents: np.ndarray, path: Path) -> np.ndarray:
        """0/1 [n, topics] for document numbers [n]; BadInput where one has no topic."""
        inside = (documents >= 0) & (documents < len(self.bits)) & (documents % 1 == 0)
        numbers = np.where(inside, documents, 0).astype(np.int64)
        bits = self.bits[numbers]
        without = ~inside | ~bits.any(axis=1)
        if without.any():
            number = f"{documents[without][0]:.0f}"
            raise BadInput(path, f"document {number} has no topic", "one for every document")
        octets = np.ascontiguousarray(bits.astype("<u8")).view(np.uint8)
        return np.unpackbits(octets, axis=1, bitorder="little")[:, : len(self.names)]


def read_topics(path: Path) -> TopicTable:
    """Read `topic document 1` lines, as in `rcv1-v2.topics.qrels.gz`.

    The table's size depends on the largest document number only (16 bytes each). Raises BadInput
    naming the line of a malformed entry.
    """
    positions: dict[bytes, int] = {}
    bits = np.zeros((1 << 20, 2), dtype=np.uint64)
    for lines in read_lines(path):
        fields = lines.text.split()
        if len(fields) != 3 * lines.text.count(b"\n") or set(fields[2::3]) != {b"1"}:
            _diagnose(path, lines.text, lines.first)
        if not fields:
            continue  # blank lines only
        topics = [positions.setdefault(topic, len(positions)) for topic in fields[0::3]]
        if len(positions) > _MOST_TOPICS:
            raise BadInput(path, f"over {_MOST_TOPICS} topics", "'topic document 1' lines")
        try:
            documents = np.array(fields[1::3], dtype=np.int64)
        except (ValueError, OverflowError):
            _diagnose(path, lines.text, lines.first)
            raise
        if documents.min() < 0 or documents.max() >= _LARGEST_DOCUMENT:
            _diagnose(path, lines.text, lines.first)
        if documents.max() >= len(bits):
            missing = int(documents.max()) + 1 - len(bits)
            bits = np.concatenate([bits, np.zeros((missing, 2), dtype=np.uint64)])
        words, places = np.divmod(np.array(topics, dtype=np.uint64), np.uint64(64))
        np.bitwise_or.at(bits, (documents, words.astype(np.int64)), np.uint64(1) << places)
    if not positions:
        raise BadInput(path, "no topics", "'topic document 1' lines")
    return TopicTable(tuple(name.decode("utf-8", "replace") for name in positions), bits)


def _diagnose(path: Path, text: bytes, first: int) -> None:
    for number, line in enumerate(text.split(b"\n"), start=first):
        fields = line.split()
        if not fields and not line:
            continue  # after the last line
        good = len(fields) == 3 and fields[1].isdigit() and fields[2] == b"1"
        if not (good and int(fields[1]) < _LARGEST_DOCUMENT):
            shown = repr(line[:60].decode("utf-8", "replace"))
            raise BadInput(path, shown, "'topic document 1'", number)
