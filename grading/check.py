"""What a check is: about code, about a written proof, or about numbers that a student reports."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np

Values = tuple[np.ndarray, ...]
Kind = Literal["array", "number", "tensor"]
Form = Literal["returned", "in place", "descent"]


@dataclasses.dataclass(frozen=True)
class Case:
    """One call of the student's function: its positional arguments by name, in order."""

    arguments: dict[str, Any]  # NumPy arrays and numbers


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
    `smaller_cases` gives cases simpler than a failing one, smallest first; of most cases only the
    first is asked, so that it had better be lazy. `allowed_error` gives, for a case and its
    expected values, the largest accepted absolute difference of every entry, and
    `tolerance_reason` says why.

    `kind` is what the function takes and gives back: NumPy arrays of float64, Python numbers, or
    torch tensors of float32. `form` is how it is used (see `grading.worker`): called for what it
    returns; called with the book's lists of parameters and states, for what it leaves in them; or
    repeated as the step of a descent along the student's own function `gradient`.
    """

    function: str
    returns: tuple[str, ...]
    simple_cases: tuple[Case, ...]
    draw_cases: Callable[[np.random.Generator], tuple[Case, ...]]
    expected: Callable[[Case], Values]
    allowed_error: Callable[[Case, Values], Values]
    tolerance_reason: str
    smaller_cases: Callable[[Case], Iterable[Case]]
    mistakes: tuple[Mistake, ...]
    kind: Kind = "array"
    form: Form = "returned"
    gradient: str = ""


@dataclasses.dataclass(frozen=True)
class WrittenCheck:
    """One graded proof, a file of the submission that `proofs.steps` checks line by line.

    `statement` holds the keys `given`, `assume` and `prove` that the student's file must keep, as
    YAML. `fewest_steps` refuses a leap from the hypotheses to the end. `enters` names, for a
    hypothesis, the one rewriting by which it may be used: the text before and after.
    """

    file: str
    statement: str
    fewest_steps: int
    enters: dict[str, tuple[str, str]]


@dataclasses.dataclass(frozen=True)
class ReportedNumber:
    """A number that a student reports, and how their own code and the reference give it.

    The student's functions answer `case` of `check`; `number` makes one number of the values, the
    student's or the reference's.
    """

    name: str
    says: str
    check: Check
    case: Case
    number: Callable[[Values], float]


@dataclasses.dataclass(frozen=True)
class ReportedCheck:
    """Numbers of a submission's claims.yaml; `relative_error` is what they may be off by."""

    numbers: tuple[ReportedNumber, ...]
    relative_error: float
    tolerance_reason: str
