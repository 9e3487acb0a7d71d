"""`python -m proofs --output results/proofs/verdicts.json [--seed N] [--only NAME]`."""

from __future__ import annotations

from pathlib import Path

import click

from proofs.run import names, verify_all
from proofs.translation import catalogues, translated
from proofs.verdict import write_verdicts


@click.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--only", type=click.Choice(names()), multiple=True, metavar="NAME",
              help="An exercise, a file of proofs/exercises; all if not given.")  # fmt: skip
def main(output: Path, seed: int, only: tuple[str, ...]) -> None:
    """Verify every exercise and write one verdict per statement, in every language there is."""
    verdicts = verify_all(seed, only)
    languages = catalogues()
    write_verdicts([translated(verdict, languages) for verdict in verdicts], output)
    for verdict in verdicts:
        click.echo(f"{verdict.finding:<26}{verdict.evidence:<16}{verdict.id}: {verdict.statement}")


if __name__ == "__main__":
    main(prog_name="python -m proofs")
