"""How converting, opening, reading and training on documents scale with their number.

Writes generated documents in the format of RCV1's original files, converts them as the official
ones would be, and measures every stage in a process of its own. The peak is the process's resident
memory at its highest (VmHWM), the mapped pages of the arrays it read included.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.machine import machine
from data.generated_documents import documents
from data.prepare import prepare
from data.prepared import Rows, open_prepared
from data.rcv1_forms import FEATURES, TRAINING_ROWS
from data.settings import Settings
from data.writing import write_json

ROOT = Path(__file__).resolve().parents[1]
_FULL_SIZE = 804_414
_SIZES = (10_000, 30_000, 100_000, 300_000, _FULL_SIZE)
_QUICK_SIZES = (2_000, 4_000, 8_000)
_DISTINCT_TEXTS = 20_000
_FIRST_NUMBER = 2_286  # of RCV1-v2's documents
_STAGES = ("convert", "open", "read", "train")
_REPETITIONS = {"convert": 2, "open": 5, "read": 5, "train": 3}


def write_documents(folder: Path, rows: int) -> None:
    """Write `rows` documents in the original files' format: vectors by number, and topics.

    The texts repeat after 20,000, but each has a last feature of its own value, so that no vector
    does; compressed lightly, for the writing is not what is measured.
    """
    texts, topics = _texts(min(rows, _DISTINCT_TEXTS))
    training = min(TRAINING_ROWS, rows // 2)
    parts = {"train": range(training)}
    for number, quarter in enumerate(np.array_split(np.arange(training, rows), 4)):
        parts[f"test_pt{number}"] = range(quarter[0], quarter[-1] + 1)
    for part, chosen in parts.items():
        lines = (
            b"%d  %s %d:%.9g\n"
            % (row + _FIRST_NUMBER, texts[row % len(texts)], FEATURES, row * 1e-6)
            for row in chosen
        )
        _write_lines(folder / f"lyrl2004_vectors_{part}.dat.gz", lines)
    entries = (
        b"%s %d 1\n" % (topic, row + _FIRST_NUMBER)
        for row in range(rows)
        for topic in topics[row % len(texts)]
    )
    _write_lines(folder / "rcv1-v2.topics.qrels.gz", entries)


def _texts(rows: int) -> tuple[list[bytes], list[list[bytes]]]:
    """Each document's `id:value` text without the last feature, and its topics (CCAT or GCAT)."""
    vectors, membership, names = documents(rows, FEATURES - 1)
    vectors.sort_indices()
    texts = []
    for row in range(rows):
        entries = slice(*vectors.indptr[row : row + 2])
        pairs = zip(vectors.indices[entries] + 1, vectors.data[entries], strict=True)
        texts.append(" ".join(f"{feature}:{value:.6f}" for feature, value in pairs).encode())
    frequent = membership[:, names.index("CCAT")]
    return texts, [[b"CCAT"] if has else [b"GCAT"] for has in frequent]


def _write_lines(path: Path, lines: Iterator[bytes]) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.writelines(lines)


# --- the stages, each run in a process of its own -----------------------------------------------


def convert(source: Path, prepared: Path) -> dict[str, float]:
    """Convert the original files."""
    prepare("rcv1", Settings(source="real", paths={"rcv1": source}), prepared)
    return {}


def open_arrays(_: Path, prepared: Path) -> dict[str, float]:
    """Open the prepared arrays, and nothing more."""
    nonzeros = open_prepared(prepared).provenance["nonzeros"]
    return {"nonzeros": nonzeros["train"] + nonzeros["test"]}


def read(_: Path, prepared: Path) -> dict[str, float]:
    """Read every value and index of the training and test rows once."""
    total = 0.0
    for rows in _rows(prepared):
        total += float(rows.values.sum(dtype=np.float64)) + int(rows.indices.max(initial=0))
    return {"checksum": total}


def train(_: Path, prepared: Path) -> dict[str, float]:
    """One epoch of Adagrad, a sample a step, over the larger part of the documents."""
    from optim import linear, plan, problem
    from optim.registry import rule

    rows = max(_rows(prepared), key=lambda rows: len(rows.labels))
    trained = problem.Rows(rows.indptr, rows.indices, rows.values, rows.labels)
    adagrad = rule("adagrad")
    history = linear.train(
        problem.Problem(trained, {}, rows.features, "logistic"),
        adagrad,
        [plan.Run(adagrad.hyperparameters(lr=0.1, eps=1e-8))],
        epochs=1,
    )
    return {"epoch_seconds": float(history.seconds[-1, 0]), "updates": int(history.updates)}


def _rows(prepared: Path) -> list[Rows]:
    splits = open_prepared(prepared).splits
    return [rows for rows in (splits["train"], splits["test"]) if isinstance(rows, Rows)]


def run_stage(stage: str, source: Path, prepared: Path) -> dict[str, float]:
    """Run a stage in this process; its seconds, and the peak and the start of memory in MB."""
    before = _memory("VmHWM")
    start = time.perf_counter()
    found = {"convert": convert, "open": open_arrays, "read": read, "train": train}[stage](
        source, prepared
    )
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "peak_mb": _memory("VmHWM"), "start_mb": before, **found}


def _memory(field: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"/proc/self/status has no {field}; this benchmark needs Linux")


# --- the table ----------------------------------------------------------------------------------


def measure(rows: int) -> dict[str, Any]:
    """All stages for that many documents."""
    with tempfile.TemporaryDirectory(prefix="regrad-scaling-") as folder:
        source, prepared = Path(folder) / "original", Path(folder) / "prepared"
        source.mkdir()
        write_documents(source, rows)
        stages = {stage: _in_a_process(stage, source, prepared) for stage in _STAGES}
    return {"rows": rows, "nonzeros": stages["open"].pop("nonzeros"), **stages}


def _in_a_process(stage: str, source: Path, prepared: Path) -> dict[str, float]:
    """The quickest of the stage's repetitions; other programs only ever add to its time."""
    module = [sys.executable, "-m", "benchmarks.data_scaling"]
    command = [*module, "--stage", stage, str(source.resolve()), str(prepared.resolve())]
    printed = [
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
        for _ in range(_REPETITIONS[stage])
    ]
    runs = [json.loads(text) for text in printed]
    return min(runs, key=lambda run: run["seconds"])


def line(table: list[dict[str, Any]], stage: str, quantity: str) -> dict[str, float]:
    """The least-squares line of a quantity over millions of rows, and the R² it reaches."""
    rows = np.array([entry["rows"] for entry in table]) / 1e6
    values = np.array([entry[stage][quantity] for entry in table])
    slope, start = np.polyfit(rows, values, 1)
    unexplained = np.sum((values - start - slope * rows) ** 2)
    spread = np.sum((values - values.mean()) ** 2)
    r_squared = 1 - unexplained / spread if spread else 1.0
    return {"start": float(start), "per_million_rows": float(slope), "r_squared": float(r_squared)}


def summary(table: list[dict[str, Any]]) -> dict[str, Any]:
    """What the table shows, as numbers."""
    last = table[-1]
    return {
        "lines": {
            "convert_seconds": line(table, "convert", "seconds"),
            "convert_peak_mb": line(table, "convert", "peak_mb"),
            "read_seconds": line(table, "read", "seconds"),
            "read_peak_mb": line(table, "read", "peak_mb"),
            "epoch_seconds": line(table, "train", "epoch_seconds"),
            "train_peak_mb": line(table, "train", "peak_mb"),
        },
        "at_most_rows": {
            "open_seconds": last["open"]["seconds"],
            "train_peak_mb": last["train"]["peak_mb"],
        },
    }


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="A few thousand documents only, for a check in CI.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("results/benchmarks/data_scaling.json"),
    show_default=True,
    help="Where to write the table.",
)
@click.option("--stage", type=click.Choice(_STAGES), hidden=True)
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
def main(quick: bool, output: Path, stage: str | None, folders: tuple[Path, ...]) -> None:
    """Measure converting, opening, reading and training against the number of documents.

    The full run writes up to 1 GB into the temporary folder and takes some minutes.
    """
    if stage is not None:
        click.echo(json.dumps(run_stage(stage, *folders)))
        return
    table = []
    for rows in _QUICK_SIZES if quick else _SIZES:
        table.append(measure(rows))
        click.echo(_line(table[-1]))
    output.parent.mkdir(parents=True, exist_ok=True)
    content = {"benchmark": "data scaling", "quick": quick, "machine": machine(), "table": table}
    write_json(output, {**content, "summary": summary(table)})


def _line(entry: dict[str, Any]) -> str:
    stages = "; ".join(
        f"{stage} {entry[stage]['seconds']:.3f} s, {entry[stage]['peak_mb']:.0f} MB"
        for stage in _STAGES
    )
    return f"{entry['rows']:>7,} documents: {stages}"


if __name__ == "__main__":
    main()
