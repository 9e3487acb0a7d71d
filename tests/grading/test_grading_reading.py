"""What is read from a worker's frames, and what is wrong with an answer, without a jail."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from doubling import CHECK, case, finished, returned

from grading.answers import (
    first_failure,
    is_not_started,
    read_answers,
    same_as,
    show,
    what_is_wrong,
)
from grading.bubblewrap import GraderFault
from grading.check import Case, Mistake


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (finished(ending="time limit"), "it was still running at the time limit of 10 s"),
        (finished(ending="malformed", reason="odd"), "could not be read (odd)"),
        (finished(ending="time limit", loaded=False), "the file was still being imported at"),
        (finished(({"outcome": "not loaded", "text": "E: x"}, ())), "could not be imported: E: x"),
        (finished(({"outcome": "no such function", "text": "no"}, ())), "no function double"),
        (finished(({"case": 0, "outcome": "raised", "text": "a\n b"}, ())), "it raised a b"),
        (finished(({"case": 0, "outcome": "raised"}, ())), "raised something without a desc"),
        (finished(({"case": 0, "outcome": "else", "values": []}, ())), "could not be read"),
        (finished(({"case": 0, "outcome": "returned", "values": 1}, ())), "could not be read"),
        (finished(returned(0, *[np.zeros(1)] * 2)), "returned 2 values, expected one value (y)"),
        (
            finished(({"case": 0, "outcome": "returned", "values": [{"sent": True}]}, ())),
            "its answer could not be read",
        ),
        (
            finished(({"case": 0, "outcome": "returned", "values": [{"found": "a list"}]}, ())),
            "its y is a list, expected a NumPy array of float64",
        ),
        (finished(returned(1, np.zeros(1))), "the program ended before it answered"),
    ],
)
def test_where_there_is_no_answer_the_reason_is_told(run, told):
    (answer,) = read_answers(run, CHECK, 10, 1)
    assert isinstance(answer, str)
    assert told in answer


def test_what_is_wrong_with_the_file_is_told_without_a_case():
    assert what_is_wrong(CHECK, case(1), "the file is odd") == "The file is odd."
    assert what_is_wrong(CHECK, case(1), "it raised E") == "For x = [1]: it raised E."


def test_of_two_functions_the_one_that_is_not_there_is_named():
    both = dataclasses.replace(CHECK, gradient="slope")
    for said, named in (("slope", "slope"), ("double", "double"), ("else", "double")):
        run = finished(({"outcome": "no such function", "text": said}, ()))
        assert read_answers(run, both, 10, 1) == (f"the file defines no function {named}",)


def test_what_comes_after_the_first_word_changes_nothing_of_it():
    run = finished(({"outcome": "not loaded", "text": "E"}, ()), ({"outcome": "else"}, ()))
    assert read_answers(run, CHECK, 10, 1) == ("the file could not be imported: E",)


def test_a_text_from_the_jail_is_one_short_line():
    (answer,) = read_answers(
        finished(({"case": 0, "outcome": "raised", "text": "x" * 999}, ())), CHECK, 10, 1
    )
    assert answer == "it raised " + "x" * 400


def test_an_answer_that_came_before_the_end_counts_and_the_others_are_missing():
    run = finished(returned(0, np.array([2.0])), ending="time limit")
    first, second = read_answers(run, CHECK, 10, 2)
    assert first[0] == 2
    assert "time limit" in second


def test_frames_beyond_the_cases_are_not_read():
    run = finished(*(returned(0, np.array([float(value)])) for value in (2, 3)))
    assert len(read_answers(run, CHECK, 10, 1)) == 1


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (np.array([2.5]), ""),
        (np.array([1.5]), ""),
        (np.array([2.6]), "For x = [1] your double returned y = [2.6]; expected y = [2]."),
        (np.array([np.nan]), "your double returned y = [nan]"),
        (np.array([np.inf]), "your double returned y = [inf]"),
        (np.array([2.0], dtype=np.float32), "y has dtype float32, expected float64"),
        (np.array([[2.0]]), "y has shape (1, 1), expected (1,)"),
    ],
)
def test_an_answer_is_right_up_to_the_allowed_error(value, told):
    found = what_is_wrong(CHECK, case(1), (value,))
    assert told in found
    assert bool(found) == bool(told)


def test_one_wrong_entry_of_many_is_wrong():
    assert what_is_wrong(CHECK, case(1, 2), (np.array([2.0, 4.6]),))
    assert not what_is_wrong(CHECK, case(1, 2), (np.array([2.0, 4.5]),))


def test_values_that_print_alike_are_shown_with_all_digits():
    strict = dataclasses.replace(CHECK, allowed_error=lambda _, right: (0 * right[0],))
    told = what_is_wrong(strict, case(1), (np.array([np.nextafter(2, 3)]),))
    assert "y = [2.0000000000000004]; expected y = [2]" in told
    # Ten digits are enough where they differ, and not where only the eleventh does.
    told = what_is_wrong(strict, case(1), (np.array([2.000000004]),))
    assert "y = [2.000000004]; expected y = [2]." in told
    told = what_is_wrong(strict, case(1), (np.array([2.0000000004]),))
    assert "y = [2.0000000004" in told
    assert "y = [0.3333333333];" in what_is_wrong(strict, case(1), (np.array([1 / 3]),))


def test_a_reference_that_is_not_finite_is_the_graders_fault():
    with pytest.raises(GraderFault, match="double: the reference is not finite for x = "):
        what_is_wrong(CHECK, case(1, np.inf), (np.zeros(2),))


@pytest.mark.parametrize(
    ("answer", "wrong", "alike"),
    [
        ([1.0, 2.5], [1.0, 2.0], True),
        ([1.0, 2.6], [1.0, 2.0], False),
        ([1.0, np.nan], [1.0, np.nan], True),
        ([1.0, np.inf], [1.0, np.inf], True),
        ([1.0, -np.inf], [1.0, np.inf], False),
        ([1.0, 2.0], [1.0, np.nan], False),
        ([np.nan, 2.0], [1.0, 2.0], False),
        ([1.0], [1.0, 2.0], False),
    ],
)
def test_an_answer_is_a_mistakes_where_it_agrees_in_every_entry(answer, wrong, alike):
    mistake = Mistake("m", lambda _: (np.array(wrong),), "")
    check = dataclasses.replace(
        CHECK, allowed_error=lambda _, right: (np.full_like(right[0], 0.5),)
    )
    assert same_as(check, mistake, case(1, 1), (np.array(answer),)) == alike


def test_no_answer_is_no_mistake():
    assert not same_as(CHECK, CHECK.mistakes[0], case(1), "it raised")


def test_only_stubs_alone_are_not_started():
    stub = "it raised NotImplementedError: do"
    assert is_not_started([stub, stub])
    assert not is_not_started([stub, "it raised ValueError"])
    assert not is_not_started([stub, (np.zeros(1),)])


def test_the_first_failure_is_the_first():
    cases = [case(1)] * 3
    answers = [(np.array([value]),) for value in (2.0, 9.0, 8.0)]
    found = first_failure(CHECK, cases, answers)
    assert found is not None
    assert (found.place, "y = [9]" in found.cause) == (1, True)
    assert first_failure(CHECK, cases[:1], answers[:1]) is None


def test_a_case_is_shown_by_its_arguments():
    shown = show(Case({"x": np.array([[1.0, 2.5], [3.0, 4.0]]), "lr": 0.1, "n": np.array(2.0)}))
    assert shown == "x = [[1, 2.5], [3, 4]], lr = 0.1, n = 2"
    assert show(case(1 / 3)) == "x = [0.3333333333]"
