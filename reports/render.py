"""Renders the page and the paper: the same sections through two templates."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from babel import Locale

from reports.blocks import (
    Cite,
    Interval,
    Pieces,
    Ref,
    Section,
    Table,
)
from reports.escape import latex
from reports.figures import drawn_figures
from reports.formatting import plain, written
from reports.language import N_, _, current, how, joint, named
from reports.number import Number, Numbers, slug
from reports.references import used
from reports.results import Results
from reports.sections import (
    airfoil,
    cnn,
    comparison,
    documents,
    invariances,
    ledger,
    performance,
    provenance,
    quadratics,
    rcv1,
    rules,
    summary,
)

TEMPLATES = Path(__file__).parent / "templates"
SECTIONS = (
    summary.section,
    rcv1.section,
    airfoil.section,
    cnn.section,
    quadratics.section,
    comparison.section,
    documents.assignment,
    documents.notebook,
    ledger.claims,
    ledger.proofs,
    invariances.section,
    rules.section,
    performance.section,
    provenance.section,
    provenance.reproduce,
)
PAIR = 2
"""Figures side by side in the paper."""

TITLE = N_("Adagrad against SGD: what holds")
SUBJECT = N_(
    "Coursework on optimization, re-run, verified and reported by numbers that were measured"
)


def sections(results: Results, numbers: Numbers) -> list[Section]:
    """The report's parts in order."""
    return [section(results, numbers) for section in SECTIONS]


def known(numbers: Mapping[str, Number], name: str) -> Number:
    """The number of that name; one that nothing measured is missing and says so."""
    if name in numbers:
        return numbers[name]
    reason, told = how("no result gives {name}", name=name), how("looked up as {name}", name=name)
    return Number(None, "", "results/report/numbers.json", told, reason)


def file_name(table: Table) -> str:
    """What the files of a table beside the page are called, without their suffix."""
    return slug(table.id)


def render_tex(results: Results, numbers: Numbers, figures: Path, beside: Path) -> str:
    """The paper's source, to lie at `beside` with `numbers.tex` next to it."""
    environment = tex_environment(numbers)
    environment.globals |= {
        "drawn": set(drawn_figures(figures)),
        "figures_folder": Tex(_relative(figures, beside)),
        "macro_of": lambda name: Tex(rf"\thenumber{{{name}}}"),
        "pair_size": PAIR,
    }
    identity = hashlib.md5(render_numbers_tex(numbers).encode(), usedforsecurity=False).hexdigest()
    parts = sections(results, numbers)
    return environment.get_template("report.tex.j2").render(
        title=_(TITLE), subject=_(SUBJECT), sections=parts,
        references=used(parts), identity=identity,
    )  # fmt: skip


def name_in_latex(code: str) -> str:
    """What LaTeX's babel calls a language: its English name, as that of its file."""
    return str(Locale.parse(code).english_name).lower()


def tex_environment(numbers: Numbers) -> jinja2.Environment:
    """Templates of LaTeX: what they put in is escaped, unless it is `Tex`."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        variable_start_string=r"\VAR{",
        variable_end_string="}",
        block_start_string="((*",
        block_end_string="*))",
        comment_start_string="((#",
        comment_end_string="#))",
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_escaped,
        extensions=["jinja2.ext.i18n"],
    )
    in_language(environment)
    environment.globals |= functions(numbers) | {
        "width": _width, "run": Tex, "name_in_latex": name_in_latex,
    }  # fmt: skip
    return environment


def in_language(environment: jinja2.Environment) -> None:
    """Make the templates speak the current language."""
    environment.policies["ext.i18n.trimmed"] = True
    # The extension adds this method, of which the environment's type knows nothing.
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        current().translations, newstyle=True
    )
    environment.filters["named"] = named
    environment.globals |= {"language": current().code, "joint": joint()}


@dataclasses.dataclass(frozen=True)
class Tex:
    """LaTeX that this program wrote and that therefore is not escaped."""

    source: str


def _escaped(value: Any) -> str:
    """What the paper's template puts in: anything that is not `Tex` is escaped."""
    return value.source if isinstance(value, Tex) else latex(str(value))


def _relative(figures: Path, beside: Path) -> str:
    """The folder of figures as the paper names it."""
    return figures.resolve().relative_to(beside.resolve().parent).as_posix()


def _width(share: float, columns: list[Any]) -> Tex:
    """A column's part of the line, as a factor."""
    return Tex(f"{share / sum(column.share for column in columns):.4f}")


def functions(numbers: Numbers) -> dict[str, Any]:
    """What both templates ask of numbers."""

    def parts(name: str) -> dict[str, Number]:
        return {part: known(numbers, f"{name}.{part}") for part in ("median", "low", "high")}

    def reasons(block: Any) -> list[str]:
        return missing_reasons(block, numbers)

    return {
        "known": lambda name: known(numbers, name),
        "written": written,
        "plain": plain,
        "parts": parts,
        "missing_reasons": reasons,
    }


def names_in(pieces: Iterable[Any]) -> list[str]:
    """The names of the numbers that pieces show."""
    names: list[str] = []
    for piece in pieces:
        if isinstance(piece, Ref):
            names.append(piece.name)
        elif isinstance(piece, Interval):
            names += [f"{piece.name}.{part}" for part in ("median", "low", "high")]
    return names


def missing_reasons(block: Any, numbers: Numbers) -> list[str]:
    """Why numbers of a table are missing, each reason once."""
    names = [name for row in block.rows for cell in row for name in names_in(cell)]
    return list(dict.fromkeys(filter(None, (known(numbers, name).missing for name in names))))


def spoken(pieces: Pieces, numbers: Numbers) -> str:
    """Pieces as one line of plain text."""
    words = []
    for piece in pieces:
        if isinstance(piece, Ref):
            words.append(plain(known(numbers, piece.name)))
        elif isinstance(piece, Interval):
            words.append(plain(known(numbers, f"{piece.name}.median")))
        elif not isinstance(piece, Cite):
            words.append(piece.text)
    return "".join(words)


def render_numbers_tex(numbers: Numbers) -> str:
    r"""One macro definition a number: \setnumber{name}{what is printed}."""
    lines = ["% Every number of the paper, from numbers.json."]
    for name, entry in sorted(numbers.items()):
        lines.append(rf"\setnumber{{{name}}}{{{tex_number(entry)}}}")
    return "\n".join(lines) + "\n"


def tex_number(entry: Number) -> str:
    """What is printed of a number."""
    if entry.value is None:
        return rf"\missing{{{latex(entry.missing)}}}"
    text = written(entry)
    mantissa, exponent = (
        part.replace("\N{MINUS SIGN}", r"\ensuremath{-}") for part in (text.mantissa, text.exponent)
    )
    power = rf"\ensuremath{{\times 10^{{{exponent}}}}}" if exponent else ""
    return mantissa + power + text.suffix.replace("%", r"\%").replace(" ", r"\,")
