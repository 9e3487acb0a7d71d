"""Canvas: the CSV file that its gradebook imports.

The format is what lib/gradebook_importer.rb of instructure/canvas-lms accepts: Student, ID, two
optional SIS columns, Section as the last column about the student, then assignments; a row
"Points Possible". Students are found by ID, then SIS User ID, SIS Login ID, then name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grading.class_results import Grade
from grading.exports.cells import Table, column, points_in, read_table, scaled, write_table
from grading.exports.matching import match

HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
KNOWN_BY = ("ID", "SIS User ID", "SIS Login ID", "Student")
POINTS_POSSIBLE = "Points Possible"


def write(
    grades: Sequence[Grade], title: str, points: float, output: Path, export: Path | None = None
) -> tuple[str, ...]:
    """Write the import file, and say which submissions are in it for nobody.

    With an `export` of the course's gradebook, its columns about students and its own column of
    the assignment are kept, and who has no grade keeps what is there. Without, the names of the
    submissions are taken for login names.

    Raises:
        ValueError: the export is not one of Canvas.
    """
    if export is None:
        rows = [(grade.id, "", "", grade.id, "", _cell(grade, points, points)) for grade in grades]
        possible = ("    " + POINTS_POSSIBLE, "", "", "", "", f"{points:.6g}")
        write_table(Table(((*HEADER, title), possible, *rows), ",", False), output)
        return ()
    table = read_table(export)
    filled, unmatched = _filled(table, grades, title, points, export)
    write_table(Table(filled, table.delimiter, table.byte_order_mark), output)
    return unmatched


def _filled(
    table: Table, grades: Sequence[Grade], title: str, points: float, export: Path
) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    header = table.rows[0]
    if header[0] not in ("Student", "LastName") or "ID" not in header:
        raise ValueError(
            f"{export}: the first columns are {', '.join(header[:3])}, expected Student and ID: "
            "export the gradebook in Canvas (Grades, Export) and give that file"
        )
    about = column(header, "Section", export) + 1
    places = [at for at in range(about, len(header)) if _names(header[at], title)]
    place = places[0] if places else None
    possible = [row for row in table.rows[1:] if POINTS_POSSIBLE in row[0]]
    there = points_in(possible[0][place]) if possible and place is not None else None
    students = [row for row in table.rows[1:] if POINTS_POSSIBLE not in row[0] and any(row[:about])]
    matched = match((grade.id for grade in grades), [_known(header, row) for row in students])
    graded = {matched.rows[grade.id]: grade for grade in grades if grade.id in matched.rows}
    rows = [(*header[:about], title if place is None else header[place])]
    blank = [""] * (about - 1)
    rows.append(("    " + POINTS_POSSIBLE, *blank, f"{there or points:.6g}"))
    for number, row in enumerate(students):
        cell = "" if place is None else row[place]
        if number in graded and graded[number].score is not None:
            cell = _cell(graded[number], points, there or points)
        rows.append((*row[:about], cell))
    return tuple(rows), matched.unmatched


def _names(heading: str, title: str) -> bool:
    """Whether a column is the assignment's: its title, with Canvas' number after it or not."""
    return re.sub(r" \(\d+\)$", "", heading) == title


def _known(header: Sequence[str], row: Sequence[str]) -> list[str]:
    known = [row[header.index(name)] for name in KNOWN_BY if name in header]
    if "LastName" in header and "FirstName" in header:
        last, first = row[header.index("LastName")], row[header.index("FirstName")]
        known += [f"{first} {last}", f"{last} {first}"]
    elif ", " in row[0]:
        last, first = row[0].split(", ", 1)
        known += [f"{first} {last}", f"{last} {first}"]
    return known


def _cell(grade: Grade, points: float, there: float) -> str:
    return "" if grade.score is None else scaled(grade.score, points, there)
