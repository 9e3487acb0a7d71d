"""Smallest counterexamples: integer matrices in order of size, the first that does it.

The size of a matrix is the sum of the absolute values of its entries (of its upper triangle for a
symmetric one). Orders come first, then sizes, then the entries from the largest down, so that what
is found is the simplest there is within the order of search, and small enough to check by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from flint import fmpz_mat

Integers = tuple[tuple[int, ...], ...]


def integer_vectors(length: int, size: int) -> Iterator[tuple[int, ...]]:
    """Every integer vector of that length whose absolute values sum to `size`, largest first."""
    if length == 0:
        yield from ((),) if size == 0 else ()
        return
    if length == 1:
        yield from ((size,), (-size,)) if size else ((0,),)
        return
    for first in range(size, -size - 1, -1):
        for rest in integer_vectors(length - 1, size - abs(first)):
            yield (first, *rest)


def integer_matrices(order: int, largest: int) -> Iterator[Integers]:
    """Square integer matrices of that order, by size up to `largest`."""
    for size in range(largest + 1):
        for entries in integer_vectors(order * order, size):
            yield tuple(entries[order * i : order * (i + 1)] for i in range(order))


def positive_definite_integer_matrices(order: int, largest: int) -> Iterator[Integers]:
    """Symmetric positive definite ones, by the size of the upper triangle, then the diagonal's."""
    above = [(i, j) for i in range(order) for j in range(i + 1, order)]
    for size in range(order, largest + 1):
        for diagonal in _positive_vectors(order, range(order, size + 1)):
            for entries in integer_vectors(len(above), size - sum(diagonal)):
                value = dict(zip(above, entries, strict=True))
                value |= {(i, i): entry for i, entry in enumerate(diagonal)}
                matrix = tuple(
                    tuple(value[min(i, j), max(i, j)] for j in range(order)) for i in range(order)
                )
                if is_positive_definite(matrix):
                    yield matrix


def is_positive_definite(matrix: Integers) -> bool:
    """Sylvester's criterion on a symmetric integer matrix, exactly."""
    return all(
        fmpz_mat([list(row[:k]) for row in matrix[:k]]).det() > 0 for k in range(1, len(matrix) + 1)
    )


def _positive_vectors(length: int, sums: Iterable[int]) -> Iterator[tuple[int, ...]]:
    for total in sums:
        yield from (v for v in integer_vectors(length, total) if min(v) > 0)


def first_where(
    candidates: Iterable[Integers], does: Callable[[Integers], bool]
) -> tuple[Integers | None, int]:
    """The first candidate that does it, or None, and how many were looked at."""
    looked_at = 0
    for candidate in candidates:
        looked_at += 1
        if does(candidate):
            return candidate, looked_at
    return None, looked_at
