"""The judge: draws inputs, has the jail answer them, and decides outside it.

Nothing that comes out of the jail is believed. Plain arrays are rebuilt from bytes, and must have
exactly the expected number, dtype and shape, be finite, and lie within the check's tolerance.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

import numpy as np

from grading import protocol
from grading.assignment import Assignment, GradedCheck
from grading.check import Case, Check, Mistake, Values
from grading.jail import GraderFault, Jail, Limits, Run
from grading.submission import Submission

Status = Literal["passed", "failed"]
Answer = Values | str  # the arrays of one case, or in a few words why there are none

ENDED = "the program ended before it answered: it exited, crashed, or used up its time or memory"
ENDINGS = {
    "time limit": "it was still running at the time limit of {seconds} s, and was stopped",
    "printed too much": "it printed without end, and was stopped",
    "malformed": "what it sent as its answer could not be read ({reason})",
    "ended early": ENDED,
    "answered": ENDED,
}


@dataclasses.dataclass(frozen=True)
class CheckResult:
    """What one check found: the score, the cause where it failed, and how to mend it."""

    check: GradedCheck
    status: Status
    score: float
    cause: str  # one sentence; "" where the check passed
    explanation: str  # of a recognised mistake; "" where none was recognised
    printed: str  # the first of what the student's code printed
    seed: int
    cases: int


@dataclasses.dataclass(frozen=True)
class Failure:
    """The first case, in order of size, that has no right answer."""

    place: int
    cause: str


class Bench:
    """Jails for one submission: one is kept warm, and replaced when a run has ended it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._open = contextlib.ExitStack()
        self._jail: Jail | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, graded: GradedCheck, cases: Sequence[Case]) -> Run:
        """Have a fresh process answer the cases, within the check's limits.

        Raises:
            GraderFault: a new jail could not even begin with the student's code.
        """
        asked = request(graded, cases)
        if self._jail is not None and self._jail.alive:
            run = self._jail.run(asked, graded.seconds)
            if run.started:
                return run
        # A jail in which student code has run may be broken by it; only a new one must begin.
        self._jail = self._open.enter_context(Jail(self._file, Limits()))
        run = self._jail.run(asked, graded.seconds)
        if not run.started:
            raise GraderFault(f"{graded.id}: the jail did not begin: {run.ending} {run.reason}")
        return run


def judge(submission: Submission, assignment: Assignment) -> tuple[CheckResult, ...]:
    """Judge every check of the assignment, in order.

    Raises:
        GraderFault: the grader could not do its work.
    """
    names = ("submission.py", *assignment.files)
    file = next((path for name in names if (path := submission.folder / name).is_file()), None)
    if file is None:
        cause = f"The submission holds none of: {', '.join(names)}."
        return tuple(without_answer(graded, cause) for graded in assignment.checks)
    with Bench(file) as bench:
        return tuple(judge_check(bench, graded, assignment.seed) for graded in assignment.checks)


def without_answer(graded: GradedCheck, cause: str) -> CheckResult:
    """The result of a check that there was nothing to run for."""
    return CheckResult(graded, "failed", 0.0, cause, "", "", seed=0, cases=0)


def judge_check(bench: Bench, graded: GradedCheck, assignment_seed: int) -> CheckResult:
    """Judge one check: simple cases, drawn cases, and the first drawn case once more."""
    check = graded.check
    seed = derived_seed(assignment_seed, graded.id)
    drawn = check.draw_cases(np.random.default_rng(seed))
    # Asked twice, a function that keeps something between calls gives itself away.
    cases = (*check.simple_cases, *drawn, drawn[0])
    run = bench.run(graded, cases)
    answers = read_answers(run, graded, len(cases))
    failure = first_failure(check, cases, answers)
    if failure is None:
        return CheckResult(graded, "passed", graded.points, "", "", _text(run), seed, len(cases))
    explanation = explain(check, cases, answers, failure)
    if failure.place >= len(check.simple_cases) and run.ending == "answered":
        failure = shrink(bench, graded, cases[failure.place], failure)
    return CheckResult(
        graded, "failed", 0.0, failure.cause, explanation, _text(run), seed, len(cases)
    )


def derived_seed(assignment_seed: int, check_id: str) -> int:
    """A seed of the check's own, so that adding a check changes no other check's inputs."""
    digest = hashlib.sha256(f"{assignment_seed}:{check_id}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


def request(graded: GradedCheck, cases: Sequence[Case]) -> bytes:
    """The frame that asks the worker to answer the cases; it holds inputs and limits only."""
    arrays: list[np.ndarray] = []
    described = []
    for case in cases:
        arguments: list[dict[str, float]] = []
        for value in case.arguments.values():
            if isinstance(value, np.ndarray):
                arguments.append({"array": len(arrays)})
                arrays.append(value)
            else:
                arguments.append({"value": value})
        described.append(arguments)
    header = {
        "function": graded.check.function,
        "cases": described,
        "memory_bytes": graded.memory_mb * 2**20,
        "cpu_seconds": graded.seconds,
    }
    return protocol.encode(header, arrays)


def read_answers(run: Run, graded: GradedCheck, count: int) -> tuple[Answer, ...]:
    """One answer per case; where the frames give none, why there is none."""
    told = run.frames[0][0] if run.frames else {}
    if told.get("outcome") == "not loaded":
        missing = f"the file could not be imported: {_words(told.get('text'))}"
    elif told.get("outcome") == "no such function":
        missing = f"the file defines no function {graded.check.function}"
    else:
        missing = ENDINGS[run.ending].format(seconds=graded.seconds, reason=run.reason)
    answers: list[Answer] = [missing] * count
    for place, (header, arrays) in enumerate(run.frames[:count]):
        if header.get("case") == place:
            answers[place] = _read_answer(header, arrays, graded.check)
    return tuple(answers)


def _read_answer(header: protocol.Header, arrays: Values, check: Check) -> Answer:
    if header.get("outcome") == "raised":
        return f"it raised {_words(header.get('text'))}"
    values = header.get("values")
    wanted = f"{_count(len(check.returns))} ({', '.join(check.returns)})"
    if header.get("outcome") != "returned" or not isinstance(values, list):
        return "its answer could not be read"
    if len(values) != len(check.returns):
        return f"it returned {_count(len(values))}, expected {wanted}"
    for name, value in zip(check.returns, values, strict=True):
        if not isinstance(value, dict) or value.get("sent") is not True:
            found = _words(value.get("found") if isinstance(value, dict) else None)
            return f"its {name} is {found}, expected a NumPy array of float64"
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


def _text(run: Run) -> str:
    lines = run.printed.decode("utf-8", errors="replace").splitlines()
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)


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
    return f"For {show(case)} your {check.function} returned {returned}; expected {asked}."


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


def explain(
    check: Check, cases: Sequence[Case], answers: Sequence[Answer], failure: Failure
) -> str:
    """The explanation of the mistake that gives exactly these answers, or ""."""
    if failure.place == len(cases) - 1 and not isinstance(answers[-1], str):
        return (
            "The same input was right the first time. Your function keeps something between calls: "
            "it must depend on its arguments alone."
        )
    for mistake in check.mistakes:
        if all(_agrees(check, mistake, *pair) for pair in zip(cases, answers, strict=True)):
            return mistake.explanation
    return ""


def _agrees(check: Check, mistake: Mistake, case: Case, answer: Answer) -> bool:
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


def shrink(bench: Bench, graded: GradedCheck, case: Case, found: Failure) -> Failure:
    """The failure of the simplest smaller case that fails too, or the one that was found."""
    smaller = graded.check.smaller_cases(case)
    run = bench.run(graded, smaller)
    if run.ending != "answered":
        return found
    answers = read_answers(run, graded, len(smaller))
    return first_failure(graded.check, smaller, answers) or found


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
