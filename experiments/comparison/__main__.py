"""Command line: `python -m experiments.comparison TABLE... --config FILE --output FILE`.

Apart from `python -m experiments`, so that its modules are no part of what a training depends on.
"""

from __future__ import annotations

from pathlib import Path

import click

from experiments.comparison.settings import check_comparison
from experiments.parquet import BrokenTable
from experiments.protocol import check_name, read_mapping

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("tables", nargs=-1, required=True, type=_FILE)
@click.option("--config", type=_FILE, default=Path("config/comparison/comparison.yaml"),
              show_default=True, help="YAML with the key `comparison`.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), required=True, help="JSON to write.")
def main(tables: tuple[Path, ...], config: Path, output: Path) -> None:
    """Compare the rules whose run TABLEs, .../<problem>/<optimizer>.parquet, are given."""
    from experiments.comparison.summary import compare, write_comparison

    try:
        given = read_mapping(config)
        check_comparison(given.get("comparison"), {}, {})
        for path in tables:
            known = given["comparison"]["problems"]
            check_name(f"{config}: comparison.problems", path.parent.name, known)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        write_comparison(compare(tables, given["comparison"]), output)
    except BrokenTable as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m experiments.comparison")
