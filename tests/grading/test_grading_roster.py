"""Due dates, extensions, groups, resubmissions, changes by hand: which rule gives which mark."""

from __future__ import annotations

import csv
import datetime
import itertools
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from grading.__main__ import main
from grading.assignment import Late
from grading.gradebook import updated_history, what_changed, write_gradebook
from grading.roster import BadRoster, Roster, read_adjustments, read_roster
from grading.rules import Mark, Scored, days_late, marks

LATE = Late(grace_minutes=15, percent_a_day=10, refused_after_days=5)
DUE = datetime.datetime(2025, 12, 1, 23, 59, tzinfo=datetime.timezone(datetime.timedelta(hours=7)))

CLASS = """
due: 2025-12-01T23:59:00+07:00
students: [an, binh, chi, dung]
groups: {pair: [binh, chi]}
extensions: {an: {until: 2025-12-03T23:59:00+07:00, reason: ill}}
submissions:
  an: {by: an, at: 2025-12-04T08:00:00+07:00}
  an-again: {by: an, at: 2025-12-20T08:00:00+07:00}
  together: {by: pair, at: 2025-12-02T00:10:00+07:00}
"""


def scored(name: str, score: float | None, *, version: int = 1, files: str = "f") -> Scored:
    status = "grader fault" if score is None else "graded"
    checks = {} if score is None else {"one": score - 2, "two": 2.0}
    most = None if score is None else 10.0
    return Scored(name, status, score, most, checks, files, version)


@pytest.fixture
def roster(tmp_path: Path) -> Roster:
    (tmp_path / "class.yaml").write_text(CLASS)
    return read_roster(tmp_path / "class.yaml")


def marked(roster: Roster | None, *found: Scored, counts="last", by_hand=()) -> dict[str, Mark]:
    return {mark.student: mark for mark in marks(found, roster, LATE, counts, by_hand)}


def test_an_extension_moves_the_due_date_and_lateness_is_counted_from_there(roster):
    mark = marked(roster, scored("an", 8))["an"]
    # Due on the 3rd, handed in eight hours later: one day begun, ten percent of eight.
    assert (mark.raw, mark.score) == (8, pytest.approx(7.2, abs=1e-12))
    assert mark.rules == (
        "extension until 2025-12-03T23:59:00+07:00: ill",
        "1 day late: -10 %",
    )


def test_both_of_a_group_get_its_mark_and_the_grace_costs_nothing(roster):
    found = marked(roster, scored("together", 9))
    assert [(found[name].score, found[name].rules) for name in ("binh", "chi")] == [(9, ())] * 2


def test_a_resubmission_that_is_too_late_replaces_nothing(roster):
    mark = marked(roster, scored("an", 8), scored("an-again", 10))["an"]
    assert mark.submission.id == "an"
    assert mark.rules[0] == "last of 2 submissions: an"


@pytest.mark.parametrize(("counts", "score"), [("last", 4), ("best", 8)])
def test_of_several_submissions_the_last_or_the_best_counts(roster, counts, score):
    entries = {
        "a1": {"by": "dung", "at": DUE - datetime.timedelta(hours=2)},
        "a2": {"by": "dung", "at": DUE - datetime.timedelta(hours=1)},
    }
    handed_in = {name: type(roster.handed_in("an"))(**entry) for name, entry in entries.items()}
    roster = Roster(roster.due, roster.students, {}, {}, handed_in)
    assert marked(roster, scored("a1", 8), scored("a2", 4), counts=counts)["dung"].score == score


@pytest.mark.parametrize("counts", ["last", "best"])
def test_a_fault_of_the_grader_is_no_zero_and_is_not_hidden_by_another_submission(roster, counts):
    handed_in = roster.handed_in("an")
    roster = Roster(roster.due, roster.students, {}, {}, {"b": handed_in, "an": handed_in})
    mark = marked(roster, scored("an", 8), scored("b", None), counts=counts)["an"]
    assert (mark.status, mark.score) == ("grader fault", None)


def test_who_handed_in_nothing_has_a_row_and_an_unlisted_submission_is_not_lost(roster):
    found = marked(roster, scored("stranger", 7))
    assert (found["dung"].status, found["dung"].score) == ("nothing handed in", 0)
    assert found["stranger"].score == 7
    assert "not in the class file" in found["stranger"].rules


def test_names_may_be_written_as_the_students_files_are_called(tmp_path):
    path = tmp_path / "class.yaml"
    path.write_text(
        "due: 2025-12-01T23:59:00+07:00\n"
        "students: [Nguyễn Văn An, Trần Bình]\n"
        "groups: {the pair: [Trần Bình]}\n"
        "submissions:\n"
        "  Nguyễn Văn An.zip: {by: Nguyễn Văn An, at: 2025-12-02T08:00:00+07:00}\n"
        "  Bài làm: {by: the pair}\n",
        encoding="utf-8",
    )
    found = marked(read_roster(path), scored("Nguyễn_Văn_An", 10), scored("Bài_làm", 8))
    assert set(found) == {"Nguyễn_Văn_An", "Trần_Bình"}
    assert found["Nguyễn_Văn_An"].rules == ("1 day late: -10 %",)
    assert found["Trần_Bình"].score == 8
    by_hand = tmp_path / "adjustments.yaml"
    by_hand.write_text(
        "adjustments: [{student: Trần Bình, points: 1, reason: a slip}]", encoding="utf-8"
    )
    assert read_adjustments(by_hand)[0].student == "Trần_Bình"


@pytest.mark.parametrize(
    ("minutes", "days"),
    [(-1, 0), (0, 0), (15, 0), (16, 1), (24 * 60, 1), (24 * 60 + 1, 2), (10 * 24 * 60, 10)],
)
def test_a_day_begun_is_a_day_and_the_grace_is_none(minutes, days):
    assert days_late(DUE + datetime.timedelta(minutes=minutes), DUE, LATE) == days


def test_changes_by_hand_name_their_reason_and_come_where_they_belong(roster, tmp_path):
    path = tmp_path / "adjustments.yaml"
    path.write_text(
        "adjustments:\n"
        "  - {student: an, check: one, score: 8, reason: right in another notation}\n"
        "  - {student: an, points: 1.5, reason: found a slip}\n"
    )
    mark = marked(roster, scored("an", 8), by_hand=read_adjustments(path))["an"]
    # The check's score before the late policy, 8 + 2 less ten percent; the points after it.
    assert (mark.raw, mark.score) == (8, pytest.approx(9 + 1.5, abs=1e-12))
    assert "by hand one = 8: right in another notation" in mark.rules
    assert "by hand +1.5: found a slip" in mark.rules


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("+07:00\nstudents", "\nstudents", "due: found .*, expected a time with its zone"),
        ("by: pair", "by: pairs", r"submissions\.together\.by: 'pairs' .*did you mean 'pair'"),
        ("[binh, chi]}", "[binh, ch]}", r"groups\.pair: 'ch' is not in the class"),
        ("extensions: {an:", "extensions: {am:", "extensions: 'am' is not"),
        ("due:", "dew:", "'dew' was unexpected"),
        ("[an,", "[an, an.zip,", "students: 'an' stands twice"),
        ("due:", "due: !!python/object/apply:os.getcwd []\nx:", "cannot be read"),
    ],
)
def test_a_wrong_class_file_names_its_key(tmp_path, old, new, told):
    assert old in CLASS
    (tmp_path / "class.yaml").write_text(CLASS.replace(old, new, 1))
    with pytest.raises(BadRoster, match=told):
        read_roster(tmp_path / "class.yaml")


def test_a_change_by_hand_for_nobody_is_refused(roster, tmp_path):
    path = tmp_path / "adjustments.yaml"
    path.write_text("adjustments: [{student: anh, points: 1, reason: x}]")
    with pytest.raises(BadRoster, match="'anh' is nobody"):
        marked(roster, scored("an", 8), by_hand=read_adjustments(path))


def test_the_gradebook_says_what_changed_since_the_last_grading_and_why(tmp_path):
    book = tmp_path / "gradebook.csv"
    changed = []
    for score, version, files in [(6, 1, "f"), (8, 2, "f"), (8, 2, "f"), (9, 2, "g"), (7, 2, "g")]:
        found = marked(None, scored("an", score, version=version, files=files))
        write_gradebook(tuple(found.values()), book)
        with book.open(newline="") as file:
            changed.append(next(csv.DictReader(file))["changed"])
    assert changed == [
        "",
        "from 6 to 8: the assignment's version went from 1 to 2",
        "from 6 to 8: the assignment's version went from 1 to 2",  # graded again: the same book
        "from 8 to 9: other files were handed in",
        "from 9 to 7: the grader itself is another",
    ]


def test_a_gradebook_written_again_is_the_same_to_the_byte(tmp_path, roster):
    written = []
    for _ in range(2):
        found = marks((scored("an", 8), scored("together", 9)), roster, LATE, "last", ())
        write_gradebook(found, tmp_path / "gradebook.csv")
        written.append({path.name: path.read_bytes() for path in tmp_path.glob("*.*")})
    assert written[0] == written[1]


def test_a_fault_in_between_is_no_change():
    history: dict = {}
    for score in (6.0, None, 6.0):
        history = updated_history(history, tuple(marked(None, scored("an", score)).values()))
    assert len(history["an"]) == 1
    assert what_changed(history["an"]) == ""


def test_the_command_reads_the_class_and_names_results_of_former_students(tmp_path):
    about = {"status": "graded", "sha256": "f", "assignment": "adagrad", "assignment_version": 2}
    paths = []
    for name in ("an", "gone"):
        path = tmp_path / name / "results.json"
        path.parent.mkdir()
        results = {
            "score": 50.0,
            "max_score": 100.0,
            "tests": [],
            "extra_data": about | {"id": name},
        }
        path.write_text(json.dumps(results))
        paths.append(path)
    (tmp_path / "class.yaml").write_text(CLASS)
    book = tmp_path / "gradebook.csv"
    asked = ["gradebook", str(paths[0]), "--output", str(book)]
    done = CliRunner().invoke(main, [*asked, "--class", str(tmp_path / "class.yaml")])
    assert done.exit_code == 0, done.output
    assert f"not in the gradebook; remove them: {paths[1].parent}" in done.output
    with book.open(newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"an", "binh", "chi", "dung"}
    assert (rows["an"]["raw_score"], rows["an"]["score"]) == ("50", "45")


def test_late_marks_never_grow_with_the_days(roster):
    scores = []
    for days in range(8):
        at = DUE + datetime.timedelta(days=days, hours=1)
        one = type(roster.handed_in("an"))("dung", at)
        late = Roster(roster.due, roster.students, {}, {}, {"d": one})
        scores.append(marked(late, scored("d", 10))["dung"].score)
    assert scores == pytest.approx([9, 8, 7, 6, 5, 0, 0, 0], abs=1e-12)
    assert all(earlier >= later for earlier, later in itertools.pairwise(scores))
