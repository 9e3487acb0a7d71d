"""Rows as Python sees them, and as text of the formats the readers take."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.blocks import Block
from data.prepared import Rows

Row = tuple[float, dict[int, float]]  # label, values by feature


def as_dicts(block: Block | Rows) -> list[dict[int, float]]:
    """Each row as a mapping from feature to value."""
    bounds = zip(block.indptr[:-1], block.indptr[1:], strict=True)
    return [
        dict(zip(block.indices[a:b].tolist(), block.values[a:b].tolist(), strict=True))
        for a, b in bounds
    ]


def svmlight(rows: Sequence[Row], first_id: int = 1) -> bytes:
    """`label id:value ...` lines; features are 0-based, ids begin at `first_id`."""
    lines = (
        " ".join(
            [f"{label:g}", *(f"{feature + first_id}:{value!r}" for feature, value in row.items())]
        )
        for label, row in rows
    )
    return ("\n".join(lines) + "\n").encode()


def random_rows(seed: int, count: int, features: int, labels: Sequence[float]) -> list[Row]:
    """Distinct rows of one to eight values that float32 holds exactly."""
    generator = np.random.default_rng(seed)
    rows: list[Row] = []
    for number in range(count):
        chosen = np.sort(generator.choice(features, generator.integers(1, 9), replace=False))
        values = generator.integers(1, 64, len(chosen)) / 64 + number
        row = dict(zip(chosen.tolist(), values.tolist(), strict=True))
        rows.append((labels[number % len(labels)], row))
    return rows
