"""The data room's command line: `python -m data prepare|fetch|check`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from data.prepare import prepare
from data.problems import DataProblem
from data.registry import datasets, find
from data.settings import Settings, read_settings
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
    missing = 0
    for name in names or datasets():
        search = resolve(find(name), settings, Reach(keep=True))
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
    """Verify every copy that is here (own, cache, mirror folders) without using the network.

    Fails where a file's SHA-256 is not the registered one.
    """
    settings = read_settings(config)
    offline = Settings(
        source=settings.source,
        cache=settings.cache,
        mirrors=tuple(one for one in settings.mirrors if "://" not in one),
        paths=settings.paths,
        label=settings.label,
    )
    bad = sum(_check(name, offline) for name in datasets())
    if bad:
        raise DataProblem(f"{bad} bad; delete or replace what is named above")


def _check(name: str, settings: Settings) -> bool:
    """Print what is here of one dataset; True where a file is wrong."""
    search = resolve(find(name), settings, Reach(official=False))
    wrong = [attempt for attempt in search.attempts if "SHA-256" in attempt]
    for attempt in wrong:
        click.echo(f"{name}: WRONG: {attempt}", err=True)
    if search.found is not None:
        click.echo(f"{name}: good, {search.found.kind} ({search.found.source})")
    elif not wrong:
        click.echo(f"{name}: not here")
    return bool(wrong)


if __name__ == "__main__":
    try:
        main(prog_name="python -m data")
    except DataProblem as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(1)
