"""The commands about a class: its gradebook, files for platforms, audit log and page."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from grading import audit as audit_log
from grading import gradebook as book
from grading import similarity as similar
from grading.assignment import Assignment, BadAssignment, load
from grading.class_results import Grade, StudentResult, read_gradebook, read_results
from grading.exports import canvas as canvas_file
from grading.exports import moodle as moodle_file
from grading.notes import read_notes
from grading.results import NOT_ISOLATED, NOT_ISOLATED_TEXT
from grading.roster import read_adjustments, read_roster
from grading.rules import marks
from grading.translation import LANGUAGES, Language, language

_file = click.Path(path_type=Path, exists=True, dir_okay=False)
_output = click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
_gradebook = click.option("--gradebook", "gradebook_file", type=_file, required=True)
_assignment = click.option("--assignment", "name", default="adagrad", show_default=True)
_results = click.argument("result_files", metavar="RESULTS...", nargs=-1, type=_file)

Found = TypeVar("Found")


def add_to(group: click.Group) -> None:
    """Add the commands to the command line of the grader."""
    for command in (gradebook, canvas, moodle, audit, log, similarity, class_page):
        group.add_command(command)


@click.command()
@click.argument("result_files", metavar="RESULTS...", nargs=-1, required=True, type=_file)
@_output
@click.option(
    "--class",
    "roster_file",
    type=_file,
    help="The class as data: due date, extensions, groups, who handed in what and when.",
)
@click.option(
    "--adjustments",
    "adjustments_file",
    type=_file,
    help="Changes of scores by hand, each with its reason.",
)
@_assignment
def gradebook(
    result_files: tuple[Path, ...],
    output: Path,
    roster_file: Path | None,
    adjustments_file: Path | None,
    name: str,
) -> None:
    """Make the class's gradebook from the results.json files RESULTS..."""
    assignment = _load(name)
    scored = _told(lambda: book.read_class(result_files))
    roster = _told(lambda: read_roster(roster_file)) if roster_file else None
    by_hand = _told(lambda: read_adjustments(adjustments_file)) if adjustments_file else ()
    found = _told(lambda: marks(scored, roster, assignment.late, assignment.counts, by_hand))
    _told(lambda: book.write_gradebook(found, output))
    click.echo(f"{len(found)} students and {len(scored)} results in {output}")
    for one in scored:
        if one.score is None:
            click.echo(f"not graded, by a fault of the grader: {one.id}", err=True)
    for folder in book.old_results(output.parent, result_files):
        click.echo(f"old results, not in the gradebook; remove them: {folder}", err=True)


@click.command()
@_gradebook
@click.option("--export", type=_file, help="What Canvas exports (Grades, Export), to be matched.")
@_assignment
@_output
def canvas(gradebook_file: Path, export: Path | None, name: str, output: Path) -> None:
    """Write the CSV file that Canvas' gradebook imports."""
    assignment = _load(name)
    grades = _told(lambda: read_gradebook(gradebook_file))
    points = sum(check.points for check in assignment.checks)
    unmatched = _told(lambda: canvas_file.write(grades, assignment.title, points, output, export))
    _tell(unmatched, output)
    _tell_not_isolated(grades)


@click.command()
@_results
@_gradebook
@click.option("--worksheet", type=_file, required=True, help="The worksheet Moodle lets download.")
@click.option("--language", "code", type=click.Choice(LANGUAGES), default="en", show_default=True)
@_assignment
@_output
def moodle(
    result_files: tuple[Path, ...],
    gradebook_file: Path,
    worksheet: Path,
    code: str,
    name: str,
    output: Path,
) -> None:
    """Fill Moodle's grading worksheet; the comments, in a language, come from RESULTS."""
    points = sum(check.points for check in _load(name).checks)
    grades = _told(lambda: read_gradebook(gradebook_file))
    results = {result.id: result for result in _told(lambda: read_results(result_files))}
    comments = {
        grade.id: _comment(grade, points, results[grade.submission], language(code))
        for grade in grades
        if grade.submission in results
    }
    _tell(_told(lambda: moodle_file.write(grades, points, comments, worksheet, output)), output)
    _tell_not_isolated(grades)


def _comment(grade: Grade, points: float, result: StudentResult, words: Language) -> str:
    """The mark and the visible checks, in a line each."""

    def part(score: float, whole: float) -> str:
        told = words.translations.gettext("of %(points)s") % {"points": f"{whole:g}"}
        return f"{round(score, 2):g} {told}"

    mark = [] if grade.score is None else [part(grade.score, points)]
    stamp = [words.sentences(NOT_ISOLATED_TEXT)] if result.isolation == NOT_ISOLATED else []
    lines = [
        f"{words.sentences(check.title)}: {part(check.score, check.max_score)}"
        for check in result.checks
        if check.visible
    ]
    return "\n".join([*mark, *stamp, *lines])


@click.command()
@click.argument("log_file", metavar="LOG", type=_file)
def audit(log_file: Path) -> None:
    """Verify the audit log; exit code 1, and the first broken line, where it was changed."""
    try:
        found = audit_log.verify(log_file)
    except audit_log.BrokenLog as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(f"{log_file}: {found.lines} lines, unbroken; the last hash is {found.last}")


@click.command()
@_results
@_output
def log(result_files: tuple[Path, ...], output: Path) -> None:
    """Add RESULTS that are new to the audit log, which stays where it is: append-only."""
    results = _told(lambda: read_results(result_files))
    added = _told(lambda: audit_log.append(output, results, audit_log.grader_version()))
    click.echo(f"{added} new lines in {output}")


@click.command()
@click.argument("submissions", nargs=-1, type=click.Path(path_type=Path))
@click.option("--boilerplate", multiple=True, type=click.Path(path_type=Path, exists=True))
@_output
def similarity(submissions: tuple[Path, ...], boilerplate: tuple[Path, ...], output: Path) -> None:
    """Compare SUBMISSIONS with each other; what is in a boilerplate counts for nobody."""
    try:
        found = dataclasses.asdict(similar.compare(submissions, boilerplate))
    except similar.NotCompared as error:
        click.echo(f"not compared: {error}", err=True)
        found = {"reason": str(error)}
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@click.command("class-page")
@_results
@_gradebook
@click.option("--notes", "note_files", multiple=True, type=_file, help="Of `grade --notes`.")
@click.option("--similarity", "similarity_file", type=_file, required=True)
@_assignment
@_output
def class_page(
    result_files: tuple[Path, ...],
    gradebook_file: Path,
    note_files: tuple[Path, ...],
    similarity_file: Path,
    name: str,
    output: Path,
) -> None:
    """Make the instructor's page about the class."""
    from grading.class_page import page  # matplotlib, which no other command has to wait for

    results = _told(lambda: read_results(result_files))
    grades = _told(lambda: read_gradebook(gradebook_file))
    found = json.loads(similarity_file.read_text(encoding="utf-8"))
    compared = None
    if "reason" not in found:
        pairs = tuple(similar.Pair(**pair) for pair in found["pairs"])
        compared = similar.Similarity(found["compared"], pairs, found["left_out"])
    notes = _told(lambda: read_notes(note_files))
    text = page(_load(name), results, grades, notes, compared, found.get("reason", ""))
    output.write_text(text, encoding="utf-8")


def _load(name: str) -> Assignment:
    try:
        return load(name)
    except BadAssignment as error:
        raise click.UsageError(str(error)) from error


def _told(read: Callable[[], Found]) -> Found:
    """What `read` gives; a file that is not what it should be is told without a traceback."""
    try:
        return read()
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def _tell_not_isolated(grades: tuple[Grade, ...]) -> None:
    """Name whose code ran without a jail: a platform's file has no place to say so."""
    for grade in grades:
        if grade.isolation == NOT_ISOLATED:
            click.echo(f"provisional, graded not isolated: {grade.id}", err=True)


def _tell(unmatched: tuple[str, ...], output: Path) -> None:
    click.echo(f"wrote {output}")
    for line in unmatched:
        click.echo(f"not in it: {line}", err=True)
