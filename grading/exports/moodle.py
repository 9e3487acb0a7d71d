"""Moodle: fills the grading worksheet that an assignment lets its teacher download.

What is read back is in mod/assign/feedback/offline/importgradeslib.php of moodle/moodle: the
columns Identifier, Grade, "Last modified (grade)" and the feedback, which is HTML. All other
columns are kept as they are, in their order.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path

from grading.class_results import Grade
from grading.exports.cells import Table, points_in, read_table, scaled, write_table
from grading.exports.matching import match

KNOWN_BY = ("Identifier", "ID number", "Username", "Email address", "Full name")
FEEDBACK = "Feedback comments"


def write(
    grades: Sequence[Grade],
    points: float,
    comments: Mapping[str, str],
    worksheet: Path,
    output: Path,
) -> tuple[str, ...]:
    """Fill the worksheet's grades, in its points, and its comments; say who was left out and why.

    `comments`: plain text by student. Participants without a submission are left alone, and so
    is a grade that Moodle says cannot be changed.

    Raises:
        ValueError: the worksheet is not one of Moodle in English.
    """
    table = read_table(worksheet)
    header = table.rows[0]
    for name in ("Identifier", "Grade", "Last modified (grade)"):
        if name not in header:
            raise ValueError(
                f"{worksheet}: no column {name!r}; found: {', '.join(header)}. Download the "
                "grading worksheet (View all submissions, Grading action) with Moodle in English"
            )
    people = [_known(header, row) for row in table.rows[1:]]
    matched = match((grade.id for grade in grades), people)
    by_row = {matched.rows[grade.id]: grade for grade in grades if grade.id in matched.rows}
    problems = list(matched.unmatched)
    rows = [header]
    for number, row in enumerate(table.rows[1:]):
        grade = by_row.get(number)
        if grade is None or grade.score is None:
            rows.append(row)
            continue
        if "Grade can be changed" in header and row[header.index("Grade can be changed")] == "No":
            problems.append(f"{grade.id}: Moodle says that this grade cannot be changed")
            rows.append(row)
            continue
        rows.append(_filled(header, row, grade.score, points, comments.get(grade.id, "")))
    write_table(Table(tuple(rows), table.delimiter, byte_order_mark=True), output)
    return tuple(problems)


def _known(header: Sequence[str], row: Sequence[str]) -> list[str]:
    known = [row[header.index(name)] for name in KNOWN_BY if name in header]
    # "Participant 123"; downloaded files have the number in their names.
    return [*known, *(value.rsplit(" ", 1)[-1] for value in known[:1])]


def _filled(
    header: Sequence[str], row: Sequence[str], score: float, points: float, comment: str
) -> tuple[str, ...]:
    cells = list(row)
    there = points_in(row[header.index("Maximum Grade")]) if "Maximum Grade" in header else None
    cells[header.index("Grade")] = scaled(score, points, there or points)
    if comment and FEEDBACK in header:
        cells[header.index(FEEDBACK)] = html.escape(comment).replace("\n", "<br>")
    return tuple(cells)
