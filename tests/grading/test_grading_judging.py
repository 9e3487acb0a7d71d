"""What the judge makes of answers, asked of functions here: without a jail it takes milliseconds.

The check asks for twice the input. `Bench` makes the frames that a worker would have sent.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubling import CASES, CHECK, GRADED, SIMPLE, case, finished, returned

from grading.allowance import Allowance, NotRun
from grading.answers import printed_text, show
from grading.assignment import Assignment, Credit, GradedCheck
from grading.check import Case, Check, ReportedCheck, ReportedNumber, WrittenCheck
from grading.jail import Run
from grading.judge import REMEMBERS, judge, judge_check, seed_of
from grading.submission import Submission


class Bench:
    """In place of the jails: every case is answered by a function of x and the case's place."""

    def __init__(self, function: Callable[[np.ndarray, int], np.ndarray], **run: Any) -> None:
        self._function, self._run = function, run
        self.asked: list[int] = []
        self.later: Run | Exception | None = None  # what comes instead of a second run

    def run(self, _: GradedCheck, __: Check, cases: Sequence[Case]) -> Run:
        self.asked.append(len(cases))
        if len(self.asked) > 1 and self.later is not None:
            if isinstance(self.later, Exception):
                raise self.later
            return self.later
        frames = [
            returned(place, self._function(one.arguments["x"], place))
            for place, one in enumerate(cases)
        ]
        return finished(*frames, **self._run)


def judged(function: Callable[[np.ndarray, int], np.ndarray], credit: Credit | None = None):
    graded = dataclasses.replace(GRADED, credit=credit or Credit())
    return judge_check(Bench(function), graded, CHECK, seed=1)


BOTH = Credit(cases={"simple": 2.0, "drawn": 3.0}, mistakes={"forgot": 2.0, "turned": 4.0})


def test_every_case_right_earns_every_point():
    found = judged(lambda x, _: 2 * x + 0.25, BOTH)
    assert (found.status, found.score, found.cause, found.credit) == ("passed", 8, "", "")
    assert (found.cases, found.seed) == (CASES, 1)


@pytest.mark.parametrize(
    ("function", "credit", "status", "score", "explanation", "told"),
    [
        (lambda x, _: 2 * x + 1, BOTH, "failed", 0, "", ""),
        (lambda x, place: 2 * x + (place >= SIMPLE), BOTH, "partly", 2, "", "All simple cases"),
        (lambda x, place: 2 * x + (place < SIMPLE), BOTH, "partly", 3, "", "All drawn cases"),
        (lambda x, _: x, BOTH, "partly", 2, "You return x itself.", "Everything but this"),
        (lambda x, _: -2 * x, BOTH, "partly", 4, "You turn the sign.", "Everything but this"),
        (lambda x, _: -2 * x, None, "failed", 0, "You turn the sign.", ""),
        # As a mistake it would be explained: but only where it explains every answer.
        (lambda x, place: x if place else x + 9, BOTH, "failed", 0, "", ""),
    ],
)
def test_points_are_given_by_group_or_by_mistake(
    function, credit, status, score, explanation, told
):
    found = judged(function, credit)
    assert (found.status, found.score, found.explanation) == (status, score, explanation)
    assert found.credit.startswith(told)
    assert bool(found.credit) == bool(told)


def test_of_a_group_and_a_mistake_the_larger_counts_and_the_group_where_they_are_alike():
    zero = dataclasses.replace(CHECK, simple_cases=(case(0),), smaller_cases=lambda _: [case(0)])
    for points, score, told in ((1, 2, "All simple"), (2, 2, "All simple"), (3, 3, "Everything")):
        credit = Credit(cases={"simple": 2.0}, mistakes={"turned": points})
        graded = dataclasses.replace(GRADED, credit=credit)
        found = judge_check(Bench(lambda x, _: -2 * x), graded, zero, seed=1)
        assert (found.score, found.explanation) == (score, "You turn the sign.")
        assert found.credit.startswith(told)


def test_an_answer_that_changes_when_it_is_asked_again_earns_nothing():
    found = judged(lambda x, place: 2 * x + (place == CASES - 1), BOTH)
    assert (found.status, found.score, found.explanation) == ("failed", 0, REMEMBERS)
    # Wrong before too: something else is the matter.
    twice = judged(lambda x, place: 2 * x + (place >= CASES - 2), BOTH)
    assert (twice.score, twice.explanation) == (2, "")


def test_a_crash_in_the_last_case_is_no_memory():
    frames = [returned(place, 2 * one.arguments["x"]) for place, one in enumerate(asked(seed=1))]
    bench = Bench(lambda x, _: x)
    bench.run = lambda *_: finished(*frames[:-1], ending="ended early")
    found = judge_check(bench, dataclasses.replace(GRADED, credit=BOTH), CHECK, seed=1)
    assert (found.score, found.explanation) == (2, "")
    assert "the program ended before it answered" in found.cause


def asked(seed: int) -> list[Case]:
    """The cases of the check for a seed, in the order that the judge promises."""
    drawn = CHECK.draw_cases(np.random.default_rng(seed))
    small = [next(iter(CHECK.smaller_cases(one))) for one in drawn]
    return [*CHECK.simple_cases, *small, *drawn, drawn[0]]


def test_the_cases_are_simple_ones_then_small_then_drawn_and_one_again():
    seen: list[float] = []
    judged(lambda x, _: (seen.append(float(x[0])), 2 * x)[1])
    assert seen == [float(one.arguments["x"][0]) for one in asked(seed=1)]


def test_a_failure_among_drawn_cases_is_shown_by_a_smaller_one():
    bench = Bench(lambda x, place: 2 * x + (place >= SIMPLE or (x > 9 and x % 10 != 0)))
    found = judge_check(bench, GRADED, CHECK, seed=1)
    drawn = asked(seed=1)[SIMPLE].arguments["x"]
    assert bench.asked == [CASES, 2]
    # To tens it is right, in whole numbers wrong.
    assert f"x = [{drawn.round()[0]:.10g}]" in found.cause


@pytest.mark.parametrize("place", range(SIMPLE))
def test_a_simple_failure_is_shown_as_it_is(place):
    bench = Bench(lambda x, at: 2 * x + (at == place))
    found = judge_check(bench, GRADED, CHECK, seed=1)
    assert bench.asked == [CASES]
    assert found.cause.startswith(f"For {show(asked(seed=1)[place])} your double returned")


@pytest.mark.parametrize(
    "later",
    [NotRun("no time"), finished(ending="time limit"), finished(returned(0, np.zeros(1)))],
)
def test_a_failure_that_cannot_be_made_smaller_is_shown_as_it_is(later):
    bench = Bench(lambda x, place: 2 * x + (place >= SIMPLE))
    if isinstance(later, Run) and later.ending == "answered":
        # All of the smaller cases are right.
        first, second = CHECK.smaller_cases(asked(seed=1)[SIMPLE])
        right = [2 * one.arguments["x"] for one in (first, second)]
        later = finished(*(returned(at, one) for at, one in enumerate(right)))
    bench.later = later
    found = judge_check(bench, GRADED, CHECK, seed=1)
    assert bench.asked == [CASES, 2]
    assert found.cause.startswith(f"For {show(asked(seed=1)[SIMPLE])} your double returned")


def test_what_broke_the_jail_is_not_asked_for_a_smaller_case():
    bench = Bench(lambda x, place: 2 * x + (place >= SIMPLE), ending="printed too much")
    judge_check(bench, GRADED, CHECK, seed=1)
    assert bench.asked == [CASES]


def test_a_stub_is_not_started_and_earns_nothing():
    frames = [
        ({"case": place, "outcome": "raised", "text": "NotImplementedError: here"}, ())
        for place in range(CASES)
    ]
    bench = Bench(lambda x, _: x)
    bench.run = lambda *_: finished(*frames)
    found = judge_check(bench, dataclasses.replace(GRADED, credit=BOTH), CHECK, seed=1)
    assert (found.status, found.score) == ("not started", 0)


def test_what_is_printed_is_kept_without_what_a_terminal_obeys():
    assert printed_text(finished(printed=b"a\x1b[2J\nb\xff")) == "a [2J\nb\ufffd"
    found = judge_check(Bench(lambda x, _: 2 * x, printed=b"hm"), GRADED, CHECK, seed=1)
    assert found.printed == "hm"


ASSIGNMENT = Assignment("a", "A", 1, 7, ("a.py",), 30, (GRADED,))


def seed_by_hand(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)


def test_seeds_are_of_the_check_and_of_a_secret_where_it_is_not_visible():
    assert seed_of(ASSIGNMENT, GRADED, "s") == seed_by_hand("7:double")
    for visibility in ("after the deadline", "hidden"):
        hidden = dataclasses.replace(GRADED, visibility=visibility)
        assert seed_of(ASSIGNMENT, hidden, "s") == seed_by_hand("7:double:s")


@pytest.mark.parametrize(("salt", "secret"), [("s", "s"), ("", "its hash")])
def test_without_a_salt_the_submission_itself_is_the_secret(tmp_path, monkeypatch, salt, secret):
    monkeypatch.setattr("grading.judge.Bench", lambda *_: Jails())
    (tmp_path / "submission.py").write_text("")
    hidden = dataclasses.replace(GRADED, id="again", visibility="hidden")
    both = dataclasses.replace(ASSIGNMENT, checks=(GRADED, hidden))
    shown, found = judge(Submission("an", tmp_path, sha256="its hash"), both, salt)
    assert (shown.seed, found.seed) == (seed_by_hand("7:double"), seed_by_hand(f"7:again:{secret}"))


@pytest.mark.parametrize("file", ["submission.py", "a.py"])
def test_the_code_is_looked_for_by_each_name(tmp_path, file, monkeypatch):
    opened = []
    monkeypatch.setattr("grading.judge.Bench", lambda *given: opened.append(given) or Jails())
    (tmp_path / file).write_text("")
    (found,) = judge(Submission("an", tmp_path, sha256=""), ASSIGNMENT)
    ((path, allowance, isolated),) = opened
    assert (path, isolated, found.status) == (tmp_path / file, True, "passed")
    assert isinstance(allowance, Allowance)
    assert 0 < found.seconds < 60  # of one function, here


class Jails(Bench):
    """Answers everything right, as a context manager."""

    def __init__(self) -> None:
        super().__init__(lambda x, _: 2 * x)

    def __enter__(self) -> Jails:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def test_without_any_code_a_check_fails_and_names_what_it_looked_for(tmp_path):
    (found,) = judge(Submission("an", tmp_path, sha256=""), ASSIGNMENT)
    assert (found.status, found.score, found.seed, found.cases) == ("failed", 0, 0, 0)
    assert found.cause == "The submission holds none of: submission.py, a.py."


@pytest.mark.parametrize(
    ("function", "runs", "told"),
    [
        (lambda x, _: 2 * x, True, ""),
        (lambda x, _: x, True, ""),  # earns something
        (lambda x, _: 3 * x, False, "Not run: it builds on 'Twice', which failed. Mend that"),
        (None, False, "Not run: it builds on 'Twice', which is not started yet."),
    ],
)
def test_what_builds_on_a_check_is_run_only_where_that_earned_something(
    tmp_path, monkeypatch, function, runs, told
):
    first = dataclasses.replace(GRADED, credit=BOTH)
    unrelated = dataclasses.replace(GRADED, id="other", title="Other")
    second = dataclasses.replace(GRADED, id="again", title="Again", needs=("double",))
    jails = Jails()
    if function is None:
        raised = {"outcome": "raised", "text": "NotImplementedError"}
        frames = [({"case": at, **raised}, ()) for at in range(CASES)]
        jails.run = lambda *_: finished(*frames)
    else:
        jails._function = function
    monkeypatch.setattr("grading.judge.Bench", lambda *_: jails)
    (tmp_path / "submission.py").write_text("")
    checks = dataclasses.replace(ASSIGNMENT, checks=(unrelated, first, second))
    *_, found = judge(Submission("an", tmp_path, sha256=""), checks)
    assert (found.status != "not run") == runs
    assert found.cause.startswith(told)
    if not runs:
        assert (found.score, found.seed, found.cases) == (0, 0, 0)


@pytest.mark.parametrize(("factor", "score"), [(2, 8), (3, 0)])
def test_a_number_counts_only_where_the_gradients_own_check_earned_something(
    tmp_path, monkeypatch, factor, score
):
    """The number is of `double` along `double`; its step is right whatever the factor is."""
    along = dataclasses.replace(CHECK, gradient="double")
    number = ReportedNumber("n", "twice four", along, case(4), lambda values: float(values[0][0]))
    reported = ReportedCheck((number,), 0.01, "")
    jails = Jails()
    jails._function = lambda x, _: factor * x
    jails.run_once = lambda *_: finished(returned(0, np.array([8.0])))
    jails.allowance = Allowance(30)
    monkeypatch.setattr("grading.judge.Bench", lambda *_: jails)
    (tmp_path / "submission.py").write_text("")
    (tmp_path / "claims.yaml").write_text("claims: [{id: n, value: 8}]")
    numbers = dataclasses.replace(GRADED, id="numbers", check=reported)
    stated = dataclasses.replace(GRADED, id="p", check=WrittenCheck("p.yaml", "", 1, {}))
    checks = dataclasses.replace(ASSIGNMENT, checks=(stated, GRADED, numbers))
    proof, double, found = judge(Submission("an", tmp_path, sha256=""), checks)
    assert (proof.score, double.score, found.score) == (0, score, score)
    assert ("it counts only where double earns points" in found.cause) == (score == 0)


def test_what_students_see_is_judged_first_and_results_are_in_the_assignments_order(
    tmp_path: Path, monkeypatch
):
    seen: list[str] = []

    class Noting(Jails):
        def run(self, graded: GradedCheck, check: Check, cases: Sequence[Case]) -> Run:
            seen.append(graded.id)
            return super().run(graded, check, cases)

    monkeypatch.setattr("grading.judge.Bench", lambda *_: Noting())
    (tmp_path / "submission.py").write_text("")
    levels = ("hidden", "after the deadline", "visible")
    checks = tuple(
        dataclasses.replace(GRADED, id=level, title=level, visibility=level) for level in levels
    )
    asked_for = dataclasses.replace(ASSIGNMENT, checks=checks)
    found = judge(Submission("an", tmp_path, sha256=""), asked_for)
    assert [one.check.id for one in found] == list(levels)
    assert seen == list(reversed(levels))
