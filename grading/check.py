"""What a check is: inputs, the reference, the tolerance, and the wrong answers it can explain."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

Values = tuple[np.ndarray, ...]


@dataclasses.dataclass(frozen=True)
class Case:
    """One call of the student's function: its positional arguments by name, in order."""

    arguments: dict[str, Any]  # NumPy arrays and floats


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A wrong answer that students give: what it computes, and what to tell who gave it."""

    name: str
    computes: Callable[[Case], Values]
    explanation: str


@dataclasses.dataclass(frozen=True)
class Check:
    """One graded question about one function.

    `simple_cases` come first in every run, smallest first, so that the first failing one is the
    one to show; `draw_cases` draws the rest from a seeded generator, in the judge.
    `smaller_cases` lists cases simpler than a failing one, smallest first. `allowed_error` gives,
    for a case and its expected values, the largest accepted absolute difference of every entry,
    and `tolerance_reason` says why.
    """

    function: str
    returns: tuple[str, ...]
    simple_cases: tuple[Case, ...]
    draw_cases: Callable[[np.random.Generator], tuple[Case, ...]]
    expected: Callable[[Case], Values]
    allowed_error: Callable[[Case, Values], Values]
    tolerance_reason: str
    smaller_cases: Callable[[Case], tuple[Case, ...]]
    mistakes: tuple[Mistake, ...]
