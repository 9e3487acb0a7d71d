"""Judges the numbers that a submission reports in its claims.yaml.

Each is compared with what the student's own code gives in the jail, and with what the reference
gives: a number that was made up, and one that wrong code gave, are told apart.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path

import yaml

from grading.allowance import NotRun
from grading.answers import expected_values, printed_text, read_answers
from grading.assignment import GradedCheck
from grading.bench import Bench
from grading.check import ReportedCheck, ReportedNumber
from grading.finding import CheckResult, Status, without_answer

FILE = "claims.yaml"
MOST_BYTES = 20_000
DEEPEST = 4
KEYS = {"id", "value", "says"}
EXAMPLE = "claims: a list of {id: name, value: number}"

# Every scalar stays text, and no tag means anything. Not the loader in C, which explains less.
_Loader = yaml.BaseLoader


class BadClaims(ValueError):
    """The file cannot be read; says the line, what was found and what was expected."""


def judge_reported(
    folder: Path, bench: Bench, graded: GradedCheck, worthless: Collection[str] = ()
) -> CheckResult:
    """Compare every number that the check asks for; each right one is worth the same.

    A number along a gradient that is among the `worthless`, since a check of it earned nothing,
    counts for nothing: steps that know the answer could be led there by any other function.

    Raises:
        NotRun: the submission has no time left for any of it.
    """
    check = graded.check
    assert isinstance(check, ReportedCheck)
    path = folder / FILE
    if not path.is_file():
        return without_answer(graded, f"The submission holds no {FILE}.")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    try:
        reported = read_reported(content)
    except BadClaims as error:
        return without_answer(graded, f"{FILE}: {error}.")
    if not reported:
        return without_answer(graded, f"Not started yet: {FILE} has no value.", "not started")
    bench.allowance.left(graded)
    causes, printed = [], ""
    for number in check.numbers:
        if number.name not in reported:
            causes.append(f"{FILE} reports no {number.name}: {number.says}.")
            continue
        if number.check.gradient in worthless:
            told = f"You report {number.name} = {reported[number.name]:.6g}"
            gradient = number.check.gradient
            causes.append(f"{told}; it counts only where {gradient} earns points: mend that first.")
            continue
        own, said = own_number(bench, graded, number)
        printed = printed or said
        cause = what_is_wrong(number, reported[number.name], own, check.relative_error)
        causes += [cause] if cause else []
    count = len(check.numbers)
    right = count - len(causes)
    status: Status = "passed" if right == count else "partly" if right else "failed"
    credit = f"{right} of {count} numbers are right." if 0 < right < count else ""
    score = graded.points * right / count
    return CheckResult(graded, status, score, " ".join(causes), "", printed, 0, count, credit)


def own_number(
    bench: Bench, graded: GradedCheck, number: ReportedNumber
) -> tuple[float | str, str]:
    """What the student's own code gives, or why nothing; and what it printed."""
    try:
        run = bench.run_once(graded, number.check, (number.case,))
    except NotRun as reason:
        return str(reason), ""
    (answer,) = read_answers(run, number.check, graded.seconds, 1)
    if isinstance(answer, str):
        return answer, printed_text(run)
    right = expected_values(number.check, number.case)
    for value, wanted in zip(answer, right, strict=True):
        if value.dtype != wanted.dtype or value.shape != wanted.shape:
            return (
                f"it returned dtype {value.dtype} and shape {value.shape}, expected "
                f"{wanted.dtype} and {wanted.shape}"
            ), printed_text(run)
    return number.number(answer), printed_text(run)


def what_is_wrong(
    number: ReportedNumber, reported: float, own: float | str, relative_error: float
) -> str:
    """One sentence about one number, or "" where it is right."""
    right = number.number(expected_values(number.check, number.case))
    told = f"You report {number.name} = {reported:.6g}"
    if isinstance(own, str):
        return f"{told}; your own code gives no number to compare: {own}."
    if not _close(reported, own, relative_error):
        return f"{told}; where your own code ends, it is {own:.6g}."
    if not _close(reported, right, relative_error):
        return f"{told}, and your own code ends there too, but it is not right: mend the code."
    return ""


def _close(one: float, other: float, relative_error: float) -> bool:
    return math.isfinite(one) and abs(one - other) <= relative_error * abs(other)


def read_reported(content: bytes) -> dict[str, float]:
    """The numbers of a claims.yaml by their ids; a value that is left empty is none.

    Raises:
        BadClaims: it is too large, not YAML, uses aliases, or is not made of ids and numbers.
    """
    if len(content) > MOST_BYTES:
        raise BadClaims(f"larger than {MOST_BYTES} bytes")
    try:
        text = content.decode("utf-8")
        _refuse_bombs(text)
        found = yaml.load(text, _Loader)
    except UnicodeDecodeError as error:
        raise BadClaims("not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BadClaims(f"line {line}: not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise BadClaims(f"not YAML: {' '.join(str(error).split())[:200]}") from error
    except BadClaims:
        raise
    except (ValueError, OverflowError) as error:  # an escape such as "\UFFFFFFFF"
        raise BadClaims("not YAML: an escape that stands for no character") from error
    if not isinstance(found, dict) or not isinstance(found.get("claims"), list):
        raise BadClaims(f"expected {EXAMPLE}")
    numbers: dict[str, float | None] = {}
    for place, entry in enumerate(found["claims"], 1):
        name, value = _number(entry, place)
        if name in numbers:
            raise BadClaims(f"claim {place}: the id {name[:80]!r} stands twice")
        numbers[name] = value
    return {name: value for name, value in numbers.items() if value is not None}


def _number(entry: object, place: int) -> tuple[str, float | None]:
    if not isinstance(entry, dict) or not {"id", "value"} <= set(entry) <= KEYS:
        raise BadClaims(
            f"claim {place}: expected the keys id, value and perhaps says, decimals with a point"
        )
    name, text = entry["id"], entry["value"]
    if not isinstance(name, str) or not isinstance(text, str) or len(text) > 80:
        raise BadClaims(f"claim {place}: expected a name and a number")
    if not text.strip():
        return name, None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadClaims(f"claim {place}, {name[:80]!r}: {text!r} is not a finite number")
    return name, value


def _refuse_bombs(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _Loader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise BadClaims(f"line {line}: an alias (*name); write values out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise BadClaims(f"line {line}: nested over {DEEPEST} deep")
