"""The report's tables as files of their own: NAME.csv with full precision, NAME.tex to be input."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from reports.blocks import Cite, Column, Interval, Piece, Pieces, Ref, Section, Table
from reports.language import _
from reports.number import Number, Numbers
from reports.render import Tex, file_name, known, spoken, tex_environment, tex_number

INDEX = "index.json"
_PARTS = ("median", "low", "high")
_BEGIN_FORMULAS = "=+-@\t\r\n＝＋－＠"
"""What spreadsheets take a formula by where a cell begins with it, full-width forms too."""


def write_tables(sections: Sequence[Section], numbers: Numbers, folder: Path) -> list[str]:
    """Write every table of the page, and those that the paper alone has, below `folder`.

    index.json says of each what it shows, on which data. Returns the names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in ("csv", "tex"):
        for earlier in folder.glob(f"*.{suffix}"):
            earlier.unlink()
    environment = tex_environment(numbers)
    environment.globals["macro_of"] = lambda name: Tex(tex_number(known(numbers, name)))
    template = environment.get_template("table.tex.j2")
    index = {}
    for table in tables_of(sections):
        name = file_name(table)
        index[name] = {"caption": spoken(table.caption, numbers), "data": table.data}
        path = folder / f"{name}.csv"
        path.write_text(as_csv(table, numbers), encoding="utf-8", newline="")
        (folder / f"{name}.tex").write_text(template.render(block=table), encoding="utf-8")
    told = json.dumps(index, ensure_ascii=False, indent=1)
    (folder / INDEX).write_text(told + "\n", encoding="utf-8")
    return list(index)


def tables_of(sections: Iterable[Section]) -> list[Table]:
    """The tables of the page in order, then those of the paper that the page has not."""
    sections = list(sections)
    page = [block for section in sections for block in section.blocks]
    paper = [block for section in sections for block in section.paper or ()]
    found: dict[str, Table] = {}
    for block in page + paper:
        if isinstance(block, Table):
            found.setdefault(file_name(block), block)
    return list(found.values())


def as_csv(table: Table, numbers: Numbers) -> str:
    """The table as comma-separated values, as RFC 4180 has them.

    A column of numbers is numbers alone, in full precision: its unit is in its heading, or in a
    column of its own where rows differ in it, and the ends of intervals have columns. In a cell of
    text, what a spreadsheet would run as a formula begins with an apostrophe.
    """
    columns = [
        _column(column, [row[at] for row in table.rows], numbers)
        for at, column in enumerate(table.columns)
    ]
    headings = _distinct([heading for part in columns for heading in part])
    cells = zip(*(cells for part in columns for cells in part.values()), strict=True)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(map(plain_cell, headings))
    writer.writerows(cells)
    return written.getvalue()


def _distinct(headings: Sequence[str]) -> list[str]:
    """Headings of which those that were there already are counted."""
    found: list[str] = []
    for at, heading in enumerate(headings):
        before = headings[:at].count(heading)
        found.append(f"{heading} ({before + 1})" if before else heading)
    return found


def _column(column: Column, cells: Sequence[Pieces], numbers: Numbers) -> dict[str, list[str]]:
    """A column of the report as one or more of the file: heading -> cells."""
    single = [cell[0] if len(cell) == 1 else None for cell in cells]
    counted = [isinstance(piece, Ref | Interval) for piece in single]
    mixed = [not one and _has_numbers(cell) for one, cell in zip(counted, cells, strict=True)]
    if not any(counted) or any(mixed):
        return {column.title: [plain_cell(_in_words(cell, numbers)) for cell in cells]}
    found = [
        _numbers_of(piece, numbers) if one else {}
        for piece, one in zip(single, counted, strict=True)
    ]
    words = [plain_cell(_in_words(cell, numbers)) for cell in cells]
    units = {number.unit for row in found for number in row.values()}
    unit = units.pop() if len(units) == 1 else None
    title = f"{column.title} [{unit}]" if unit else column.title
    wanted = _PARTS if any("low" in row for row in found) else _PARTS[:1]
    headings = (title, _("{column}, low", column=title), _("{column}, high", column=title))
    parts = {
        heading: [_value(row.get(part), told if part == "median" else "")
                  for row, told in zip(found, words, strict=True)]
        for heading, part in zip(headings, wanted, strict=False)
    }  # fmt: skip
    if unit is None:
        heading = _("{column}, unit", column=column.title)
        parts[heading] = [plain_cell(row["median"].unit) if row else "" for row in found]
    return parts


def _has_numbers(cell: Pieces) -> bool:
    return any(isinstance(piece, Ref | Interval) for piece in cell)


def _numbers_of(piece: Piece | None, numbers: Numbers) -> dict[str, Number]:
    """The numbers of a cell that holds nothing else, by what they are."""
    if isinstance(piece, Interval):
        return {part: known(numbers, f"{piece.name}.{part}") for part in _PARTS}
    return {"median": known(numbers, piece.name)} if isinstance(piece, Ref) else {}


def _value(number: Number | None, otherwise: str) -> str:
    """A number as it is, with a reason where it is missing; `otherwise` where there is none."""
    if number is None:
        return otherwise
    return _missing(number) if number.value is None else repr(number.value)


def _missing(number: Number) -> str:
    return _("missing: {reason}", reason=number.missing)


def _in_words(cell: Pieces, numbers: Numbers) -> str:
    """A cell of text; numbers in it are in full precision too, with their units."""
    words = []
    for piece in cell:
        if isinstance(piece, Ref | Interval):
            found = _numbers_of(piece, numbers)
            first, *ends = (_with_unit(number) for number in found.values())
            words.append(f"{first} [{', '.join(ends)}]" if ends else first)
        elif not isinstance(piece, Cite):
            words.append(piece.text)
    return "".join(words)


def _with_unit(number: Number) -> str:
    if number.value is None:
        return _missing(number)
    return f"{number.value!r} {number.unit}".strip()


def plain_cell(cell: str) -> str:
    """A cell that no spreadsheet runs: what looks like a formula gets an apostrophe in front."""
    return f"'{cell}" if cell.lstrip(" ")[:1] in tuple(_BEGIN_FORMULAS) else cell
