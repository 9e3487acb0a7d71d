"""Smallest counterexamples, of two kinds of search, both deterministic.

`first_where` goes through integer matrices in order of size: what it finds is the smallest there
is. `simplest` lets Hypothesis look for an instance in a richer space (rationals, complex numbers,
trajectories) and shrink it, for a person to check by hand.

The size of a matrix is the sum of the absolute values of its entries (of its upper triangle for a
symmetric one). Orders come first, then sizes, then the entries from the largest down, so that what
is found is the simplest there is within the order of search, and small enough to check by hand.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Generic, NamedTuple, TypeVar

from flint import fmpz_mat
from hypothesis import Phase, Verbosity, find, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, NoSuchExample

Integers = tuple[tuple[int, ...], ...]
T = TypeVar("T")

MOST_EXAMPLES = 400
# Hypothesis mixes numbers that it finds in the source into larger integers; between -99 and 99 it
# adds none, so that what is found depends on nothing but the space and the question.
LARGEST = 99
_SEARCH = settings(
    database=None,
    derandomize=False,
    deadline=None,
    max_examples=MOST_EXAMPLES,
    phases=(Phase.generate, Phase.shrink),
    verbosity=Verbosity.quiet,
)


class Simplest(NamedTuple, Generic[T]):
    """The instance that was found and shrunk, or None, and how many were looked at."""

    instance: T | None
    looked_at: int


def integers(low: int, high: int) -> st.SearchStrategy[int]:
    """Whole numbers between two bounds of at most 99, simplest first: 0, 1, -1, 2, ...

    ValueError for other bounds.
    """
    if not -LARGEST <= low <= high <= LARGEST:
        raise ValueError(
            f"bounds {low} and {high}: expected -{LARGEST} <= low <= high <= {LARGEST}"
        )
    return st.integers(low, high)


def rationals(largest: int, denominators: int) -> st.SearchStrategy[Fraction]:
    """Fractions of a numerator and a denominator of at most that size."""
    return st.builds(Fraction, integers(-largest, largest), integers(1, denominators))


def simplest(
    space: st.SearchStrategy[T],
    does: Callable[[T], bool],
    stream: int = 0,
    most: int = MOST_EXAMPLES,
) -> Simplest[T]:
    """An instance of the space that does it, shrunk by Hypothesis; None where none was met.

    Of at most `most` instances that are generated; shrinking one looks at some more. Where `does`
    stops answering (its work is spent), the simplest until then is given.
    """
    looked_at = 0
    last: T | None = None  # shrinking tries simpler instances only: the last is the simplest

    def counted(instance: T) -> bool:
        nonlocal looked_at, last
        looked_at += 1
        found = does(instance)
        last = instance if found else last
        return found

    try:
        search = settings(_SEARCH, max_examples=most)
        found = find(space, counted, settings=search, random=random.Random(stream))
    except NoSuchExample:
        return Simplest(None, looked_at)
    except Flaky:
        return Simplest(last, looked_at)
    return Simplest(found, looked_at)


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
