"""What `benchmarks.growth` measures, each in a process of its own: one part at one size.

Seconds are of the processor, so that other programs matter little, and the least of some
repetitions. The peak is VmHWM, the process's own: `ru_maxrss` begins with that of the process that
started this one. Mapped pages of the rows that were read are in it.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from benchmarks import grading
from benchmarks.capacity import BLOCK
from benchmarks.data_scaling import run_stage, write_documents
from benchmarks.streaming import FEATURES as CLICK_FEATURES
from benchmarks.streaming import Streamed, forget_cached, read_part, train_streamed, write_part
from data.blocks import Block
from data.generated_documents import TOPIC_NAMES, documents
from data.prepare import prepare
from data.prepared import ROW_ARRAYS, array_file
from data.rcv1_forms import FEATURES
from data.settings import read_settings
from data.writing import RowsWriter
from optim import problem
from optim.linear import train
from optim.plan import Run
from optim.registry import rule

ROOT = Path(__file__).resolve().parents[1]
REAL, GENERATED, CLICKS = "real", "generated", "clicks"
MEGABYTE = 1e6
REPETITIONS = 3
SHORT = 0.5
"""Seconds from which a measurement is repeated but once: at first, pages are mapped."""

PART_ROWS = 250_000
ABSENT = ("MCAT", "M143")
"""Topics that the real documents at hand do not have."""

Measured = dict[str, float]


def processor_seconds(work: Callable[[], object]) -> float:
    """The least of this process's processor seconds for `work`, of some repetitions."""
    taken: list[float] = []
    while len(taken) < REPETITIONS and (len(taken) < 2 or min(taken) < SHORT):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def peak() -> float:
    """The most bytes of memory that this process has had so far."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return 1024 * float(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# --- what the stages read ------------------------------------------------------------------------


def prepare_real(folder: Path, _: int) -> Measured:
    """Prepare RCV1 as configured: real where it can be had, else a stand-in."""
    prepare("rcv1", read_settings(ROOT / "config" / "config.yaml"), folder / REAL)
    return {}


def generate(folder: Path, size: int) -> Measured:
    """Write generated documents in RCV1's shape, labelled with their most frequent topic."""
    vectors, membership, _ = documents(size, FEATURES)
    vectors.sort_indices()
    labels = membership[:, int(membership.sum(axis=0).argmax())].astype(np.float32)
    (folder / GENERATED).mkdir()
    writer = RowsWriter(folder / GENERATED, "train", FEATURES)
    block = Block(vectors.indptr.astype(np.int64), vectors.indices, vectors.data)
    writer.append(block, labels)
    writer.close()
    return {}


def write_clicks(folder: Path, size: int) -> Measured:
    """Write a click log in parts."""
    (folder / CLICKS).mkdir()
    for number in range(size // PART_ROWS):
        write_part(folder / CLICKS, number, PART_ROWS)
    return {}


def write_originals(folder: Path, size: int) -> Measured:
    """Write so many generated documents in the format of the original files."""
    (folder / f"original{size}").mkdir()
    write_documents(folder / f"original{size}", size)
    return {}


def copy_project(folder: Path, _: int) -> Measured:
    """Copy the project, to grade in."""
    ignored = shutil.ignore_patterns(*grading.NOT_COPIED)
    shutil.copytree(grading.ROOT, folder / "project", ignore=ignored)
    return {}


def rows_of(folder: Path) -> problem.Rows:
    """The training rows in a prepared folder, mapped from disk."""
    arrays = (np.load(array_file(folder, "train", name), mmap_mode="r") for name in ROW_ARRAYS)
    return problem.Rows(*(array.view(np.ndarray) for array in arrays))


def sweep(
    rows: problem.Rows, runs: int, epochs: int = 1, test: problem.Rows | None = None
) -> Callable[[], object]:
    """What trains Adagrad runs of different rates on one core, rows checked and orders drawn.

    Trained once on two rows, so that no kernel is loaded in what is measured.
    """
    adagrad = rule("adagrad")
    given = [Run({"lr": float(rate)}) for rate in np.geomspace(0.03, 0.3, runs)]
    evaluation = {} if test is None else {"test": test}

    def work(trained: problem.Rows, measured_on: dict[str, problem.Rows]) -> object:
        asked = problem.Problem(trained, measured_on, FEATURES, "logistic")
        return train(asked, adagrad, given, epochs=epochs, cores=1, device="cpu")

    few = first(rows, 2)
    work(few, dict.fromkeys(evaluation, few))
    return lambda: work(rows, evaluation)


def first(rows: problem.Rows, count: int) -> problem.Rows:
    """The first rows."""
    stop = rows.indptr[count]
    return problem.Rows(
        rows.indptr[: count + 1], rows.indices[:stop], rows.values[:stop], rows.labels[:count]
    )


def row_bytes(*kinds: problem.Rows) -> int:
    """Bytes of all arrays of some rows."""
    return sum(array.nbytes for rows in kinds for array in rows)


# --- the parts: each takes the folder of the rows and a size -------------------------------------


def training_rows(folder: Path, size: int) -> Measured:
    """An epoch of a block of runs over so many rows, without measuring."""
    real = rows_of(folder / REAL)
    rows = first(real if size <= real.labels.size else rows_of(folder / GENERATED), size)
    seconds = processor_seconds(sweep(rows, BLOCK))
    return {"seconds": seconds, "bytes": row_bytes(rows), "nonzeros": rows.values.size}


def test_rows(folder: Path, size: int) -> Measured:
    """One of the two times that an epoch's sweep of a block measures so many test rows."""
    trained = first(rows_of(folder / REAL), 2)
    tested = first(rows_of(folder / GENERATED), size)
    seconds = processor_seconds(sweep(trained, BLOCK, test=tested))
    return {"seconds": seconds / 2, "bytes": row_bytes(tested)}


def documents_prepared(folder: Path, size: int) -> Measured:
    """Convert so many documents from the original files' format, and open them."""
    prepared = folder / f"converted{size}"
    began = time.process_time()
    run_stage("convert", folder / f"original{size}", prepared)
    seconds = time.process_time() - began
    opened = processor_seconds(lambda: run_stage("open", prepared, prepared))
    return {"seconds": seconds, "bytes": size_of(prepared), "open_seconds": opened}


def runs(folder: Path, size: int) -> Measured:
    """An epoch of so many runs over the real rows; the bytes are those of their weights."""
    rows = rows_of(folder / REAL)
    return {"seconds": processor_seconds(sweep(rows, size)), "bytes": 4 * (FEATURES + 1) * size}


def topics(folder: Path, size: int) -> Measured:
    """For each of so many topics: prepare the rows with its label, and train a block of runs."""
    settings = read_settings(ROOT / "config" / "config.yaml")
    written = 0

    def one_against_the_rest() -> None:
        nonlocal written
        for topic in [name for name in TOPIC_NAMES if name not in ABSENT][:size]:
            prepared = folder / f"topics{size}"
            prepare("rcv1", dataclasses.replace(settings, label=topic), prepared)
            sweep(rows_of(prepared), BLOCK)()
            written += size_of(prepared)
            shutil.rmtree(prepared)

    began = time.process_time()
    one_against_the_rest()
    return {"seconds": time.process_time() - began, "bytes": written}


def streamed_rows(folder: Path, size: int) -> Measured:
    """An epoch of a block of runs over so many clicks, a part of them in memory at a time."""
    given = [{"lr": float(rate)} for rate in np.geomspace(0.03, 0.3, BLOCK)]
    peaks: list[float] = []

    def stream(read: Callable[[int], problem.Rows], parts: int) -> Streamed:
        return train_streamed(
            read, parts, CLICK_FEATURES, rule("adagrad"), given,
            after_part=lambda _number: peaks.append(peak()),
        )  # fmt: skip

    stream(lambda number: first(read_part(folder / CLICKS, number), 2), 1)
    forget_cached(folder / CLICKS)
    peaks.clear()
    read_before, began, worked = _read_so_far(), time.perf_counter(), time.process_time()
    trained = stream(lambda number: read_part(folder / CLICKS, number), size // PART_ROWS)
    return {
        "seconds": time.process_time() - worked,
        "wall_seconds": time.perf_counter() - began,
        "bytes": _read_so_far() - read_before,
        "part_rows": PART_ROWS,
        "peak_mb_after_two_parts": peaks[:2][-1] / MEGABYTE,
        "first_loss": float(trained.losses[0].min()),
        "last_loss": float(trained.losses[-1].min()),
    }


def _read_so_far() -> int:
    """Bytes that this process has read from files (proc_pid_io(5))."""
    line = Path("/proc/self/io").read_text(encoding="utf-8").splitlines()[0]
    return int(line.split()[1])


def students(folder: Path, size: int) -> Measured:
    """A class of honest submissions, graded through Snakemake, judge and jail on two cores."""
    project, submissions = folder / "project", folder / f"students{size}"
    shutil.rmtree(project / "results", ignore_errors=True)
    grading.write_class(submissions, size, hostile=0)
    before, children = grading.processor_seconds()
    elapsed = grading.undisturbed(project, submissions, (), grading.CORES)
    after, children_after = grading.processor_seconds()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": elapsed,
        "machine_seconds": after - before,
        "children_seconds": children_after - children,
        "bytes": size_of(project / "results"),
        "peak_bytes": usage.ru_maxrss * 1024.0,
    }


def one_topic(folder: Path, size: int) -> Measured:
    """A job of the plan for RCV1, but of one epoch: real training rows, so many test rows."""
    rows, tested = rows_of(folder / REAL), first(rows_of(folder / GENERATED), size)
    work = sweep(rows, BLOCK, test=tested)
    began = time.process_time()
    work()
    return {
        "seconds": time.process_time() - began,
        "bytes": row_bytes(rows, tested),
        "trained": rows.labels.size,
    }


def process(folder: Path, size: int) -> Measured:
    """A process that has trained two rows: what all others begin with."""
    sweep(first(rows_of(folder / REAL), size), BLOCK)
    return {"seconds": time.process_time()}


STAGES: dict[str, Callable[[Path, int], Measured]] = {
    stage.__name__: stage
    for stage in (
        prepare_real, generate, write_clicks, write_originals, copy_project,
        process, training_rows, test_rows, documents_prepared, runs, topics, streamed_rows,
        students, one_topic,
    )
}  # fmt: skip


def measure(stage: str, folder: Path, size: int) -> Measured:
    """Run a stage in this process: its own numbers, and the peak of memory in megabytes."""
    found = STAGES[stage](folder, size)
    most = found.pop("peak_bytes", peak())
    written = found.pop("bytes", 0.0)
    return {
        "size": size,
        "seconds": found.pop("seconds", time.process_time()),
        "peak_mb": most / MEGABYTE,
        "data_mb": written / MEGABYTE,
        **found,
    }


@click.command()
@click.argument("stage", type=click.Choice(list(STAGES)))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("size", type=int)
def main(stage: str, folder: Path, size: int) -> None:
    """Measure one stage, and print what was found as JSON."""
    click.echo(json.dumps(measure(stage, folder, size)))


if __name__ == "__main__":
    main()
