"""The documents, re-run: for each of their figures and tables, the result that stands for it."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from reports.blocks import (
    Block,
    Code,
    Column,
    Figure,
    FigureRow,
    Heading,
    Notice,
    Paragraph,
    Piece,
    Pieces,
    Section,
    Table,
    Text,
    read,
    say,
    text,
    told,
    translation,
)
from reports.exhibits import MOST_ROWS, Cells, Ends, Shown, Stand, place, section_word, stands_of
from reports.language import N_, _, how, named
from reports.number import Numbers, slug
from reports.results import Results
from reports.sections.findings import finding_of, title_of
from reports.sections.origin import NO_DATA, data_lines, data_of
from reports.sections.tables import missing_section
from reports.sections.values import ends_table, points_table
from reports.tidy import Missing
from reports.units import capital


def assignment(results: Results, numbers: Numbers) -> Section:
    """The assignment's figures and tables."""
    return _section("assignment", _("The assignment, re-run"), results, numbers)


def notebook(results: Results, numbers: Numbers) -> Section:
    """The notebook's, with the chapters that it only announces."""
    return _section("notebook", _("The notebook, re-run"), results, numbers)


def _section(document: str, title: str, results: Results, numbers: Numbers) -> Section:
    if isinstance(results.counterparts, Missing):
        absent = missing_section(results.counterparts, _("What was re-run"))
        return Section(document, title, (absent,))
    stands = [stand for stand in stands_of(results) if stand.entry["document"] == document]
    if not stands:
        reason = how("results/counterparts.json lists nothing of the {document}", document=document)
        return Section(document, title, (missing_section(Missing(reason), _("What was re-run")),))
    blocks: list[Block] = [_overview(document, stands)]
    for stand in stands:
        blocks += _stand(stand, results, numbers)
    paper = _for_paper(document, stands, results, numbers)
    return Section(document, title, tuple(blocks), tuple(paper))


def _for_paper(
    document: str, stands: list[Stand], results: Results, numbers: Numbers
) -> Iterator[Block]:
    """A table with a row an entry, then what stands for the numbered figures and tables."""
    yield Paragraph(
        say(
            "Drawn here is what stands for the document's own numbered figures and tables; "
            "everything else is in report.html."
        )
    )
    columns = (
        Column(_("Place"), 1.0), Column(_("What"), 2.4), Column(_("Found"), 3.4),
    )  # fmt: skip
    rows = tuple(
        (
            text(_place(stand.entry)),
            (told(stand.entry, "what"),),
            _found(stand, numbers),
        )
        for stand in stands
    )
    yield Table(f"{document}-all", say(ALL_OF[document]), _(DATA), columns, rows, small=True)
    for stand in stands:
        own = [shown for shown in stand.shown if shown.paper]
        blocks = [_block(shown, stand.entry, results, numbers) for shown in own]
        figures = tuple(block for block in blocks if isinstance(block, Figure))
        tables = [b for b in blocks if isinstance(b, Table) and len(b.rows) <= MOST_ROWS]
        if figures or tables:
            yield Heading(f"at-{own[0].name}", _heading(stand.entry))
        if tables and (stand.entry["item"].startswith("table") or not figures):
            yield dataclasses.replace(tables[0], small=True)
        elif figures:
            yield FigureRow(figures)


MOST_CLAUSES = 2
"""Clauses of a finding that a row of the paper's table has room for."""


def _found(stand: Stand, numbers: Numbers) -> Pieces:
    """The finding of an entry's first figure, or where to read its table, or why there is none."""
    exhibits = [shown.exhibit for shown in stand.shown]
    for exhibit in exhibits:
        if isinstance(exhibit, Missing):
            continue
        if not isinstance(exhibit, Ends | Cells):
            return finding_of(exhibit, numbers, MOST_CLAUSES)
    missing = [exhibit.reason for exhibit in exhibits if isinstance(exhibit, Missing)]
    if len(missing) < len(exhibits):
        return say("a table, in report.html")
    if missing:
        return say("missing: {reason}", reason=_reason(missing[0], stand.entry))
    return say("as {places}", places=_before(stand)) if stand.before else say("nothing")


def _reason(reason: str, entry: dict[str, Any]) -> Text:
    return read(reason, translation(entry).get("words"))


def _before(stand: Stand) -> str:
    return "; ".join(map(named, stand.before))


def _overview(document: str, stands: list[Stand]) -> Table:
    """Every figure and table with its result file and whether it is there."""
    columns = (
        Column(_("Place"), 1.0),
        Column(_("What"), 2.0),
        Column(_("Result"), 2.0),
        Column(_("Size"), 0.6),
        Column(_("Status"), 0.6),
    )
    rows = tuple(
        (
            text(_place(stand.entry)),
            (told(stand.entry, "what"),),
            _files(stand.entry["results"]),
            _size(stand.entry["results"]),
            (read(stand.entry["status"]),),
        )
        for stand in stands
    )
    return Table(f"{document}-all", say(ALL_OF[document]), _(DATA), columns, rows)


ALL_OF = {
    "assignment": N_(
        "Every figure and table of the assignment, and the result that stands for it."
    ),
    "notebook": N_("Every figure and table of the notebook, and the result that stands for it."),
}
DATA = N_("Data: results/counterparts.json")


def _place(entry: dict[str, Any]) -> str:
    return f"{section_word(entry['section'])}, {named(entry['item'])}"


def _heading(entry: dict[str, Any]) -> Pieces:
    """Where it is in the document, and what it is."""
    where = capital(named(place(entry)))
    return say("{place}: {what}", place=where, what=told(entry, "what"))


def _files(parts: Iterable[dict[str, Any]]) -> Pieces:
    """The files of the results, each once, the many of one experiment as its folder."""
    files = list(dict.fromkeys(file for part in parts for file in part["files"]))
    folders = [file.rpartition("/")[0] for file in files]
    shown = dict.fromkeys(
        f"{folder}/" if folders.count(folder) > MOST_FILES and "/runs/" in file else file
        for file, folder in zip(files, folders, strict=True)
    )
    pieces: list[Piece] = []
    for at, file in enumerate(shown):
        pieces += [Text(", "), Code(file)] if at else [Code(file)]
    return tuple(pieces) or say("none")


MOST_FILES = 3
"""Tables of one experiment that are named; of more its folder is."""


def _size(parts: Iterable[dict[str, Any]]) -> Pieces:
    sizes = sorted({part["scale"] for part in parts if part["scale"]})
    return text(", ".join(map(named, sizes))) if sizes else say("none")


def _stand(stand: Stand, results: Results, numbers: Numbers) -> Iterator[Block]:
    """A heading, then figures side by side and tables in order, then what is shown elsewhere."""
    entry = stand.entry
    first = stand.shown[0].name if stand.shown else f"{entry['document']}-{slug(_place(entry))}"
    yield Heading(f"at-{first}", _heading(entry))
    blocks = [_block(shown, entry, results, numbers) for shown in stand.shown]
    for drawn, some in itertools.groupby(blocks, lambda block: isinstance(block, Figure)):
        if drawn:
            yield FigureRow(tuple(block for block in some if isinstance(block, Figure)))
        else:
            yield from (block for block in some if not isinstance(block, Figure))
    if stand.before:
        yield Paragraph(say("Shown already: {places}.", places=_before(stand)))


def _block(
    shown: Shown, entry: dict[str, Any], results: Results, numbers: Numbers
) -> Figure | Table | Notice:
    exhibit = shown.exhibit
    if isinstance(exhibit, Missing):
        return Notice(_("Missing"), say("{reason}.", reason=_reason(exhibit.reason, entry)))
    data = _data(shown, entry, results)
    if isinstance(exhibit, Ends | Cells):
        if isinstance(exhibit, Ends):
            return ends_table(shown.name, exhibit, data, numbers)
        return points_table(shown.name, exhibit, data)
    return Figure(shown.name, title_of(exhibit), finding_of(exhibit, numbers), data)


def _data(shown: Shown, entry: dict[str, Any], results: Results) -> str:
    """The data line: of the runs their own, of an analysis what it looks at."""
    exhibit = shown.exhibit
    if isinstance(exhibit, Missing):
        return ""
    if hasattr(exhibit, "groups"):
        return data_of(results, exhibit.groups)
    datasets = [
        name
        for part in entry["results"]
        if part["kind"] == "analyses" and part["figure"] == exhibit.figure
        for name in part["datasets"] or [NO_DATA]
    ]
    return data_lines(results, datasets, (one.size for one in exhibit.series))
