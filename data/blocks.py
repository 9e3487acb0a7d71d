"""A block of CSR rows on its way from a file to the prepared arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Block:
    """Some consecutive rows; `indptr` starts at 0, features are 0-based and rise within a row."""

    indptr: np.ndarray  # int64 [n + 1]
    indices: np.ndarray  # int32 [nonzeros]
    values: np.ndarray  # float32 [nonzeros]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.indptr) - 1


def dense_block(matrix: np.ndarray) -> Block:
    """A dense matrix [n, features] as rows that hold every feature, zeros included."""
    rows, features = matrix.shape
    return Block(
        np.arange(rows + 1, dtype=np.int64) * features,
        np.tile(np.arange(features, dtype=np.int32), rows),
        np.ascontiguousarray(matrix, dtype=np.float32).ravel(),
    )


def take(block: Block, chosen: np.ndarray) -> Block:
    """The rows where the boolean mask `chosen` [n] is true, in their order."""
    lengths = np.diff(block.indptr)
    entries = np.repeat(chosen, lengths)
    indptr = np.concatenate([[0], np.cumsum(lengths[chosen])])
    return Block(indptr, block.indices[entries], block.values[entries])


def fingerprints(block: Block) -> np.ndarray:
    """A 64-bit number for each row's content, uint64 [n]; equal rows have equal ones.

    A sum of mixed (feature, value) pairs modulo 2^64. Two different rows share one by chance with
    probability 2^-64: about 1e-9 for all pairs of 23,149 training and 781,265 test rows.
    """
    values = np.ascontiguousarray(block.values, dtype=np.float32) + np.float32(0)  # -0.0 is 0.0
    pairs = (block.indices.astype(np.uint64) << np.uint64(32)) | values.view(np.uint32)
    # A zero that a file spells out is the same vector as one that it leaves out.
    mixed = np.where(values != 0, _mixed(pairs), np.uint64(0))
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(mixed, dtype=np.uint64)])
    return sums[block.indptr[1:]] - sums[block.indptr[:-1]]


def image_fingerprints(pixels: np.ndarray) -> np.ndarray:
    """The same for images uint8 [n, height, width]."""
    flat = pixels.reshape(len(pixels), -1)
    weights = _mixed(np.arange(flat.shape[1], dtype=np.uint64))
    total = np.zeros(len(flat), dtype=np.uint64)
    for position, weight in enumerate(weights):
        total += _mixed(flat[:, position].astype(np.uint64) + weight)
    return total


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): each bit affects all."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
