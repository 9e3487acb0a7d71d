"""What the results say of what was found: sums, seeds, and who may read what; done by hand."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import math
from pathlib import Path

import pytest
from doubling import GRADED

from grading.assignment import Assignment, Late
from grading.finding import CheckResult, without_answer
from grading.results import NOT_ISOLATED_TEXT, fault, graded, write
from grading.roster import Adjustment, BadRoster, HandedIn, Roster
from grading.rules import Scored, days_late, marks
from grading.submission import Submission

SHOWN = dataclasses.replace(GRADED, points=8.0)
LATER = dataclasses.replace(GRADED, id="later", title="Later", visibility="after the deadline")
HIDDEN = dataclasses.replace(GRADED, id="hidden", title="Secret", visibility="hidden")
FOUND = (
    CheckResult(SHOWN, "passed", 8.0, "", "", "said", 11, 9, "", 1.25),
    CheckResult(LATER, "partly", 2.5, "why", "how", "said", 12, 8, "half", 100),
    CheckResult(HIDDEN, "failed", 0.0, "why", "how", "said", 13, 7, "", 100),
)
SUBMISSION = Submission("an", Path(), sha256="5ha")
ASSIGNMENT = Assignment("a", "A", 3, 7, (), 30, (SHOWN, LATER, HIDDEN))


def test_points_are_summed_and_time_is_that_of_what_is_visible():
    told = graded(SUBMISSION, ASSIGNMENT, FOUND)
    assert (told["score"], told["max_score"], told["execution_time"]) == (10.5, 24.0, 1.25)
    assert told["extra_data"] == {
        "status": "graded",
        "id": "an",
        "sha256": "5ha",
        "assignment": "a",
        "assignment_version": 3,
        "isolation": "bubblewrap",
        "salt": "",
    }
    thousandths = dataclasses.replace(FOUND[0], seconds=0.12345)
    assert graded(SUBMISSION, ASSIGNMENT, [thousandths])["execution_time"] == 0.123


def test_each_check_says_what_may_be_read_and_when():
    shown, later, hidden = graded(SUBMISSION, ASSIGNMENT, FOUND)["tests"]
    assert [one["number"] for one in (shown, later, hidden)] == ["1", "2", "3"]
    assert [one["status"] for one in (shown, later, hidden)] == ["passed", "failed", "failed"]
    assert [one["score"] for one in (shown, later, hidden)] == [8.0, 2.5, 0.0]
    assert shown["output"] == "What your code printed:\nsaid"
    assert later["output"] == "why\n\nhow\n\nhalf"
    assert (hidden["output"], hidden["name"]) == ("", "A hidden check")
    visibilities = [one["visibility"] for one in (shown, later, hidden)]
    assert visibilities == ["visible", "after_due_date", "hidden"]
    assert shown["extra_data"] == {"check": "double", "seed": 11, "cases": 9}


def test_nothing_is_said_of_printing_where_nothing_was_printed():
    (one,) = graded(SUBMISSION, ASSIGNMENT, [dataclasses.replace(FOUND[0], printed="")])["tests"]
    assert one["output"] == ""


def test_with_a_salt_no_seed_of_what_is_not_visible_is_told_and_the_salt_can_be_known_again():
    told = graded(SUBMISSION, ASSIGNMENT, FOUND, "secret")
    assert [one["extra_data"]["seed"] for one in told["tests"]] == [11, None, None]
    assert told["extra_data"]["salt"] == hashlib.sha256(b"secret").hexdigest()[:16]
    unsalted = graded(SUBMISSION, ASSIGNMENT, FOUND)["tests"]
    assert [one["extra_data"]["seed"] for one in unsalted] == [11, 12, 13]


def test_what_ran_without_a_jail_says_so():
    told = graded(SUBMISSION, ASSIGNMENT, FOUND, isolated=False)
    assert (told["output"], told["extra_data"]["isolation"]) == (NOT_ISOLATED_TEXT, "not isolated")
    assert graded(SUBMISSION, ASSIGNMENT, FOUND)["output"] == ""


def test_a_fault_has_no_score_and_took_no_time():
    told = fault("an", "a", "broken")
    assert "score" not in told
    assert (told["execution_time"], told["extra_data"]["reason"]) == (0, "broken")


def test_results_are_written_as_a_person_and_a_program_can_read_them(tmp_path):
    path = tmp_path / "results" / "an" / "results.json"
    for _ in range(2):
        write({"output": "dấu", "score": 1.5}, path)
        assert path.read_text("utf-8") == '{\n "output": "dấu",\n "score": 1.5\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        write({"score": math.nan}, path)


def test_where_there_was_nothing_to_run_nothing_is_earned():
    found = without_answer(SHOWN, "no file")
    assert (found.status, found.score, found.seed, found.cases) == ("failed", 0, 0, 0)
    assert (found.credit, found.seconds) == ("", 0)


# Marks: what the rules of a class make of scores.

DUE = datetime.datetime(2025, 12, 1, tzinfo=datetime.UTC)
LATE = Late(grace_minutes=0, percent_a_day=40, refused_after_days=3)


def scored(name: str, score: float | None = 10.0) -> Scored:
    checks = {"one": 4.0, "two": 6.0}
    return Scored(name, "graded", score, 10.0, checks if score is not None else {}, "5ha", 1)


def roster(**hours: float) -> Roster:
    """A class of one student, by how many hours late each submission is."""
    handed_in = {
        name: HandedIn("an", DUE + datetime.timedelta(hours=each)) for name, each in hours.items()
    }
    return Roster(DUE, ("an",), {}, {}, handed_in)


def marked(given: Roster | None, *found: Scored, counts="last", by_hand=()):
    (mark,) = marks(found, given, LATE, counts, by_hand)
    return mark


@pytest.mark.parametrize(
    ("hours", "score", "rules"),
    [
        (-1, 10, ()),
        (1, 6, ("1 day late: -40 %",)),
        (25, 2, ("2 days late: -80 %",)),
        (72, 0, ("3 days late: -100 %",)),  # not 120
        (73, 0, ("4 days late: not accepted after 3",)),
    ],
)
def test_a_day_costs_its_percent_and_never_more_than_there_is(hours, score, rules):
    mark = marked(roster(a=hours), scored("a"))
    assert (mark.score, mark.rules) == (pytest.approx(score, abs=1e-12), rules)


def test_without_a_time_or_a_due_date_nothing_is_late():
    untimed = Roster(DUE, ("an",), {}, {}, {"a": HandedIn("an", None)})
    mark = marked(untimed, scored("a"))
    assert mark.score == 10
    assert mark.rules == ("no time of handing in is known: taken as in time",)
    undated = dataclasses.replace(roster(a=99), due=None)
    assert marked(undated, scored("a")).rules == ()
    assert marked(None, scored("a")).score == 10


def test_where_all_came_too_late_one_of_them_is_the_mark():
    mark = marked(roster(a=100, b=99), scored("a"), scored("b"))
    assert (mark.submission.id, mark.score) == ("a", 0)
    assert mark.rules[0] == "last of 2 submissions: a"


def test_of_submissions_at_one_time_the_later_name_counts_and_one_without_time_is_first():
    assert marked(roster(a=-1, b=-1), scored("b", 3), scored("a", 9)).submission.id == "b"
    handed_in = {"a": HandedIn("an", DUE), "b": HandedIn("an", None)}
    untimed = Roster(DUE, ("an",), {}, {}, handed_in)
    assert marked(untimed, scored("a"), scored("b")).submission.id == "a"


def test_the_best_is_by_its_mark_and_then_by_name():
    best = marked(roster(a=25, b=-1), scored("a", 10), scored("b", 3), counts="best")
    assert best.submission.id == "b"  # 3 is more than 10 less 80 %
    assert marked(roster(a=-1, b=-1), scored("a"), scored("b"), counts="best").submission.id == "b"


@pytest.mark.parametrize("at", [None, DUE])
def test_what_was_in_time_counts_beside_what_was_late(at):
    handed_in = {"a": HandedIn("an", at), "b": HandedIn("an", DUE + datetime.timedelta(hours=1))}
    given = Roster(DUE, ("an",), {}, {}, handed_in)
    # Late, 10 is 6: less than 7.
    assert marked(given, scored("a", 7), scored("b"), counts="best").submission.id == "a"


def test_without_a_due_date_or_a_policy_there_are_no_late_days():
    assert days_late(DUE, None, LATE) == 0
    assert days_late(DUE + datetime.timedelta(days=9), DUE, None) == 0


def test_a_zero_is_a_mark_of_zero():
    mark = marked(roster(a=-1), scored("a", 0.0))
    assert (mark.raw, mark.score, mark.status) == (0, 0, "graded")


def test_without_a_due_date_a_fault_does_not_come_before_what_was_handed_in_after_it():
    undated = dataclasses.replace(roster(a=1, b=2), due=None)
    assert marked(undated, scored("a", None), scored("b")).submission.id == "b"


def by_hand(check: str = "", points: float = 0, score: float = 0) -> Adjustment:
    return Adjustment("an", "so", points, check, score)


@pytest.mark.parametrize(
    ("adjustments", "score", "rules"),
    [
        ([by_hand(points=2)], 12, ("by hand +2: so",)),
        ([by_hand(points=-12)], 0, ("by hand -12: so",)),
        ([by_hand(check="one", score=1)], 7, ("by hand one = 1: so",)),
        (
            [by_hand(check="one", score=1), by_hand(points=2), by_hand(check="two", score=0)],
            3,
            ("by hand one = 1: so", "by hand two = 0: so", "by hand +2: so"),
        ),
    ],
)
def test_changes_by_hand_are_made_of_checks_first_and_then_of_the_mark(adjustments, score, rules):
    mark = marked(roster(a=-1), scored("a"), by_hand=adjustments)
    assert (mark.raw, mark.score, mark.rules) == (10, score, rules)


def test_a_check_by_hand_counts_less_for_being_late_and_points_do_not():
    mark = marked(
        roster(a=1), scored("a"), by_hand=[by_hand(check="one", score=0), by_hand(points=1)]
    )
    assert mark.score == pytest.approx(0.6 * 6 + 1, abs=1e-12)


def test_a_fault_stays_one_whatever_is_given_by_hand():
    mark = marked(roster(a=-1), scored("a", None), by_hand=[by_hand(points=2)])
    assert (mark.score, mark.raw, mark.rules) == (None, None, ())


def test_a_check_that_there_is_not_is_refused():
    with pytest.raises(BadRoster, match="there is no check 'three'; there are: one, two"):
        marked(roster(a=-1), scored("a"), by_hand=[by_hand(check="three")])


def test_a_student_of_the_class_who_handed_in_nothing_has_nothing():
    mark = marked(roster())
    assert (mark.status, mark.raw, mark.score, mark.rules) == ("nothing handed in", None, 0.0, ())
