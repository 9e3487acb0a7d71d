"""Command line of the experiments: `python -m experiments rcv1 adagrad --output FILE`."""

from __future__ import annotations

import importlib
from pathlib import Path

import click
import yaml

from experiments.table import write_table
from optim.registry import names
from optim.rule import nearest

NOT_EXPERIMENTS = {"__init__", "__main__", "table", "linear"}
EXPERIMENTS = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in NOT_EXPERIMENTS
)


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
    if experiment not in EXPERIMENTS:
        raise click.UsageError(f"no experiment {experiment!r}; {nearest(experiment, EXPERIMENTS)}")
    if optimizer not in names():
        raise click.UsageError(f"no optimizer {optimizer!r}; {nearest(optimizer, names())}")
    protocol = yaml.safe_load(config.read_text(encoding="utf-8"))["experiments"][experiment]
    module = importlib.import_module(f"experiments.{experiment}")
    if optimizer not in protocol["optimizers"]:
        raise click.UsageError(
            f"{config}: experiments.{experiment}.optimizers has no {optimizer!r}; add it with its "
            "hyper-parameters to run it"
        )
    if module.DATASET and data is None:
        raise click.UsageError(f"{experiment} needs --data, the prepared {module.DATASET}")
    write_table(module.run(optimizer, protocol, data), output)


if __name__ == "__main__":
    main()
