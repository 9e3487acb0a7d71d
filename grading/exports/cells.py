"""Cells of the files that platforms export and import, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Sequence
from pathlib import Path

from grading.gradebook import plain_cell

BYTE_ORDER_MARK = "\ufeff"
MOST_BYTES = 32 * 2**20
# "-" alone is what Moodle writes where there is no date.
NO_FORMULA = re.compile(r"-|[+-]?[\d.,]+%?")


@dataclasses.dataclass(frozen=True)
class Table:
    """A CSV file: its rows, the first of them the header, and how it was written."""

    rows: tuple[tuple[str, ...], ...]
    delimiter: str
    byte_order_mark: bool


def read_table(path: Path) -> Table:
    """Read a CSV file in UTF-8, with commas or semicolons.

    Raises:
        ValueError: it is empty, too large, not UTF-8, or has rows of different lengths.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path}: larger than {MOST_BYTES} bytes, so no file of a class")
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 ({error}); download it again, unedited") from error
    marked = text.startswith(BYTE_ORDER_MARK)
    text = text.removeprefix(BYTE_ORDER_MARK)
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    rows = [row for row in rows if any(row)]
    if not rows:
        raise ValueError(f"{path}: there is no row in it; download it again")
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"{path}: row {number} has {len(row)} cells, expected its header's {len(rows[0])}"
            )
    return Table(tuple(rows), delimiter, marked)


def write_table(table: Table, path: Path) -> None:
    """Write a table as UTF-8; a cell that a spreadsheet would run gets an apostrophe before it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        if table.byte_order_mark:
            file.write(BYTE_ORDER_MARK)
        writer = csv.writer(file, delimiter=table.delimiter, lineterminator="\r\n")
        writer.writerows([harmless(cell) for cell in row] for row in table.rows)


def harmless(cell: str) -> str:
    """The cell, unless a spreadsheet takes it for a formula, blanks before it or not."""
    stripped = cell.lstrip(" \u00a0")
    if NO_FORMULA.fullmatch(cell) or plain_cell(stripped) == stripped:
        return cell
    return "'" + cell


def column(header: Sequence[str], name: str, place: Path) -> int:
    """Where a column is.

    Raises:
        ValueError: there is none of that name; says which there are.
    """
    if name not in header:
        raise ValueError(f"{place}: no column {name!r}; found: {', '.join(header)}")
    return header.index(name)


def scaled(score: float, points: float, points_there: float) -> str:
    """A score as a cell, in the platform's points: 8 of 10 is 80 where that has 100."""
    if points_there == points:
        return f"{score:.6g}"
    return f"{score * points_there / points:.6g}"


def points_in(cell: str) -> float | None:
    """A number of points as platforms write it, "10.00" or "10,00"; None where it is none."""
    try:
        return float(cell.strip().replace(",", "."))
    except ValueError:
        return None
