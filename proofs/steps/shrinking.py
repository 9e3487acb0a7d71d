"""The simplest instance on which a step fails: Hypothesis draws it, and shrinks it.

What is drawn are the choices that `proofs.steps.givens` asks a random generator for, small integers
all of them: fewer and smaller choices give a smaller order and smaller entries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from proofs.counterexamples import integers, simplest
from proofs.steps.givens import VECTORS, Given, NoInstanceError, drawn_by
from proofs.steps.values import UndecidedError, Value

LARGEST_ORDER = 3
MOST_DRAWN = 60
MOST_CHOICES = 40  # each costs Hypothesis time: larger instances are not shrunk
FLAVOUR = "small integers"


class Choices:
    """Answers for a random generator, each a choice that Hypothesis makes and can make smaller."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def integers(self, low: int, high: int | None = None, size: Any = None) -> Any:
        """Whole numbers from low (0 if not given) to below high, 0 first."""
        first, last = (0, low - 1) if high is None else (low, high - 1)
        if size is None:
            return self._draw(integers(first, last))
        count = int(np.prod(size))
        return np.array([self._draw(integers(first, last)) for _ in range(count)]).reshape(size)

    def permutation(self, n: int) -> list[int]:
        """An order of 0 to n - 1, unchanged first."""
        return self._draw(st.permutations(range(n)))


def choices_of(givens: tuple[Given, ...]) -> int:
    """About how many choices one instance of the largest order takes."""
    total = 0
    for given in givens:
        sizes = [a if isinstance(a, int) else LARGEST_ORDER for a in given.arguments] or [1]
        columns = 1 if given.kind in VECTORS else sizes[-1]
        total += sizes[0] * columns * (2 if "complex" in given.kind else 1)
    return total


def simplest_instance(
    givens: tuple[Given, ...], fails: Callable[[dict[str, Value]], bool]
) -> dict[str, Value] | None:
    """The simplest instance found on which `fails` is true; None where none is."""
    if choices_of(givens) > MOST_CHOICES:
        return None

    @st.composite
    def instances(draw: st.DrawFn) -> dict[str, Value] | None:
        order = draw(integers(1, LARGEST_ORDER))
        choices = Choices(draw)
        try:
            # Choices has what this flavour asks of a generator, which is not all of its type.
            return drawn_by(choices, givens, FLAVOUR, order)  # type: ignore[arg-type]
        except (NoInstanceError, UndecidedError):
            return None

    found = simplest(instances(), lambda names: names is not None and fails(names), most=MOST_DRAWN)
    return found.instance
