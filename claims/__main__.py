"""Command line of the claims: judge them, check a claims file, list the measures."""

from __future__ import annotations

import collections
from pathlib import Path

import click

from claims.claim import Claim, ClaimError, read_claims
from claims.ledger import check_questions, judge, read_manifest
from claims.measure import MissingResult, arguments_of, measures
from proofs.verdict import write_verdicts

FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help=__doc__)
def main() -> None:
    """Hold the commands."""


@main.command()
@click.argument("files", type=FILES, nargs=-1, required=True)
@click.option(
    "--results",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder of the results that measures read.",
)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Ledger to write.")
def ledger(files: tuple[Path, ...], results: Path, output: Path) -> None:
    """Measure every claim of FILES and write the ledger."""
    verdicts = []
    try:
        manifest = read_manifest(results / "data" / "manifest.json")
        for path in files:
            verdicts += [judge(claim, results, manifest) for claim in _read(path)]
    except (ClaimError, MissingResult) as error:
        raise click.ClickException(str(error)) from error
    write_verdicts(verdicts, output)
    for verdict in verdicts:
        click.echo(f"{verdict.finding:26} {verdict.evidence:12} {verdict.id}")
    totals = collections.Counter(verdict.finding for verdict in verdicts)
    click.echo("; ".join(f"{count} {finding}" for finding, count in totals.most_common()))


@main.command()
@click.argument("file", type=FILES)
def check(file: Path) -> None:
    """Check that FILE is a claims file whose measures exist, measuring nothing."""
    click.echo(f"{file}: {len(_read(file))} claims, all well-formed")


@main.command("measures")
def list_measures() -> None:
    """List the measures that a claim can name, with their arguments."""
    for name, function in sorted(measures().items()):
        takes = (
            argument if required else f"[{argument}]"
            for argument, required in arguments_of(function).items()
        )
        click.echo(f"{name}({', '.join(takes)})")
        click.echo(f"    {(function.__doc__ or '').strip().splitlines()[0]}")


def _read(path: Path) -> list[Claim]:
    try:
        claims = read_claims(path)
        check_questions(claims)
    except ClaimError as error:
        raise click.ClickException(str(error)) from error
    return claims


if __name__ == "__main__":
    main()
