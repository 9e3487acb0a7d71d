"""The statistics of a prepared dataset, as plain JSON values."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np

from data.prepared import Images, Prepared, Rows

_ENTRIES_AT_ONCE = 1 << 20
_ROWS_AT_ONCE = 1 << 14
_QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
_RANKS = (1, 2, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000)


def describe(prepared: Prepared) -> dict[str, Any]:
    """Statistics by split: counts, sparsity, document frequencies and labels.

    Memory depends on the number of features, not of rows. Shares are of one, not per cent.
    """
    return {
        "name": prepared.name,
        "kind": prepared.provenance["kind"],
        "splits": {
            split: describe_rows(part) if isinstance(part, Rows) else describe_images(part)
            for split, part in prepared.splits.items()
        },
    }


def describe_rows(rows: Rows) -> dict[str, Any]:
    """Statistics of CSR rows.

    nonzeros: stored values other than zero. sparsity: the share of the matrix that is zero.
    per_row: distribution of the non-zeros of a row. document_frequency: in how many rows a feature
    is not zero, over all features, those of no row included.
    """
    count = len(rows.labels)
    frequency = np.zeros(rows.features, dtype=np.int64)
    lengths = np.zeros(rows.features + 1, dtype=np.int64)
    stored = int(rows.indptr[-1])
    for start in range(0, stored, _ENTRIES_AT_ONCE):
        part = slice(start, start + _ENTRIES_AT_ONCE)
        kept = rows.indices[part][rows.values[part] != 0]
        frequency += np.bincount(kept, minlength=rows.features)
        _let_go(rows.indices, rows.values)
    for lengths_block in _row_lengths(rows):
        lengths += np.bincount(lengths_block, minlength=rows.features + 1)
    nonzeros = int(frequency.sum())
    cells = count * rows.features
    return {
        "rows": count,
        "features": rows.features,
        "nonzeros": nonzeros,
        "sparsity": 1 - nonzeros / cells if cells else None,
        "per_row": _of_histogram(lengths),
        "document_frequency": _frequencies(frequency, count),
        "labels": _labels(rows.labels),
    }


def describe_images(images: Images) -> dict[str, Any]:
    """Statistics of images: size, share of black pixels, mean grey, images of each class."""
    total = black = 0
    for start in range(0, len(images.labels), _ROWS_AT_ONCE // 4):
        part = images.pixels[start : start + _ROWS_AT_ONCE // 4]
        total += int(part.sum(dtype=np.int64))
        black += int(np.count_nonzero(part == 0))
        _let_go(images.pixels)
    size = images.pixels.size
    return {
        "rows": len(images.labels),
        "height": images.pixels.shape[1],
        "width": images.pixels.shape[2],
        "black": black / size if size else None,
        "mean_grey": total / size if size else None,
        "labels": {"classes": _counts(images.labels)},
    }


def _row_lengths(rows: Rows) -> Iterator[np.ndarray]:
    """The number of non-zeros of each row, in blocks of rows."""
    for start in range(0, len(rows.labels), _ROWS_AT_ONCE):
        ends = rows.indptr[start : start + _ROWS_AT_ONCE + 1]
        kept = np.concatenate([[0], np.cumsum(rows.values[ends[0] : ends[-1]] != 0)])
        yield np.diff(kept[ends - ends[0]])
        _let_go(rows.indptr, rows.values)


def _let_go(*arrays: np.ndarray) -> None:
    """Give the mapped pages of these arrays back; they are read anew where needed."""
    for array in arrays:
        base: object = array
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, mmap.mmap):
            base.madvise(mmap.MADV_DONTNEED)


def _of_histogram(histogram: np.ndarray) -> dict[str, float] | None:
    """Mean, deviation and quantiles of whole numbers, given how often each one occurs.

    A quantile is the least number that at least that share of them do not exceed.
    """
    total = int(histogram.sum())
    if not total:
        return None
    numbers = np.arange(len(histogram))
    mean = float(histogram @ numbers) / total
    variance = float(histogram @ (numbers - mean) ** 2) / total
    cumulative = np.cumsum(histogram)
    present = np.flatnonzero(histogram)
    quantiles = {
        name: int(np.searchsorted(cumulative, share * total - 1e-9))
        for name, share in _QUANTILES.items()
    }
    low, high = int(present[0]), int(present[-1])
    return {"min": low, **quantiles, "max": high, "mean": mean, "deviation": variance**0.5}


def _frequencies(frequency: np.ndarray, rows: int) -> dict[str, Any]:
    falling = np.sort(frequency)[::-1]
    features = len(frequency)
    edges = [1 << power for power in range(int(falling[0]).bit_length())]
    return {
        "never_seen": int(np.count_nonzero(frequency == 0)) / features,
        "seen_once": int(np.count_nonzero(frequency == 1)) / features,
        "highest_share_of_rows": int(falling[0]) / rows if rows else None,
        "by_rank": {str(rank): int(falling[rank - 1]) for rank in _RANKS if rank <= features},
        # How many features are in 1, in 2 to 3, in 4 to 7, ... rows.
        "by_doubling": {
            str(low): int(np.count_nonzero((frequency >= low) & (frequency < 2 * low)))
            for low in edges
        },
    }


def _labels(labels: np.ndarray) -> dict[str, Any]:
    """Shares where there are two kinds of label, else the distribution of a real target."""
    if len(labels) == 0:
        return {}
    positive = int(np.count_nonzero(labels == 1))
    if positive + int(np.count_nonzero(labels == 0)) == len(labels):
        return {"positive": positive, "positive_share": positive / len(labels)}
    wide = labels.astype(np.float64)
    return {
        "min": float(wide.min()),
        "median": float(np.median(wide)),
        "max": float(wide.max()),
        "mean": float(wide.mean()),
        "deviation": float(wide.std()),
    }


def _counts(labels: np.ndarray) -> dict[str, int]:
    classes, counts = np.unique(labels, return_counts=True)
    return {str(one): int(count) for one, count in zip(classes, counts, strict=True)}
