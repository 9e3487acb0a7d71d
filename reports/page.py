"""Renders the page: one file that loads nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from reports.blocks import Figure, FigureRow, Section
from reports.figures import drawn_figures
from reports.interactive import read_shared
from reports.language import _, in_writing
from reports.number import Number, Numbers
from reports.packed import number_table, packed, packed_json
from reports.plotted import plot_file
from reports.references import used
from reports.render import (
    TEMPLATES,
    TITLE,
    file_name,
    functions,
    in_language,
    known,
    names_in,
    sections,
    spoken,
)
from reports.results import Results
from reports.svg import Drawings

BESIDE = ("claims.", "proofs.", "comparison.", "rules.", "benchmark.")
"""First parts of the names of numbers that are many, and told in full where they stand."""

MOST_COLUMNS = 6
"""A table with more of them needs a wide window; in a narrower one its rows stand by themselves."""

SCRIPTS = ("unpack.js", "ledger.js", "numbers.js", "plots.js")
"""What the page runs, as one script."""


def render_html(results: Results, numbers: Numbers, figures: Path) -> str:
    """The page in the current language; `figures` is the folder that `draw_figures` wrote."""
    parts = sections(results, numbers)
    cited = used(parts)
    drawings, told = Drawings(), Told(numbers)
    pictures = {
        item.name: drawings.inline(
            figures / f"{item.name}.svg", item.name, item.title, spoken(item.finding, numbers)
        )
        for item in figures_of(parts, drawn_figures(figures))
    }
    plots = _plots(figures, pictures)
    charts, library = read_shared(figures) if plots else (None, "")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    in_language(environment)
    environment.globals |= functions(numbers) | {
        "known": told.known,
        "number_table": lambda: packed_json(number_table(told.names, numbers)),
        "picture": pictures.get,
        "made_by": lambda item: made_by(item, numbers),
        "packed": packed,
        "packed_json": packed_json,
        "percent": _percent,
        "point": in_writing("."),
        "ten": 10,
        "most_columns": MOST_COLUMNS,
        "mathematics": Markup,
        "breakable": _breakable,
        "file_name": file_name,
        "spoken": lambda pieces: spoken(pieces, numbers),
    }
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return environment.get_template("report.html.j2").render(
        title=_(TITLE), style=Markup(style) + drawings.style(), marks=drawings.shared_marks(),
        script=Markup(script), script_hashes=[content_hash(t) for t in (script, library) if t],
        plots=plots, charts=charts, library=library,
        sections=parts, appendix=_by_source(numbers), references=cited,
        place_among_references={entry.key: at for at, entry in enumerate(cited, 1)},
    )  # fmt: skip


def _plots(figures: Path, names: Iterable[str]) -> dict[str, Any]:
    """What the figures of these names show as data; those alone that can be explored."""
    return {
        name: json.loads(plot_file(figures, name).read_text(encoding="utf-8"))
        for name in names
        if plot_file(figures, name).exists()
    }


class Told:
    """The numbers, and the names of those that were asked for."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self.names: set[str] = set()

    def known(self, name: str) -> Number:
        """The number of that name; one that nothing measured is missing and says so."""
        self.names.add(name)
        return known(self._numbers, name)


def figures_of(parts: Sequence[Section], drawn: Iterable[str]) -> list[Figure]:
    """The figures of the page that were drawn, in order."""
    there = set(drawn)
    rows = [block for part in parts for block in part.blocks if isinstance(block, FigureRow)]
    return [item for row in rows for item in row.figures if item.name in there]


def made_by(item: Figure, numbers: Numbers) -> str:
    """The command that makes the results of a figure's numbers again, "" where it shows none.

    Tables of one folder are told together, as a shell expands them.
    """
    told = " ".join(known(numbers, name).source for name in names_in(item.finding))
    folders: dict[str, list[str]] = {}
    for file in dict.fromkeys(_RESULT.findall(told)):
        folder, _slash, name = file.rpartition("/")
        folders.setdefault(folder, []).append(name)
    files = [
        f"{folder}/{names[0]}" if len(names) == 1 else f"{folder}/{{{','.join(sorted(names))}}}"
        for folder, names in folders.items()
    ]
    return f"snakemake --cores all {' '.join(files)}" if files else ""


_RESULT = re.compile(r"results/[\w./-]+\.(?:parquet|json)")


def content_hash(script: str) -> str:
    """What the page's policy calls a script of its own, so that a browser runs no other."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _by_source(numbers: Numbers) -> list[tuple[str, list[tuple[str, Number]]]]:
    """The numbers by the result file they are from, without those of `BESIDE`."""
    found: dict[str, list[tuple[str, Number]]] = {}
    for name, number in sorted(numbers.items()):
        if not name.startswith(BESIDE):
            found.setdefault(number.source, []).append((name, number))
    return sorted(found.items())


def _breakable(path: str) -> Markup:
    """A path that may be broken after its slashes."""
    return Markup("/<wbr>").join(path.split("/"))


def _percent(share: float, columns: Sequence) -> str:
    """A column's part of the page's width."""
    return f"{100 * share / sum(column.share for column in columns):.1f}%"
