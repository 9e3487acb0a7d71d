"""Command line of the claims: judge them, check a claims file, list the measures."""

from __future__ import annotations

import collections
from pathlib import Path

import click

from claims.claim import Claim, ClaimError, read_claims
from claims.completeness import faults
from claims.ledger import check_questions, judge, read_manifest
from claims.measure import MissingResult, arguments_of, measures
from claims.translation import catalogues
from proofs.verdict import write_verdicts

DOCUMENT = click.Path(exists=True, path_type=Path)
"""A claims file, or the folder of a document, which holds claims.yaml."""


@click.group(help=__doc__)
def main() -> None:
    """Hold the commands."""


@main.command()
@click.argument("documents", type=DOCUMENT, nargs=-1, required=True)
@click.option(
    "--results",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder of the results that measures read.",
)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Ledger to write.")
def ledger(documents: tuple[Path, ...], results: Path, output: Path) -> None:
    """Measure every claim of DOCUMENTS (claims files, or folders with one) and write the ledger."""
    read = {path: _read(path) for path in documents}
    _refuse_twins([claim for claims in read.values() for claim in claims])
    try:
        manifest = read_manifest(results / "data" / "manifest.json")
        verdicts = [
            judge(claim, results, manifest, languages)
            for path, claims in read.items()
            for languages in [catalogues(path)]
            for claim in claims
        ]
    except (ClaimError, MissingResult) as error:
        raise click.ClickException(str(error)) from error
    write_verdicts(verdicts, output)
    for verdict in verdicts:
        click.echo(f"{verdict.finding:26} {verdict.evidence:12} {verdict.id}")
    totals = collections.Counter(verdict.finding for verdict in verdicts)
    click.echo("; ".join(f"{count} {finding}" for finding, count in totals.most_common()))


@main.command()
@click.argument("document", type=DOCUMENT)
def check(document: Path) -> None:
    """Check that DOCUMENT (a claims file, or a folder with one) is well-formed.

    Its measures exist and take the arguments given; nothing is measured.
    """
    click.echo(f"{document}: {len(_read(document))} claims, all well-formed")


@main.command()
@click.argument("documents", type=DOCUMENT, nargs=-1, required=True)
def translations(documents: tuple[Path, ...]) -> None:
    """List what the translations of DOCUMENTS lack, have too much of, or fill in differently."""
    found: list[str] = []
    for path in documents:
        claims = _read(path)
        folder = path if path.is_dir() else path.parent
        try:
            found += faults(folder, claims)
        except ClaimError as error:
            raise click.ClickException(str(error)) from error
    for line in found:
        click.echo(line)
    if found:
        raise click.ClickException(f"{len(found)} faults in translations")
    click.echo("every text has its translations")


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


def _refuse_twins(claims: list[Claim]) -> None:
    """Refuse an id that two documents use: the ledger is one list."""
    first: dict[str, Claim] = {}
    for claim in claims:
        twin = first.setdefault(claim.id, claim)
        if twin is not claim:
            raise click.ClickException(
                f"{claim.where}: the id {claim.id!r} is taken ({twin.where}); give it another"
            )


def _read(path: Path) -> list[Claim]:
    try:
        claims = read_claims(path)
        check_questions(claims)
    except ClaimError as error:
        raise click.ClickException(str(error)) from error
    return claims


if __name__ == "__main__":
    main()
