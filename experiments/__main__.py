"""Command line of the experiments: `python -m experiments run rcv1 adagrad --output FILE`."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from experiments import registry, series, table
from experiments.parquet import BrokenTable, metadata, write_frames, write_table
from experiments.protocol import (
    at_scale,
    check_can_be_split,
    check_name,
    given_protocol,
    optimizers_of,
)
from experiments.shards import OF_A_SHARD, WHOLE, joined, parsed
from optim.registry import names as optimizers
from optim.rule import nearest

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_config = click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML with the protocol; the project's own (in config/) where not given.",
)
_data = click.option("--data", type=_FOLDER, help="The prepared dataset, where one is needed.")
_output = click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="The Parquet file to write."
)
_code = click.option(
    "--code", default="", help="Version of the sources, which the table is to carry."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Train the documents' experiments and analyse their data, each into one tidy table."""


@main.command("list")
def list_all() -> None:
    """List the experiments and the analyses."""
    for kind in ("runs", "analyses"):
        click.echo(f"{kind}: {', '.join(registry.names(kind))}")


@main.command()
@click.argument("experiment")
@click.argument("optimizer")
@click.option(
    "--shard", help="Of its runs this part only, to be joined: 2/4 is the second of four."
)
@_data
@_config
@_code
@_output
def run(
    experiment: str,
    optimizer: str,
    shard: str | None,
    data: Path | None,
    config: Path | None,
    code: str,
    output: Path,
) -> None:
    """Run one EXPERIMENT with one OPTIMIZER and write its tidy table."""
    with _usage_errors():
        part = parsed(shard) if shard else WHOLE
        check_name("experiments", experiment, registry.names("runs"))
        if part != WHOLE:
            check_can_be_split("--shard", experiment)
        check_name("optimizers", optimizer, optimizers())
        given, scale = given_protocol("runs", experiment, config)
        protocol, size = at_scale(given, scale)
        if optimizer not in optimizers_of(protocol):
            known = optimizers_of(protocol)
            raise ValueError(
                f"config: experiments.{experiment}.optimizers has no {optimizer!r}; "
                f"{nearest(optimizer, known)}; add it with its hyper-parameters to run it"
            )
        _check_data(experiment, registry.declared("runs", experiment).dataset, data)
    made = metadata(protocol, size, given, code)
    train = registry.module("runs", experiment).run
    if part == WHOLE:
        frames = train(optimizer, protocol, data)
    else:
        frames = train(optimizer, protocol, data, part)
        made[OF_A_SHARD] = str(part)
    write_frames(frames, table.SCHEMA, output, made)


@main.command()
@click.argument("shards", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@_output
def join(shards: tuple[Path, ...], output: Path) -> None:
    """Join all SHARDS of an experiment's runs into the table of the whole."""
    with _usage_errors():
        whole, made = joined(shards)
    write_table(whole, output, made)


@main.command()
@click.argument("analysis")
@_data
@_config
@click.option("--results", type=_FOLDER, help="The results folder, where runs are analysed.")
@_code
@_output
def analyse(
    analysis: str,
    data: Path | None,
    config: Path | None,
    results: Path | None,
    code: str,
    output: Path,
) -> None:
    """Make one ANALYSIS and write its tidy table of series."""
    with _usage_errors():
        check_name("analyses", analysis, registry.names("analyses"))
        given, scale = given_protocol("analyses", analysis, config)
        protocol, size = at_scale(given, scale)
        _check_data(analysis, registry.declared("analyses", analysis).dataset, data)
    frames = registry.module("analyses", analysis).analyse(protocol, data, results)
    try:
        write_frames(frames, series.SCHEMA, output, metadata(protocol, size, given, code))
    except BrokenTable as error:
        raise click.ClickException(str(error)) from error


@main.command("counterparts")
@click.option("--results", type=_FOLDER, default=Path("results"), help="The results folder.")
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="The JSON file to write."
)
@click.option("--strict", is_flag=True, help="Exit code 1 where a counterpart is missing.")
def list_counterparts(results: Path, output: Path, strict: bool) -> None:
    """Look up the result of every figure and table of the documents, and list what is missing."""
    # Imported by name, so that the workflow does not take it for something that training needs.
    counterparts = importlib.import_module("experiments.counterparts")
    translation = importlib.import_module("experiments.translation")
    with _usage_errors():
        found = counterparts.look_up(counterparts.read_counterparts(), results)
    found = translation.translated(found, translation.catalogues())
    output.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    missing = [entry for entry in found if entry["status"] == "missing"]
    for entry in missing:
        reasons = "; ".join(part["reason"] for part in entry["results"] if part["reason"])
        place = f"{entry['document']}, section {entry['section']}, {entry['item']}"
        click.echo(f"missing: {place}: {reasons}", err=True)
    click.echo(f"{len(found) - len(missing)} of {len(found)} counterparts are there", err=True)
    if missing and strict:
        raise click.exceptions.Exit(1)


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Show a ValueError of the block as a mistake in how the command was called."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _check_data(name: str, dataset: str | None, data: Path | None) -> None:
    if dataset is not None and data is None:
        raise ValueError(f"{name} needs --data, the prepared {dataset}")
    if dataset is None and data is not None:
        raise ValueError(f"{name} takes no dataset; leave out --data {data}")


if __name__ == "__main__":
    main()
