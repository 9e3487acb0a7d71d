"""`python -m reports numbers|figures|html|tex|pdf|tables|crate`: each makes one thing.

A command imports what it needs itself, so that none waits for the libraries of another.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from reports.language import ENGLISH, LANGUAGES, language, using
from reports.number import read_numbers, write_numbers

NO_LATEX = 3
"""Exit code of `pdf` where LaTeX is missing."""

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_results = click.option(
    "--results", type=_FOLDER, default=Path("results"), show_default=True, help="Result files."
)
_numbers = click.option(
    "--numbers", "numbers_file", type=_FILE, default=Path("results/report/numbers.json"),
    show_default=True, help="What `numbers` wrote.",
)  # fmt: skip
_language = click.option(
    "--language", "chosen", type=click.Choice(LANGUAGES), default=ENGLISH, show_default=True,
    help="What it is written in.",
)  # fmt: skip
_figures = click.option(
    "--figures", type=_FOLDER, default=Path("results/report/figures"), show_default=True,
    help="What `figures` wrote.",
)  # fmt: skip


Command = TypeVar("Command", bound=Callable[..., None])


def _out(default: str) -> Callable[[Command], Command]:
    return click.option("--out", type=click.Path(path_type=Path), default=Path(default),
                        show_default=True, help="What to write.")  # fmt: skip


@click.group(help=__doc__)
def main() -> None:
    """The command line."""


@main.command()
@_results
@_out("results/report/numbers.json")
def numbers(results: Path, out: Path) -> None:
    """Collect every number of the report."""
    from reports.numbers import collect
    from reports.results import read_results

    write_numbers(collect(read_results(results)), out)


@main.command()
@_results
@_out("results/report/figures")
@click.option("--processes", type=click.IntRange(min=1), default=1, show_default=True,
              help="How many draw at a time.")  # fmt: skip
@_language
def figures(results: Path, out: Path, processes: int, chosen: str) -> None:
    """Draw every figure into a folder, as SVG and as PDF."""
    from reports.figures import draw_figures

    draw_figures(results, out, processes, chosen)


@main.command()
@_results
@_numbers
@_figures
@_language
@_out("results/report/report.html")
def html(results: Path, numbers_file: Path, figures: Path, chosen: str, out: Path) -> None:
    """Render the page, one file that loads nothing."""
    from reports.page import render_html
    from reports.results import read_results

    with using(language(chosen)):
        page = render_html(read_results(results), read_numbers(numbers_file), figures)
    out.write_text(page, encoding="utf-8")
    _tell_unknown(chosen)


@main.command()
@_results
@_numbers
@_figures
@_language
@_out("results/report/report.tex")
def tex(results: Path, numbers_file: Path, figures: Path, chosen: str, out: Path) -> None:
    """Render the paper's source, with numbers.tex and references.bib beside it."""
    from reports.references import bibtex, references
    from reports.render import render_numbers_tex, render_tex
    from reports.results import read_results

    read = read_numbers(numbers_file)
    with using(language(chosen)):
        paper = render_tex(read_results(results), read, figures, out)
        macros = render_numbers_tex(read)
    out.write_text(paper, encoding="utf-8")
    (out.parent / "numbers.tex").write_text(macros, encoding="utf-8")
    (out.parent / "references.bib").write_text(bibtex(references()), encoding="utf-8")


@main.command()
@_results
@_numbers
@_language
@_out("results/report/tables")
def tables(results: Path, numbers_file: Path, chosen: str, out: Path) -> None:
    """Write every table into a folder, as CSV and as LaTeX."""
    from reports.render import sections
    from reports.results import read_results
    from reports.table_files import write_tables

    read = read_numbers(numbers_file)
    with using(language(chosen)):
        write_tables(sections(read_results(results), read), read, out)


@main.command()
@_results
@_out("results/report/regrad.crate.zip")
def crate(results: Path, out: Path) -> None:
    """Pack the whole run as an RO-Crate."""
    from reports.crate import NoCrate, write_crate
    from reports.results import read_results

    try:
        write_crate(read_results(results), results, out)
    except NoCrate as problem:
        raise click.ClickException(str(problem)) from problem


@main.command()
@_results
@click.option("--tex", "source", type=_FILE, default=Path("results/report/report.tex"),
              show_default=True, help="What `tex` wrote.")  # fmt: skip
@_out("results/report/report.pdf")
def pdf(results: Path, source: Path, out: Path) -> None:
    """Typeset the paper. Exit code 3: LaTeX is not on this machine. 1: it refused the paper."""
    from reports.typeset import NoLatex, TypesettingFailed, typeset

    try:
        complaints = typeset(source, out, date_of(results))
    except NoLatex as missing:
        click.echo(f"pdf: {missing}", err=True)
        sys.exit(NO_LATEX)
    except TypesettingFailed as failed:
        raise click.ClickException(str(failed)) from failed
    for complaint in complaints:
        click.echo(f"pdf: {complaint}", err=True)


def _tell_unknown(chosen: str) -> None:
    """Say which words of the results have no translation, and where one would go."""
    unknown = sorted(language(chosen).unknown)
    if unknown:
        told = ", ".join(map(repr, unknown[:MOST_TOLD]))
        click.echo(
            f"html: {len(unknown)} names of the results have no translation in "
            f"reports/locale/{chosen}.names.po and stay English: {told}",
            err=True,
        )


MOST_TOLD = 40


def date_of(results: Path) -> int:
    """When the results were finished, in seconds since 1970; 0 where they do not say."""
    from reports.results import read_provenance
    from reports.tidy import Missing

    provenance = read_provenance(results)
    finished = None if isinstance(provenance, Missing) else provenance.get("finished")
    if not isinstance(finished, str):
        return 0
    try:
        moment = datetime.fromisoformat(finished)
    except ValueError:
        return 0
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


if __name__ == "__main__":
    main(prog_name="python -m reports")
