"""Command line of the experiments: `python -m experiments rcv1 adagrad --output FILE`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import yaml

from experiments import registry
from experiments.table import write_table
from optim.registry import names as optimizers
from optim.rule import nearest


@click.command()
@click.argument("experiment")
@click.argument("optimizer")
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Prepared dataset.")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path("config/config.yaml"),
    show_default=True,
    help="Where the experiment's protocol stands.",
)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Parquet to write.")
def main(experiment: str, optimizer: str, data: Path | None, config: Path, output: Path) -> None:
    """Run one EXPERIMENT with one OPTIMIZER and write its tidy table."""
    _check_name("experiment", experiment, registry.names())
    _check_name("optimizer", optimizer, optimizers())
    protocol = yaml.safe_load(config.read_text(encoding="utf-8"))["experiments"][experiment]
    if optimizer not in protocol["optimizers"]:
        raise click.UsageError(
            f"{config}: experiments.{experiment}.optimizers has no {optimizer!r}; add it with its "
            "hyper-parameters to run it"
        )
    dataset = registry.dataset_of(experiment)
    if dataset is not None and data is None:
        raise click.UsageError(f"{experiment} needs --data, the prepared {dataset}")
    if dataset is None and data is not None:
        raise click.UsageError(f"{experiment} takes no dataset; leave out --data {data}")
    write_table(registry.experiment(experiment).run(optimizer, protocol, data), output)


def _check_name(kind: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise click.UsageError(f"no {kind} {name!r}; {nearest(name, known)}")


if __name__ == "__main__":
    main()
