"""The commands: `grade` one submission, `check` one's own, and those that come with more imports.

Exit codes: 0 done (for `check`: everything passed), 1 `check` found something to mend, 2 wrong
usage, 3 a fault of the grader itself, which is never a grade.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import traceback
from pathlib import Path

import click

from grading import feedback, isolation, results, terminal
from grading.assignment import Assignment, BadAssignment, load, names
from grading.bubblewrap import GraderFault
from grading.finding import CheckResult, without_answer
from grading.judge import judge
from grading.notes import notes, write_notes
from grading.results import NOT_ISOLATED
from grading.submission import Submission, freeze, identifier
from grading.translation import LANGUAGES, language
from grading.unpack import BadSubmission

FAULT_EXIT_CODE = 3
SHORTEST_SALT = 16

_assignment = click.option(
    "--assignment",
    "name",
    default="adagrad",
    show_default=True,
    help=f"What was set. There is: {', '.join(names())}.",
)
_not_isolated = click.option(
    "--not-isolated",
    "accepts_none",
    is_flag=True,
    help="Where no jail can be built, run the code without one, with your rights, and stamp it.",
)
_submission = click.argument("submission", type=click.Path(path_type=Path))


class _Commands(click.Group):
    """The commands here, and those of a class and of authors: imported only when asked for.

    A class is graded by hundreds of processes, each of which would wait for that. They are found by
    name, so that a change of the class's page or files grades nobody anew (workflow/sources.py).
    """

    def _add_others(self) -> None:
        for module in ("grading.class_commands", "grading.author_commands"):
            importlib.import_module(module).add_to(self)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, wherever it is."""
        if cmd_name not in self.commands:
            self._add_others()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, as for `--help`."""
        self._add_others()
        return super().list_commands(ctx)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Grade submissions: a jail runs the code, a judge outside it decides."""


@main.command()
@_submission
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for results.json and feedback.html of this one submission.",
)
@_assignment
@click.option(
    "--salt",
    "salt_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with a secret of the class, with which nobody else can draw hidden inputs.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Of feedback.html; results.json is in English.",
)
@click.option(
    "--notes",
    "notes_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for what was recognised in all checks, hidden ones too: for the instructor alone.",
)
@_not_isolated
def grade(
    submission: Path,
    output: Path,
    name: str,
    salt_file: Path | None,
    language: str,
    notes_file: Path | None,
    accepts_none: bool,
) -> None:
    """Grade SUBMISSION and write results.json and feedback.html.

    SUBMISSION is a folder, or a .py, .ipynb, .zip, .tar, .tar.gz or .tar.bz2 file.
    """
    assignment = _load(name)
    salt = _read_salt(salt_file)
    with _FaultsReported(submission, assignment, output, language, notes_file):
        isolated = isolation.is_isolated(accepts_none)
        frozen, found = _judged(submission, assignment, salt, isolated)
        page = feedback.page(frozen, assignment, found, language, isolated)
        graded = results.graded(frozen, assignment, found, salt, isolated)
        results.write(graded, output / "results.json")
        (output / "feedback.html").write_text(page, encoding="utf-8")
        if notes_file is not None:
            write_notes(notes(frozen.id, found), notes_file)
    score, of = sum(r.score for r in found), sum(r.check.points for r in found)
    stamp = "" if isolated else f", {NOT_ISOLATED}"
    click.echo(f"{frozen.id}: {score:g} of {of:g}{stamp} ({output / 'results.json'})")


@main.command()
@_submission
@_assignment
@_not_isolated
@click.option("--language", "code", type=click.Choice(LANGUAGES), default="en", show_default=True)
def check(submission: Path, name: str, accepts_none: bool, code: str) -> None:
    """Check your own SUBMISSION: the visible checks, as the grader will run them."""
    assignment = _load(name).visible()
    with _FaultsReported(submission, assignment, output=None):
        isolated = isolation.is_isolated(accepts_none)
        _, found = _judged(submission, assignment, isolated=isolated)
    told = terminal.report(
        found, language(code), isolated=isolated, unread=notebooks_left(submission)
    )
    click.echo(told)
    sys.exit(0 if all(result.status == "passed" for result in found) else 1)


def notebooks_left(submission: Path) -> list[str]:
    """Notebooks in a student's folder that are not graded, because there is other code."""
    if not submission.is_dir() or not any(submission.glob("*.py")):
        return []
    return [str(path.relative_to(submission)) for path in sorted(submission.rglob("*.ipynb"))]


@main.command()
def jail() -> None:
    """See whether this machine can build the jail; exit code 3 where not, with the reason."""
    try:
        isolation.try_jail()
    except GraderFault as fault:
        click.echo(str(fault), err=True)
        sys.exit(FAULT_EXIT_CODE)
    click.echo("the jail works")


def _load(name: str) -> Assignment:
    try:
        return load(name)
    except BadAssignment as error:
        raise click.UsageError(str(error)) from error


def _read_salt(path: Path | None) -> str:
    if path is None:
        return ""
    salt = path.read_text(encoding="utf-8").strip()
    if len(salt) < SHORTEST_SALT:
        raise click.UsageError(
            f"{path}: a salt of {len(salt)} characters can be guessed, expected {SHORTEST_SALT} or "
            "more; make one: python -c 'import secrets; print(secrets.token_hex())'"
        )
    return salt


def _judged(
    submission: Path, assignment: Assignment, salt: str = "", isolated: bool = True
) -> tuple[Submission, tuple[CheckResult, ...]]:
    """Freeze and judge; what cannot even be frozen earns nothing and is told why."""
    # A link is refused below, as what was handed in, wherever it leads.
    if not submission.exists() and not submission.is_symlink():
        raise click.UsageError(f"{submission}: there is no such file or folder")
    with tempfile.TemporaryDirectory(prefix="grading-") as workplace:
        try:
            frozen = freeze(submission, Path(workplace) / "submission")
        except BadSubmission as error:
            refused = Submission(identifier(submission), Path(workplace), sha256="")
            cause = f"The submission was not accepted: {error}."
            return refused, tuple(without_answer(graded, cause) for graded in assignment.checks)
        return frozen, judge(frozen, assignment, salt, isolated=isolated)


class _FaultsReported:
    """Whatever goes wrong in the grader ends in exit code 3 and a result without a score."""

    def __init__(
        self,
        submission: Path,
        assignment: Assignment,
        output: Path | None,
        language: str = "en",
        notes_file: Path | None = None,
    ) -> None:
        self._language, self._notes_file = language, notes_file
        self._submission, self._assignment, self._output = submission, assignment, output

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None or isinstance(
            error, click.ClickException | KeyboardInterrupt | SystemExit
        ):
            return
        if not isinstance(error, GraderFault):
            traceback.print_exception(error)
        click.echo(f"Grader fault, not a grade: {error}", err=True)
        if self._output is not None:
            reason = f"{type(error).__name__}: {error}"
            about = results.fault(identifier(self._submission), self._assignment.id, reason)
            results.write(about, self._output / "results.json")
            (self._output / "feedback.html").write_text(
                feedback.fault_page(self._language), encoding="utf-8"
            )
        if self._notes_file is not None:
            write_notes(notes(identifier(self._submission), ()), self._notes_file)
        sys.exit(FAULT_EXIT_CODE)


if __name__ == "__main__":
    main()
