"""The data room's command line: `python -m data prepare|fetch|check`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from data.prepare import prepare
from data.problems import DataProblem
from data.registry import datasets, find, refuse_unknown_paths
from data.settings import read_settings
from data.sources.check import copies
from data.sources.resolve import Reach, resolve

Command = TypeVar("Command", bound=Callable[..., Any])

_CONFIG = Path("config/config.yaml")


def _config_option(command: Command) -> Command:
    return click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        default=_CONFIG,
        show_default=True,
        help="The config file; its `data:` part says where to look.",
    )(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Fetch, check and convert the datasets.

    A dataset is looked for in this order: your own copy (data.paths in the config), the cache, the
    mirrors (REGRAD_DATA_MIRROR: folders or URLs separated by commas; then data.mirrors), its
    official source. Only where data.source is "auto" and none of these has it, a stand-in is
    generated, and said so. The cache is the user's cache folder, or REGRAD_CACHE.
    """


@main.command("prepare")
@click.argument("name")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write the arrays and provenance.json into.",
)
@_config_option
def prepare_command(name: str, output: Path, config: Path) -> None:
    """Convert the dataset NAME into arrays that load by memory map."""
    provenance = prepare(name, read_settings(config), output)
    rows = ", ".join(f"{split} {count:,}" for split, count in provenance["rows"].items())
    click.echo(f"{name}: {provenance['kind']} ({provenance['source']}); rows: {rows}; in {output}")


@main.command("fetch")
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@_config_option
def fetch_command(names: tuple[str, ...], config: Path) -> None:
    """Fetch the datasets (all, or those named) into the cache, where a later run finds them.

    Fails where one is not within reach; a stand-in is never fetched.
    """
    settings = read_settings(config)
    refuse_unknown_paths(settings)
    missing = 0
    for name in names or datasets():
        search = resolve(find(name), settings, Reach(keep=True))
        for wrong in search.wrong_hashes:
            click.echo(f"{name}: warning: {wrong}", err=True)
        if search.found is None:
            missing += 1
            click.echo(f"{name}: not within reach", err=True)
            for attempt in search.attempts:
                click.echo(f"  - {attempt}", err=True)
        else:
            click.echo(f"{name}: {search.found.kind} ({search.found.source})")
    if missing:
        raise DataProblem(
            f"{missing} not fetched; name a mirror in REGRAD_DATA_MIRROR, "
            "or your own copy in data.paths"
        )


@main.command("check")
@_config_option
def check_command(config: Path) -> None:
    """Verify every copy of a known file in the cache and the mirror folders, without the network.

    Fails where a file's SHA-256 is not the registered one.
    """
    settings = read_settings(config)
    bad = 0
    for name, dataset in datasets().items():
        found = list(copies(dataset, settings))
        for copy in found:
            bad += bool(copy.fault)
            state = f"WRONG: {copy.fault}" if copy.fault else f"good: {copy.file} in {copy.place}"
            click.echo(f"{name}: {state}", err=bool(copy.fault))
        if not found:
            click.echo(f"{name}: not here")
    if bad:
        raise DataProblem(f"{bad} bad; delete or replace what is named above")


if __name__ == "__main__":
    try:
        main(prog_name="python -m data")
    except DataProblem as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(1)
