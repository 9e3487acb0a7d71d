"""Reads what came out of the jail, and says of every answer what is wrong with it.

Nothing in it is believed. Plain arrays are rebuilt from bytes, and must have exactly the expected
number, dtype and shape, be finite, and lie within the check's tolerance.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from grading import protocol
from grading.bubblewrap import GraderFault
from grading.check import Case, Check, Mistake, Values
from grading.jail import Run

Answer = Values | str  # the arrays of one case, or in a few words why there are none

ENDED = "the program ended before it answered: it exited, crashed, or used up its time or memory"
ENDINGS = {
    "time limit": "it was still running at the time limit of {seconds} s, and was stopped",
    "whole time limit": "it was still running when the time of your whole submission was used up, "
    "and was stopped",
    "printed too much": "it printed without end, and was stopped",
    "malformed": "what it sent as its answer could not be read ({reason})",
    "ended early": ENDED,
    "answered": ENDED,
}
NOT_STARTED = "NotImplementedError"
NOT_IMPORTED = {
    "time limit": "the file was still being imported at the time limit of {seconds} s",
    "whole time limit": "the file was still being imported when the time of your whole submission "
    "was used up",
}
WANTED = {
    "array": "a NumPy array of float64",
    "number": "a number",
    "tensor": "a torch tensor of float32",
}
DID = {
    "returned": "your {check.function} returned",
    "in place": "your {check.function} left",
    "descent": "steps of your {check.function} along your {check.gradient} ended at",
}


@dataclasses.dataclass(frozen=True)
class Failure:
    """The first case, in order of size, that has no right answer."""

    place: int
    cause: str


def read_answers(run: Run, check: Check, seconds: int, count: int) -> tuple[Answer, ...]:
    """One answer per case; where the frames give none, why there is none."""
    told = run.frames[0][0] if run.frames else {}
    if told.get("outcome") == "not loaded":
        missing = f"the file could not be imported: {_words(told.get('text'))}"
    elif told.get("outcome") == "no such function":
        names = [name for name in (check.gradient, check.function) if name]
        lacking = next((name for name in names if name == told.get("text")), check.function)
        missing = f"the file defines no function {lacking}"
    else:
        endings = ENDINGS if run.loaded else {**ENDINGS, **NOT_IMPORTED}
        missing = endings[run.ending].format(seconds=seconds, reason=run.reason)
    answers: list[Answer] = [missing] * count
    for place, (header, arrays) in enumerate(run.frames[:count]):
        if header.get("case") == place:
            answers[place] = _read_answer(header, arrays, check)
    return tuple(answers)


def _read_answer(header: protocol.Header, arrays: Values, check: Check) -> Answer:
    if header.get("outcome") == "raised":
        return f"it raised {_words(header.get('text'))}"
    values = header.get("values")
    wanted = f"{_count(len(check.returns))} ({', '.join(check.returns)})"
    if header.get("outcome") != "returned" or not isinstance(values, list):
        return "its answer could not be read"
    if [value.get("found") for value in values if isinstance(value, dict)] == ["a NoneType"]:
        return f"it returned None, as without a return, expected {wanted}"
    if len(values) != len(check.returns):
        return f"it returned {_count(len(values))}, expected {wanted}"
    for name, value in zip(check.returns, values, strict=True):
        if not isinstance(value, dict) or value.get("sent") is not True:
            found = _words(value.get("found") if isinstance(value, dict) else None)
            return f"its {name} is {found}, expected {WANTED[check.kind]}"
    if len(arrays) != len(values):
        return "its answer could not be read"
    return arrays


def _count(number: int) -> str:
    return "one value" if number == 1 else f"{number} values"


def _words(text: object) -> str:
    """A text from the jail, made one short printable line."""
    shown = text[:400] if isinstance(text, str) else ""
    plain = "".join(letter if letter.isprintable() else " " for letter in shown)
    return " ".join(plain.split()) or "something without a description"


def printed_text(run: Run) -> str:
    """What was printed, without what a terminal would obey."""
    lines = run.printed.decode("utf-8", errors="replace").splitlines()
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)


def is_not_started(answers: Sequence[Answer]) -> bool:
    """Whether the function does nothing but say so, as the stubs of a starter kit do."""
    raised = f"it raised {NOT_STARTED}"
    return all(isinstance(each, str) and each.startswith(raised) for each in answers)


def first_failure(check: Check, cases: Sequence[Case], answers: Sequence[Answer]) -> Failure | None:
    """The first case without a right answer, with one sentence about it; None where all are."""
    for place, (case, answer) in enumerate(zip(cases, answers, strict=True)):
        cause = what_is_wrong(check, case, answer)
        if cause:
            return Failure(place, cause)
    return None


def what_is_wrong(check: Check, case: Case, answer: Answer) -> str:
    """One sentence for the student, or "" where the answer is right."""
    if isinstance(answer, str):
        # What is wrong with the file has nothing to do with the case.
        told = answer if answer.startswith("the file") else f"for {show(case)}: {answer}"
        return f"{told[0].upper()}{told[1:]}."
    right = expected_values(check, case)
    for name, value, wanted in zip(check.returns, answer, right, strict=True):
        if value.dtype != wanted.dtype:
            return f"For {show(case)}: {name} has dtype {value.dtype}, expected {wanted.dtype}."
        if value.shape != wanted.shape:
            return f"For {show(case)}: {name} has shape {value.shape}, expected {wanted.shape}."
    allowed = check.allowed_error(case, right)
    if all(_within(*three) for three in zip(answer, right, allowed, strict=True)):
        return ""
    digits = 10 if _named(check, answer) != _named(check, right) else 17
    returned, asked = _named(check, answer, digits), _named(check, right, digits)
    did = DID[check.form].format(check=check)
    return f"For {show(case)} {did} {returned}; expected {asked}."


def expected_values(check: Check, case: Case) -> Values:
    """The reference's values.

    Raises:
        GraderFault: the reference is not finite there, so the case must not be asked.
    """
    with np.errstate(all="ignore"):
        right = check.expected(case)
    if not all(np.all(np.isfinite(value)) for value in right):
        raise GraderFault(f"{check.function}: the reference is not finite for {show(case)}")
    return right


def _within(value: np.ndarray, right: np.ndarray, allowed: np.ndarray) -> bool:
    return bool(np.all(np.isfinite(value)) and np.all(np.abs(value - right) <= allowed))


def same_as(check: Check, mistake: Mistake, case: Case, answer: Answer) -> bool:
    """Whether the answer is what this mistake gives; infinities and nan included."""
    if isinstance(answer, str):
        return False
    with np.errstate(all="ignore"):
        wrong = mistake.computes(case)
        allowed = check.allowed_error(case, wrong)
        return all(_same(*three) for three in zip(answer, wrong, allowed, strict=True))


def _same(value: np.ndarray, wrong: np.ndarray, allowed: np.ndarray) -> bool:
    """Equal within the tolerance, or infinite or nan in the same entries."""
    if value.shape != wrong.shape:
        return False
    finite = np.isfinite(wrong)
    close = np.abs(value[finite] - wrong[finite]) <= allowed[finite]
    return bool(np.all(close)) and np.array_equal(value[~finite], wrong[~finite], equal_nan=True)


def show(case: Case) -> str:
    """A case in the words of the feedback: `x = [1, 0], lr = 0.1`."""
    return ", ".join(f"{name} = {_number(value)}" for name, value in case.arguments.items())


def _named(check: Check, values: Values, digits: int = 10) -> str:
    named = zip(check.returns, values, strict=True)
    return ", ".join(f"{name} = {_number(value, digits)}" for name, value in named)


def _number(value: np.ndarray | float, digits: int = 10) -> str:
    if isinstance(value, np.ndarray) and value.ndim:
        return "[" + ", ".join(_number(entry, digits) for entry in value) + "]"
    return f"{value:.{digits}g}"
