"""Topic expressions: which documents count as the positive class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.problems import DataProblem


def parse_label(expression: str, known: Sequence[str]) -> list[int]:
    """The positions in `known` of the topics of `CCAT` or `CCAT|ECAT`.

    Raises DataProblem naming a topic that the data does not have.
    """
    topics = [topic.strip() for topic in expression.split("|")]
    for topic in topics:
        if topic not in known:
            raise DataProblem(
                f"config key data.rcv1.label: {topic!r} in {expression!r} is no topic of this data; "
                f"expected topics joined by '|', out of {', '.join(known)}"
            )
    return [list(known).index(topic) for topic in topics]


def positive(membership: np.ndarray, expression: str, known: Sequence[str]) -> np.ndarray:
    """1.0 for each row of `membership` (0/1 [n, topics]) with any topic of the expression."""
    return membership[:, parse_label(expression, known)].any(axis=1).astype(np.float32)


def most_frequent(membership: np.ndarray, known: Sequence[str]) -> str:
    """The topic most rows have; the first of them where several tie."""
    return known[int(np.argmax(membership.sum(axis=0, dtype=np.int64)))]
