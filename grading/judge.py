"""The judge: draws inputs, has the jail answer them, and decides outside it.

Inputs are drawn here, after the submission is frozen. Nothing that comes out of the jail is
believed (`grading.answers`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import time
from collections.abc import Iterable, Sequence

import numpy as np

from grading.allowance import Allowance, NotRun
from grading.answers import (
    Answer,
    Failure,
    first_failure,
    is_not_started,
    printed_text,
    read_answers,
    same_as,
    what_is_wrong,
)
from grading.assignment import VISIBILITIES, Assignment, GradedCheck
from grading.bench import Bench
from grading.check import Case, Check, ReportedCheck, WrittenCheck
from grading.finding import CheckResult, Status, without_answer
from grading.reported import judge_reported
from grading.submission import Submission
from grading.written import judge_written

REMEMBERS = (
    "The same input was right the first time. Your function keeps something between calls: it must "
    "depend on its arguments alone."
)
UNUSABLE = ("failed", "not started", "not run")  # what builds on such a check is not run


def judge(
    submission: Submission, assignment: Assignment, salt: str = "", *, isolated: bool = True
) -> tuple[CheckResult, ...]:
    """Judge every check of the assignment; the results are in its order.

    What students may see is judged first, so that the time that the other checks take changes
    nothing of it. `salt` is a secret of the class, from which inputs are drawn that are not visible
    (`seed_of`). Not `isolated`, its code runs without a jail: whoever asks for that stamps the
    results.

    Raises:
        GraderFault: the grader could not do its work.
    """
    names = ("submission.py", *assignment.files)
    file = next((path for name in names if (path := submission.folder / name).is_file()), None)
    allowance = Allowance(assignment.seconds)
    found: dict[int, CheckResult] = {}
    with contextlib.ExitStack() as stack:
        bench = stack.enter_context(Bench(file, allowance, isolated)) if file is not None else None
        places = range(len(assignment.checks))
        for place in sorted(places, key=lambda at: _secrecy(assignment.checks[at])):
            graded = assignment.checks[place]
            start = time.monotonic()
            try:
                _refuse_broken(graded, found.values())
                if isinstance(graded.check, WrittenCheck):
                    found[place] = judge_written(submission.folder, graded, allowance)
                elif bench is None:
                    cause = f"The submission holds none of: {', '.join(names)}."
                    found[place] = without_answer(graded, cause)
                elif isinstance(graded.check, ReportedCheck):
                    worthless = _worthless(found.values())
                    found[place] = judge_reported(submission.folder, bench, graded, worthless)
                else:
                    seed = seed_of(assignment, graded, salt or submission.sha256)
                    found[place] = judge_check(bench, graded, graded.check, seed)
            except NotRun as reason:
                cause = f"Not run: {reason}."
                found[place] = CheckResult(graded, "not run", 0.0, cause, "", "", seed=0, cases=0)
            seconds = time.monotonic() - start
            found[place] = dataclasses.replace(found[place], seconds=seconds)
    return tuple(found[place] for place in places)


def _secrecy(graded: GradedCheck) -> int:
    return VISIBILITIES.index(graded.visibility)


def _refuse_broken(graded: GradedCheck, found: Iterable[CheckResult]) -> None:
    """Raise NotRun where a check that this one builds on earned nothing."""
    for result in found:
        if result.check.id not in graded.needs or result.status not in UNUSABLE:
            continue
        if result.status == "not started":
            raise NotRun(f"it builds on {result.check.title!r}, which is not started yet")
        raise NotRun(f"it builds on {result.check.title!r}, which failed. Mend that first")


def _worthless(found: Iterable[CheckResult]) -> set[str]:
    """The functions of checks that earned nothing."""
    return {
        one.check.check.function
        for one in found
        if isinstance(one.check.check, Check) and not one.score
    }


def seed_of(assignment: Assignment, graded: GradedCheck, secret: str) -> int:
    """The seed of a check's inputs, its own, so that adding a check changes no other's inputs.

    A visible check's is without secret, so that students draw the same. For the others it is the
    class's salt or, without one, the hash of the submission itself: no table of answers can be
    written for inputs that change with the table.
    """
    text = f"{assignment.seed}:{graded.id}"
    if graded.visibility != "visible":
        text += f":{secret}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def cases_asked(check: Check, seed: int) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """The simple cases and fresh small ones, then the drawn ones and one of them once more."""
    drawn = check.draw_cases(np.random.default_rng(seed))
    # Small ones are drawn too, so that learning the simple cases by heart earns nothing.
    small = (next(iter(check.smaller_cases(case))) for case in drawn)
    # Asked twice, a function that keeps something between calls gives itself away.
    return (*check.simple_cases, *small), (*drawn, drawn[0])


def judge_check(bench: Bench, graded: GradedCheck, check: Check, seed: int) -> CheckResult:
    """Judge one function on all cases of a seed; where it fails, look for the smallest failure."""
    simple, drawn = cases_asked(check, seed)
    cases = (*simple, *drawn)
    run = bench.run(graded, check, cases)
    answers = read_answers(run, check, graded.seconds, len(cases))
    printed = printed_text(run)
    failure = first_failure(check, cases, answers)
    if failure is None:
        return CheckResult(graded, "passed", graded.points, "", "", printed, seed, len(cases))
    if is_not_started(answers):
        cause = f"Not started yet: {check.function} raises NotImplementedError."
        return CheckResult(graded, "not started", 0.0, cause, "", printed, seed, len(cases))
    explanation, score, credit = explained(graded, check, cases, answers, len(simple))
    if failure.place >= len(simple) and run.ending == "answered":
        failure = _shrunk(bench, graded, check, cases[failure.place], failure)
    status: Status = "partly" if score else "failed"
    return CheckResult(
        graded, status, score, failure.cause, explanation, printed, seed, len(cases), credit
    )


def explained(
    graded: GradedCheck,
    check: Check,
    cases: Sequence[Case],
    answers: Sequence[Answer],
    simple: int,
) -> tuple[str, float, str]:
    """What the mistake is, the points that are given nevertheless, and what they are given for."""
    wrong = [
        what_is_wrong(check, case, answer) != ""
        for case, answer in zip(cases, answers, strict=True)
    ]
    if wrong.index(True) == len(cases) - 1 and not isinstance(answers[-1], str):
        return REMEMBERS, 0.0, ""
    score, credit = 0.0, ""
    groups = {"simple": not any(wrong[:simple]), "drawn": not any(wrong[simple:])}
    for group, points in graded.credit.cases.items():
        if groups[group]:
            score, credit = score + points, f"All {group} cases were right."
    for mistake in check.mistakes:
        if all(same_as(check, mistake, *pair) for pair in zip(cases, answers, strict=True)):
            points = graded.credit.mistakes.get(mistake.name, 0.0)
            if points > score:
                score, credit = points, "Everything but this was right."
            return mistake.explanation, score, credit
    return "", score, credit


def _shrunk(bench: Bench, graded: GradedCheck, check: Check, case: Case, found: Failure) -> Failure:
    """The failure of the simplest smaller case that fails too, or the one that was found."""
    smaller = tuple(check.smaller_cases(case))
    try:
        run = bench.run(graded, check, smaller)
    except NotRun:
        return found
    if run.ending != "answered":
        return found
    answers = read_answers(run, check, graded.seconds, len(smaller))
    return first_failure(check, smaller, answers) or found
