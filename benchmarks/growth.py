"""How time, memory and bytes grow with rows, runs, topics and students.

Every size is measured in a process of its own (`benchmarks.growth_stages`). Exponents and straight
lines are fitted to the smaller sizes; the larger ones are held out, and predicted from the lines.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from benchmarks import plans
from benchmarks.growth_fits import Fit, fit
from benchmarks.machine import machine
from data.writing import write_json

ROOT = Path(__file__).resolve().parents[1]
QUANTITIES = ("seconds", "peak_mb", "data_mb")


@dataclasses.dataclass(frozen=True)
class Part:
    """What is measured against what: a stage, the sizes fitted, and those held out."""

    stage: str
    fitted: tuple[int, ...]
    held_out: tuple[int, ...] = ()


SMALL_ROWS = (1_447, 2_894, 5_787, 11_574, 23_149)
"""A sixteenth of RCV1's training rows, and twice as many each time, up to all of them."""

WHOLE_TEST = 781_265
FULL = (
    Part("training_rows", (*SMALL_ROWS, 46_298, 92_596), (370_384, WHOLE_TEST)),
    Part("test_rows", (5_787, 11_574, 23_149, 46_298, 92_596), (370_384, WHOLE_TEST)),
    Part("documents_prepared", (2_000, 4_000, 8_000, 16_000, 32_000), (64_000,)),
    Part("runs", (1, 8, 16, 32, 64, 128), (256, 384)),
    Part("topics", (1, 2, 4, 8, 16), (32,)),
    Part("streamed_rows", (250_000, 500_000, 750_000, 1_000_000), (2_000_000, 10_000_000)),
    Part("students", (4, 8, 16), (32,)),
)
QUICK = (
    Part("training_rows", (2_500, 5_000, 10_000), (20_000,)),
    Part("test_rows", (2_500, 5_000, 10_000), (20_000,)),
    Part("documents_prepared", (500, 1_000, 2_000)),
    Part("runs", (1, 8, 32)),
    Part("topics", (1, 2, 3)),
    Part("streamed_rows", (250_000, 500_000, 750_000)),
    Part("students", (1, 2, 3)),
)


def in_a_process(stage: str, folder: Path, size: int) -> dict[str, Any]:
    """Run a stage, or what makes the input of one, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.growth_stages", stage, str(folder), str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def measure_part(part: Part, folder: Path) -> list[dict[str, Any]]:
    """A row for each size, whether it is held out beside what was measured."""
    table = []
    for size in (*part.fitted, *part.held_out):
        measured = in_a_process(part.stage, folder, size)
        row = {"size": size, "held_out": size in part.held_out, **measured}
        table.append(row)
        click.echo(f"  {part.stage} {size:,}: {_short(measured)}", err=True)
    return table


def _short(measured: dict[str, Any]) -> str:
    return ", ".join(f"{measured[name]:.4g} {name}" for name in QUANTITIES)


def prepare_inputs(parts: tuple[Part, ...], folder: Path) -> None:
    """Write everything that the stages read into the folder."""
    largest = {part.stage: max((*part.fitted, *part.held_out)) for part in parts}
    in_a_process("prepare_real", folder, 0)
    in_a_process("generate", folder, max(largest["training_rows"], largest["test_rows"]))
    in_a_process("write_clicks", folder, largest["streamed_rows"])
    in_a_process("copy_project", folder, 0)
    for part in parts:
        if part.stage == "documents_prepared":
            for size in (*part.fitted, *part.held_out):
                in_a_process("write_originals", folder, size)


def fits_of(tables: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, str], Fit]:
    """Every part's fits, by stage and quantity, of the sizes that are not held out."""
    found = {}
    for stage, table in tables.items():
        fitted = [row for row in table if not row["held_out"]]
        for quantity in QUANTITIES:
            values = [row[quantity] for row in fitted]
            found[stage, quantity] = fit([row["size"] for row in fitted], values)
    return found


def held_out(
    tables: dict[str, list[dict[str, Any]]], fits: dict[tuple[str, str], Fit]
) -> list[dict[str, Any]]:
    """What the lines say of the sizes held out, beside what was measured."""
    return [
        {
            "what": stage.replace("_", " "),
            "quantity": quantity,
            "size": row["size"],
            "predicted": fits[stage, quantity].at(row["size"]),
            "measured": row[quantity],
            "ratio": row[quantity] / fits[stage, quantity].at(row["size"]),
        }
        for stage, table in tables.items()
        for row in table
        if row["held_out"]
        for quantity in QUANTITIES
    ]


def run_all(parts: tuple[Part, ...]) -> dict[str, Any]:
    """Measure all parts, fit them, and check the plans against a job of each."""
    with tempfile.TemporaryDirectory(prefix="regrad-growth-") as name:
        folder = Path(name)
        click.echo("the inputs ...", err=True)
        prepare_inputs(parts, folder)
        process = in_a_process("process", folder, 2)
        tables = {part.stage: measure_part(part, folder) for part in parts}
        one_topic = in_a_process("one_topic", folder, tables["test_rows"][-1]["size"])
    fits = fits_of(tables)
    measured = {
        "process": process,
        **tables,
        "fits": [
            {"what": stage.replace("_", " "), "quantity": quantity, **dataclasses.asdict(found)}
            for (stage, quantity), found in fits.items()
        ],
        "held_out": held_out(tables, fits),
        "one_topic": one_topic,
    }
    return {**measured, "plans": plans.checked(measured)}


def where() -> dict[str, Any]:
    """The machine, and how busy it was."""
    return {
        **machine(),
        "numba": metadata.version("numba"),
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
    }


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Few and small sizes, to see that it works.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("results/benchmarks/growth.json"),
    show_default=True,
    help="Where to write the tables.",
)
def main(quick: bool, output: Path) -> None:
    """Measure growth with rows, runs, topics and students, and check the plans of docs/scaling.md.

    The full run writes up to 4 GB into the temporary folder and takes some four minutes.
    """
    began = where()
    measured = run_all(QUICK if quick else FULL)
    output.parent.mkdir(parents=True, exist_ok=True)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    content = {"benchmark": "growth", "quick": quick, "machine": {**began, "date": today}}
    write_json(output, {**content, **measured})
    click.echo(f"wrote {output}")


if __name__ == "__main__":
    main()
