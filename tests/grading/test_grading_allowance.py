"""The time that is left, by hand: of a check, of the submission, and of what did not end."""

from __future__ import annotations

import dataclasses

import pytest
from doubling import GRADED

from grading.allowance import SHORTEST_SECONDS, Allowance, NotRun


def check(name: str, seconds: int = 10):
    return dataclasses.replace(GRADED, id=name, title=name.upper(), seconds=seconds)


def test_the_less_of_both_is_left():
    allowance = Allowance(30)
    assert allowance.left(check("a")) == 10
    allowance.charge(check("a"), 3)
    allowance.charge(check("a"), 4)
    assert allowance.left(check("a")) == 3
    allowance.charge(check("b"), 15)  # of the whole 8 are left
    assert allowance.left(check("c")) == 8
    assert allowance.left(check("a")) == 3


def test_with_half_a_second_of_a_check_something_is_begun_and_with_less_nothing_is():
    assert SHORTEST_SECONDS == 0.5
    allowance = Allowance(60)
    allowance.charge(check("a"), 9.5)
    assert allowance.left(check("a")) == 0.5
    allowance.charge(check("a"), 0.25)
    with pytest.raises(NotRun, match="the 10 s of this check were used up by the calls before"):
        allowance.left(check("a"))


def test_with_half_a_second_of_the_whole_something_is_begun_and_with_less_nothing_is():
    allowance = Allowance(20)
    allowance.charge(check("b"), 19.5)
    assert allowance.left(check("a")) == 0.5
    allowance.charge(check("c"), 0.25)
    with pytest.raises(NotRun, match="your submission had used up its 20 s, most of it in"):
        allowance.left(check("a"))


def where(*used: tuple[str, float]) -> str:
    allowance = Allowance(20)
    for name, seconds in used:
        allowance.charge(check(name), seconds)
    with pytest.raises(NotRun) as told:
        allowance.left(check("z"))
    return str(told.value).removeprefix("your submission had used up its 20 s, most of it in ")


@pytest.mark.parametrize(
    ("used", "told"),
    [
        ([("a", 20)], '"A"'),
        ([("a", 5), ("b", 15)], '"A" and in "B"'),
        ([("a", 5), ("b", 12), ("c", 3)], '"A" and in "B"'),
        ([("a", 3), ("b", 12), ("c", 5)], '"B" and in "C"'),
        ([("a", 12), ("b", 1), ("c", 7)], '"A" and in "C"'),
        # A tenth of the 20 s is 2.
        ([("a", 18), ("b", 2)], '"A" and in "B"'),
        ([("a", 18.5), ("b", 1.5)], '"A"'),
    ],
)
def test_where_the_time_went_is_told_by_the_two_that_took_most(used, told):
    assert where(*used) == told


@pytest.mark.parametrize(("seconds", "over"), [(19.75, True), (19.5, False), (5, False)])
def test_a_call_that_ran_out_says_whether_that_was_all_there_was(seconds, over):
    allowance = Allowance(20)
    assert allowance.ran_out(check("a", 30), ("f",), seconds) == over
    assert allowance._whole() == 20 - seconds


@pytest.mark.parametrize(
    ("ended", "asked", "seconds", "refused"),
    [
        (("f",), ("f",), 10, True),
        (("f",), ("f", "g"), 10, True),
        (("f",), ("f",), 9, True),
        (("f",), ("f",), 11, False),
        (("f", "g"), ("f",), 10, False),
        (("f",), ("g",), 10, False),
        ((), ("f",), 10, True),
        ((), (), 10, True),
    ],
)
def test_what_did_not_end_is_not_asked_again_for_as_short_a_time(ended, asked, seconds, refused):
    allowance = Allowance(60)
    allowance.ran_out(check("a"), ended, 10)
    again = check("b", seconds)
    if not refused:
        assert allowance.left(again, asked) == seconds
        return
    with pytest.raises(NotRun) as told:
        allowance.left(again, asked)
    if ended:
        assert str(told.value).startswith('a call of f had not ended after the 10 s of "A"')
    else:
        assert str(told.value).startswith("the file was still being imported after the 10 s of")


def test_a_call_that_had_less_than_its_checks_time_is_not_held_against_the_function():
    allowance = Allowance(60)
    allowance.ran_out(check("a"), ("f",), 9)
    assert allowance.left(check("b"), ("f",)) == 10
