"""Files for Canvas and Moodle, read back by the rules of their own importers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from grading.class_results import Grade
from grading.exports import canvas, moodle
from grading.exports.cells import harmless
from grading.exports.matching import match

GRADES = (
    Grade("an", 8.0),
    Grade("binh", 9.5),
    Grade("chi", None),  # a fault of the grader
    Grade("stranger", 1.0),
)

CANVAS_EXPORT = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Notes,Adagrad (4711),Essay (4712),Final Score\n"
    ",,,,,,Manual Posting,,\n"
    "    Points Possible,,,,,,100,5,(read only)\n"
    '"Nguyễn, An",101,s1,an,L01,,3,4,60\n'
    "\"=cmd|'/c calc'!A1, Binh\",102,s2,binh,L01,,,4,60\n"
    '"Trần, Chi",103,s3,chi,L02,,7,4,60\n'
    '"Lê, Dũng",104,s4,dung,L02,,6,4,60\n'
)

MOODLE_WORKSHEET = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Online text,Last modified (grade),Feedback comments\r\n"
    'Participant 501,Nguyễn An,an@hcmut.edu.vn,Submitted,,100.00,Yes,"Friday",=1+1,-,\r\n'
    "Participant 502,Binh,binh@hcmut.edu.vn,Submitted,,100.00,Yes,Friday,,-,\r\n"
    "Participant 503,Chi,chi@hcmut.edu.vn,Submitted,,100.00,Yes,Friday,,-,\r\n"
    "Participant 504,Dũng,dung@hcmut.edu.vn,No submission,,100.00,Yes,-,,-,old words\r\n"
)


def rows_of(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode("utf-8").removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline="")))


def canvas_reads(path: Path) -> tuple[int, dict[str, str], float]:
    """Column of the assignment, scores by login and points, as gradebook_importer.rb finds them."""
    header, *rows = rows_of(path)
    assert "Student" in header[0]
    assert "ID" in header[1]
    columns = 3 + 2 * (header[2] == "SIS User ID" and header[3] == "SIS Login ID")
    assert "Section" in header[columns - 1]  # the importer refuses the file otherwise
    points = next(row[columns] for row in rows if "Points Possible" in row[0])
    students = [row for row in rows if "Points Possible" not in row[0]]
    return columns, {row[3]: row[columns] for row in students}, float(points)


def test_canvas_from_the_class_alone(tmp_path):
    out = tmp_path / "canvas.csv"
    assert canvas.write(GRADES, "Adagrad", 10, out) == ()
    place, scores, points = canvas_reads(out)
    assert (place, points) == (5, 10)
    assert scores == {"an": "8", "binh": "9.5", "chi": "", "stranger": "1"}
    assert rows_of(out)[0][5:] == ["Adagrad"]


def test_canvas_by_its_own_export_changes_one_column_and_names_who_fits_nobody(tmp_path):
    export, out = tmp_path / "export.csv", tmp_path / "canvas.csv"
    export.write_text(CANVAS_EXPORT, encoding="utf-8")
    told = canvas.write(GRADES, "Adagrad", 10, out, export)
    assert told == ("stranger: no participant fits",)
    header, *_ = rows_of(out)
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Adagrad (4711)"]
    _, scores, points = canvas_reads(out)
    # Canvas has 100 points, the assignment 10; who has no grade keeps what is there.
    assert (scores, points) == ({"an": "80", "binh": "95", "chi": "7", "dung": "6"}, 100)


def test_canvas_keeps_a_formula_in_a_name_from_running(tmp_path):
    export, out = tmp_path / "export.csv", tmp_path / "canvas.csv"
    export.write_text(CANVAS_EXPORT, encoding="utf-8")
    canvas.write(GRADES, "=1+1", 10, out, export)
    rows = rows_of(out)
    assert rows[0][-1] == "'=1+1"
    assert rows[3][0] == "'=cmd|'/c calc'!A1, Binh"
    assert [row for row in rows for cell in row if cell.lstrip().startswith(("=", "@"))] == []


def test_a_file_that_is_not_of_canvas_is_refused_with_what_to_do(tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("Name,Points\nAn,3\n")
    with pytest.raises(ValueError, match=r"other\.csv: .*Name, Points, expected Student and ID"):
        canvas.write(GRADES, "Adagrad", 10, tmp_path / "out.csv", other)
    other.write_text("Student,ID,Section\nAn,3\n")
    with pytest.raises(ValueError, match="row 2 has 2 cells, expected its header's 3"):
        canvas.write(GRADES, "Adagrad", 10, tmp_path / "out.csv", other)


def test_moodle_fills_the_grades_and_comments_of_those_who_submitted_only(tmp_path):
    sheet, out = tmp_path / "sheet.csv", tmp_path / "filled.csv"
    sheet.write_text(MOODLE_WORKSHEET, encoding="utf-8", newline="")
    grades = (
        Grade("an_hcmut.edu.vn", 8.0),  # an e-mail address as a name of a folder
        Grade("Binh_502_assignsubmission_file_", 9.5),
        Grade("Chi", None),
        Grade("stranger", 1.0),
    )
    comments = {"an_hcmut.edu.vn": "8 of 10\n<script>alert(1)</script>"}
    told = moodle.write(grades, 10, comments, sheet, out)
    assert told == ("stranger: no participant fits",)
    assert out.read_bytes().startswith(b"\xef\xbb\xbfIdentifier,")
    before, after = rows_of(sheet), rows_of(out)
    assert after[0] == before[0]
    assert [row[4] for row in after[1:]] == ["80", "95", "", ""]
    assert after[1][10] == "8 of 10<br>&lt;script&gt;alert(1)&lt;/script&gt;"
    assert after[1][8] == "'=1+1"
    assert after[2][:4] + after[2][5:] == before[2][:4] + before[2][5:]
    assert after[3:] == before[3:]


def test_moodle_leaves_a_locked_grade_alone_and_names_it(tmp_path):
    sheet, out = tmp_path / "sheet.csv", tmp_path / "filled.csv"
    locked = MOODLE_WORKSHEET.replace("Submitted,,100.00,Yes", "Submitted,5,100.00,No", 1)
    sheet.write_text(locked, encoding="utf-8", newline="")
    told = moodle.write((Grade("Nguyễn_An", 8.0),), 10, {}, sheet, out)
    assert told == ("Nguyễn_An: Moodle says that this grade cannot be changed",)
    assert rows_of(out)[1][4] == "5"


def test_a_worksheet_in_another_language_is_refused(tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(MOODLE_WORKSHEET.replace(",Grade,", ",Điểm,"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"no column 'Grade'; found: .*Điểm.*Moodle in English"):
        moodle.write(GRADES, 10, {}, sheet, tmp_path / "out.csv")


def test_names_that_fit_two_people_or_one_person_twice_are_matched_to_nobody():
    people = [("1", "Nguyễn An"), ("2", "Nguyễn An"), ("3", "Binh")]
    found = match(["Nguyễn_An", "Binh", "3", "2"], people)
    assert found.rows == {"2": 1}
    assert found.unmatched == (
        "Nguyễn_An: two or more participants fit",
        "Binh, 3: these fit one participant, '3'",
    )


def test_the_names_of_files_downloaded_from_the_platforms_are_understood():
    people = [("101", "An"), ("102", "Binh")]
    assert match(["nguyenan_101_9988_adagrad"], people).rows == {"nguyenan_101_9988_adagrad": 0}
    assert match(["binh_LATE_102_77_x"], people).rows == {"binh_LATE_102_77_x": 1}
    assert match(["B_102_assignsubmission_file"], people).rows["B_102_assignsubmission_file"] == 1


@pytest.mark.parametrize("cell", ["=1", " =1", "+A1", "@x", "-2+3", "\t=1", "\r=1", "-cmd|x"])
def test_a_cell_like_a_formula_gets_an_apostrophe(cell):
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-", "-1.5", "+3", "95 %", "Nguyễn", "", "    Points Possible"])
def test_other_cells_stay_as_they_are(cell):
    assert harmless(cell) == cell
