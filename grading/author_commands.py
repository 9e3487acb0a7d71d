"""The commands for who sets an assignment: `new-assignment`, and a `notebook` of a starter kit."""

from __future__ import annotations

from pathlib import Path

import click

from grading.new_assignment import create
from grading.notebook import notebook_of


def add_to(group: click.Group) -> None:
    """Add the commands to the command line of the grader."""
    for command in (new_assignment, notebook):
        group.add_command(command)


@click.command("new-assignment")
@click.argument("name")
def new_assignment(name: str) -> None:
    """Write a small assignment called NAME that works, to be changed into your own."""
    try:
        paths = create(name)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    for path in paths:
        click.echo(f"wrote {path}")
    click.echo(f"try it: make grade ASSIGNMENT={name} SUBMISSIONS=examples/{name}")


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
def notebook(source: Path, output: Path) -> None:
    """Make the notebook OUTPUT from SOURCE, a Python file with cells marked by # %%."""
    try:
        made = notebook_of(source.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{source}: {error}") from error
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(made, encoding="utf-8")
    click.echo(f"wrote {output}")
