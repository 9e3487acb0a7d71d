"""Numbers of a claims.yaml against what the student's code gives, which is made here."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubling import CHECK, GRADED, case, finished, returned

from grading.allowance import Allowance, NotRun
from grading.assignment import GradedCheck
from grading.check import Case, Check, ReportedCheck, ReportedNumber
from grading.jail import Run
from grading.reported import BadClaims, judge_reported, read_reported

# Along the gradient `g` the student's code doubles x: 8 is reported of 4, and 200 of 100.
ALONG = dataclasses.replace(CHECK, gradient="g")
NUMBERS = (
    ReportedNumber("small", "twice four", ALONG, case(4), lambda values: float(values[0][0])),
    ReportedNumber("large", "twice a hundred", CHECK, case(100), lambda values: values[0][0]),
)
REPORTED = dataclasses.replace(GRADED, check=ReportedCheck(NUMBERS, 0.25, "a quarter"))


class Bench:
    """In place of the jails."""

    def __init__(self, function: Any, **run: Any) -> None:
        self._function, self._run = function, run
        self.allowance = Allowance(60)
        self.asked = 0

    def run_once(self, _: GradedCheck, __: Check, cases: tuple[Case, ...]) -> Run:
        self.asked += 1
        (only,) = cases
        if isinstance(self._function, Exception):
            raise self._function
        return finished(returned(0, self._function(only.arguments["x"])), **self._run)


def judged(folder: Path, text: str, function: Any = lambda x: 2 * x, worthless=(), **run: Any):
    (folder / "claims.yaml").write_text(text)
    return judge_reported(folder, Bench(function, **run), REPORTED, worthless)


def claims(**values: object) -> str:
    return f"claims: [{', '.join(f'{{id: {key}, value: {values[key]}}}' for key in values)}]"


@pytest.mark.parametrize(
    ("small", "large", "status", "score", "credit"),
    [
        (8, 200, "passed", 8, ""),
        (10, 150, "passed", 8, ""),  # just within a quarter
        (6, 250, "passed", 8, ""),
        (8, 251, "partly", 4, "1 of 2 numbers are right."),
        (5.9, 200, "partly", 4, "1 of 2 numbers are right."),
        (-8, 149, "failed", 0, ""),
    ],
)
def test_each_number_within_the_error_is_worth_the_same(
    tmp_path, small, large, status, score, credit
):
    found = judged(tmp_path, claims(small=small, large=large))
    assert (found.status, found.score, found.credit) == (status, score, credit)
    assert (found.seed, found.cases) == (0, 2)


def test_a_number_that_is_not_reported_and_the_others_are_told_apart(tmp_path):
    found = judged(tmp_path, claims(large=200))
    assert (found.score, found.cause) == (4, "claims.yaml reports no small: twice four.")
    assert judged(tmp_path, claims(large=999)).score == 0


@pytest.mark.parametrize(
    ("function", "value", "told"),
    [
        (lambda x: 3 * x, 300, "your own code ends there too, but it is not right: mend the code"),
        (lambda x: 3 * x, 200, "where your own code ends, it is 300."),
        (lambda x: x.astype(np.float32), 200, "returned dtype float32 and shape (1,), expected"),
        (lambda x: np.array([x]), 200, "returned dtype float64 and shape (1, 1), expected float64"),
        (NotRun("no time"), 200, "gives no number to compare: no time."),
        (lambda x: np.nan * x, 200, "where your own code ends, it is nan."),
    ],
)
def test_a_wrong_number_is_told_from_wrong_code(tmp_path, function, value, told):
    found = judged(tmp_path, claims(small=8, large=value), function)
    assert f"You report large = {value}" in found.cause
    assert told in found.cause


def test_a_number_is_compared_with_the_reference_too(tmp_path):
    # 9.5 is within a quarter of the own 12.6, and of the right 8.
    found = judged(tmp_path, claims(small=9.5, large=200), lambda x: x * (3.15 if x < 9 else 2))
    assert found.score == 8
    found = judged(tmp_path, claims(small=10.5, large=200), lambda x: x * (3.15 if x < 9 else 2))
    assert found.score == 4


def test_a_number_along_a_worthless_gradient_is_not_asked_for(tmp_path):
    text = claims(small=8, large=200)
    (tmp_path / "claims.yaml").write_text(text)
    bench = Bench(lambda x: 2 * x)
    found = judge_reported(tmp_path, bench, REPORTED, {"g"})
    assert (found.score, bench.asked) == (4, 1)
    told = "You report small = 8; it counts only where g earns points: mend that first."
    assert found.cause == told


def test_what_the_code_printed_is_kept(tmp_path):
    text = claims(small=8, large=200)
    assert judged(tmp_path, text, printed=b"hm").printed == "hm"
    for function in (lambda x: x.astype(np.float32), lambda x: np.array([x])):
        assert judged(tmp_path, text, function, printed=b"hm").printed == "hm"
    stopped = judged(tmp_path, text, np.atleast_3d, printed=b"a", ending="malformed")
    assert stopped.printed == "a"


def test_without_any_number_nothing_is_started_and_nothing_is_run(tmp_path):
    bench = Bench(lambda x: x)
    missing = judge_reported(tmp_path, bench, REPORTED)
    assert (missing.status, missing.cause) == ("failed", "The submission holds no claims.yaml.")
    (tmp_path / "claims.yaml").write_text("claims: [{id: small, value: }]")
    empty = judge_reported(tmp_path, bench, REPORTED)
    assert (empty.status, empty.score, bench.asked) == ("not started", 0, 0)
    (tmp_path / "claims.yaml").write_text("claims")
    unread = judge_reported(tmp_path, bench, REPORTED)
    assert (unread.status, unread.score) == ("failed", 0)
    assert unread.cause.startswith("claims.yaml: expected claims: a list")


def test_without_time_nothing_is_read_further(tmp_path):
    (tmp_path / "claims.yaml").write_text(claims(small=8))
    bench = Bench(lambda x: 2 * x)
    bench.allowance.charge(REPORTED, 10)
    with pytest.raises(NotRun):
        judge_reported(tmp_path, bench, REPORTED)


def padded(size: int) -> bytes:
    text = b"claims: []"
    return text + b" " * (size - len(text))


def test_twenty_thousand_bytes_are_read_and_one_more_is_not(tmp_path):
    assert read_reported(padded(20_000)) == {}
    with pytest.raises(BadClaims, match="larger than 20000 bytes"):
        read_reported(padded(20_001))
    (tmp_path / "claims.yaml").write_bytes(padded(20_001))
    found = judge_reported(tmp_path, Bench(lambda x: x), REPORTED)
    assert found.cause == "claims.yaml: larger than 20000 bytes."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("claims: [{id: a, value: 1, more: 2}]", "claim 1: expected the keys id, value"),
        ("claims: [{id: a, value: 1}, [b]]", "claim 2: expected the keys id, value"),
        ("- claims", "expected claims: a list"),
        ("a: &x 1\nb: *x", r"line 2: an alias \(\*name\)"),
        ("claims: [[[[]]]]", "line 1: nested over 4 deep"),
        ("a:\n  b: 1\n c: 2", "line 3: not YAML"),
        ("claims: [{id: a, value: " + "1" * 81 + "}]", "expected a name and a number"),
        ("claims: [{id: [], value: 1}]", "claim 1: expected a name and a number"),
        ("claims: [{id: a, value: [1]}]", "claim 1: expected a name and a number"),
        ("claims: [{id: NAME, value: x}]", "claim 1, 'n{80}': 'x' is not a finite number"),
        ("claims: [{id: NAME, value: 1}, {id: NAME, value: 1}]", "the id 'n{80}' stands twice"),
        ("claims: [{id: a, value: inf}]", "claim 1, 'a': 'inf' is not a finite number"),
    ],
)
def test_claims_name_the_line_or_the_claim(text, told):
    with pytest.raises(BadClaims, match=told):
        read_reported(text.replace("NAME", 90 * "n").encode())


def test_claims_that_just_fit_are_read():
    deep = "claims: [{id: a, value: 1, says: [x]}]"  # a map, a list, a map, a list
    assert read_reported(deep.encode()) == {"a": 1}
    assert read_reported(b"claims: [{id: a, value: %s}]" % (b"0" * 80)) == {"a": 0}
    assert read_reported(b"claims: [{id: a, value: 2.5, says: twice}]") == {"a": 2.5}


def test_not_utf8_is_told():
    with pytest.raises(BadClaims, match="not UTF-8 text"):
        read_reported(b"\xff\xfe")
