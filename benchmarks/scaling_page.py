"""Writes what was measured into docs/scaling.md, between its marks: tables, and plans step by step.

Every figure of the page that depends on a machine stands between two marks, and all of them come
from one file of `python -m benchmarks.growth`.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks import capacity, plans
from benchmarks.capacity import Cluster, Costs, Work, estimate
from benchmarks.growth_fits import NEAR

PAGE = Path(__file__).resolve().parents[1] / "docs" / "scaling.md"
MARKED = re.compile(r"(<!-- measured: ([\w-]+) -->\n)(.*?)\n?<!-- end -->", re.DOTALL)
HERE = Cluster(nodes=1, cores=2, memory=24e9, bandwidth=4e8)
"""A machine such as this was written on; its bandwidth is what its disk was seen to give."""

SIZES = {
    "training_rows": "training rows (an epoch of 32 runs)",
    "test_rows": "test rows (32 runs measured once)",
    "documents_prepared": "documents prepared",
    "runs": "runs (an epoch over the training rows)",
    "topics": "topics (prepared, and an epoch of 32 runs)",
    "streamed_rows": "streamed clicks (an epoch of 32 runs)",
    "students": "students (graded on two cores)",
}


def digits(value: float) -> str:
    """Three digits that count, and no exponent: 0.00123, 4.56, 1,230."""
    if value == 0 or not abs(value) < 1e15:
        return f"{value:g}"
    places = max(0, 2 - int(f"{value:.2e}".partition("e")[2]))
    return f"{float(f'{value:.3g}'):,.{places}f}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine(measured: dict[str, Any]) -> str:
    """Where and when."""
    told = measured["machine"]
    short = " A short run (`--quick`), of small sizes." if measured["quick"] else ""
    return (
        f"Measured on {told['date']} on {told['cores']} cores of an {told['cpu']} (load "
        f"{told['load']:.1f} at the start), Python {told['python']}, NumPy {told['numpy']}, "
        f"Numba {told['numba']}.{short}"
    )


NAMES = {
    "process": "a process that has trained two rows, MB",
    "start": "its start, s of a core",
    "train": "train a non-zero of a document with 32 runs, ns",
    "measure": "measure a test document with 32 runs, µs",
    "stream": "read, check and train a non-zero of a click with 32 runs, ns",
}


def constants(measured: dict[str, Any]) -> str:
    """The constants of the plans."""
    documents, clicks = plans.document_costs(measured), plans.click_costs(measured)
    values = {
        "process": documents.process_bytes / 1e6,
        "start": documents.start_seconds,
        "train": documents.train_seconds * 1e9,
        "measure": documents.measure_seconds * 1e6,
        "stream": clicks.train_seconds * 1e9,
    }
    rows = [[f"`{key}`", NAMES[key], f"{value:.4g}"] for key, value in values.items()]
    return table(["constant", "what", "measured"], rows)


def costs_on(page: str) -> tuple[Costs, Costs]:
    """The constants that a page shows, of documents and of clicks."""
    found = {key: float(value) for key, value in re.findall(r"\| `(\w+)` \|.*\| (\S+) \|", page)}
    process, start = found["process"] * 1e6, found["start"]
    documents = Costs(process, start, found["train"] / 1e9, found["measure"] / 1e6)
    return documents, Costs(process, start, found["stream"] / 1e9)


def steps(work: Work, costs: Costs, cluster: Cluster = plans.CLUSTER) -> str:
    """A plan, step by step."""
    found = estimate(work, costs, cluster)
    told = (
        (
            f"**Rows.** {work.rows + work.test_rows:,} × ({work.nonzeros:g} × 8 + 12) B = "
            f"{digits(found.data_bytes / 1e9)} GB."
        ),
        (
            f"**Jobs.** {work.topics} × {work.shards} shards = {found.jobs:,} jobs of "
            f"{capacity.runs_a_job(work)} runs, {capacity.blocks_a_job(work)} block(s) each."
        ),
        _memory(work, costs),
        (
            f"**Bytes moved.** {found.jobs:,} jobs × {_passes(work)} × "
            f"{digits(found.data_bytes / 1e9)} GB = **{digits(found.moved_bytes / 1e12)} TB**."
        ),
        _time(work, costs, cluster),
        (
            f"**Hours.** {cluster.nodes} nodes × {found.at_once} jobs at once ({cluster.cores} "
            f"cores, {digits(cluster.memory / 1e9)} GB): {found.rounds} round(s) × "
            f"{digits(found.job_seconds)} s = **{digits(found.hours)} h**; computing alone "
            f"{digits(found.core_hours)} core-hours."
        ),
    )
    return "\n".join(f"{number}. {step}" for number, step in enumerate(told, start=1))


def _memory(work: Work, costs: Costs) -> str:
    parts = (costs.process_bytes, capacity.held_bytes(work), capacity.checking_bytes(work))
    process, held, checking = (digits(each / 1e6) for each in parts)
    joined = "+" if work.part_rows else "or, if that is more,"
    return (
        f"**Memory of a job.** {process} MB of the process + {held} MB of rows held + {checking} "
        f"MB to check them {joined} {digits(capacity.training_bytes(work) / 1e6)} MB to train = "
        f"**{digits(capacity.job_bytes(work, costs) / 1e9)} GB**."
    )


def _time(work: Work, costs: Costs, cluster: Cluster) -> str:
    found = estimate(work, costs, cluster)
    constant = "stream" if work.part_rows else "train"
    tested = f" + {work.epochs + 1} × {work.test_rows:,} × `measure`" if work.test_rows else ""
    beside = min(found.at_once, -(-found.jobs // cluster.nodes))
    read = _passes(work) * found.data_bytes
    return (
        f"**Time of a job.** `start` + {capacity.blocks_a_job(work)} × ({work.epochs} × "
        f"{work.rows:,} × {work.nonzeros:g} × `{constant}`{tested}) = "
        f"{digits(capacity.compute_seconds(work, costs))} s of a core. Its {digits(read / 1e9)} "
        f"GB, {beside} jobs of a node sharing {digits(cluster.bandwidth / 1e9)} GB/s, make that "
        f"{digits(found.job_seconds)} s."
    )


def _passes(work: Work) -> int:
    return work.epochs if work.part_rows else 1


def variants(works: Sequence[tuple[str, Work, Cluster]], costs: Costs) -> str:
    """The same plan otherwise, a row each."""
    heads = ["otherwise", "jobs", "memory of a job, GB", "moved, TB", "core-hours", "hours"]
    rows = []
    for name, work, cluster in works:
        found = estimate(work, costs, cluster)
        told = (found.job_bytes / 1e9, found.moved_bytes / 1e12, found.core_hours, found.hours)
        rows.append([name, f"{found.jobs:,}", *map(digits, told)])
    return table(heads, rows)


def rcv1(costs: Costs) -> str:
    """The plan for RCV1."""
    work, cluster = plans.RCV1, plans.CLUSTER
    turned = dataclasses.replace(work, rows=work.test_rows, test_rows=work.rows)
    otherwise = [
        ("a shard a topic", dataclasses.replace(work, shards=1), cluster),
        ("ten shards a topic", dataclasses.replace(work, shards=10), cluster),
        ("30,000 test rows at epochs' ends", dataclasses.replace(work, test_rows=30_000), cluster),
        ("trained on the 781,265, measured on the 23,149", turned, cluster),
        ("this machine alone", work, HERE),
    ]
    return f"{steps(work, costs)}\n\n{variants(otherwise, costs)}"


def clicks(costs: Costs) -> str:
    """The plan for the click log."""
    work, cluster = plans.CLICKS, plans.CLUSTER
    otherwise = [
        ("five shards", dataclasses.replace(work, shards=5), cluster),
        ("one shard", dataclasses.replace(work, shards=1), cluster),
        ("parts of 250,000 rows", dataclasses.replace(work, part_rows=250_000), cluster),
        ("this machine alone, were its disk as large", work, HERE),
    ]
    return f"{steps(work, costs)}\n\n{variants(otherwise, costs)}"


def checked(measured: dict[str, Any]) -> str:
    """The plans' arithmetic against jobs that were run."""
    rows = []
    for row in measured["plans"]:
        pairs = [
            f"{digits(row[f'predicted_{name}'])} / {digits(row[name])}"
            for name in ("seconds", "peak_mb", "data_mb")
        ]
        rows.append([row["what"], f"{row['rows']:,}", *pairs])
    return table(
        ["job", "rows", "s of a core, planned / measured", "peak, MB", "data read, MB"], rows
    )


def growth(measured: dict[str, Any]) -> str:
    """A table for each of what grew, and its fits."""
    parts = []
    for key, title in SIZES.items():
        rows = [
            [("*" if row["held_out"] else "") + f"{row['size']:,}",
             *(digits(row[name]) for name in ("seconds", "peak_mb", "data_mb"))]
            for row in measured[key]
        ]  # fmt: skip
        parts.append(table([title, "s", "peak, MB", "data, MB"], rows))
    return "\n\n".join(parts)


def fits(measured: dict[str, Any]) -> str:
    """Exponents, lines, and what they say of the sizes held out."""
    rows = []
    for row in measured["fits"]:
        tried = [
            f"{digits(held['predicted'])} / {digits(held['measured'])}"
            for held in measured["held_out"]
            if (held["what"], held["quantity"]) == (row["what"], row["quantity"])
        ]
        interval = (
            f"{row['exponent']:.2f} ({row['exponent_low']:.2f} to {row['exponent_high']:.2f})"
        )
        line = f"{row['start']:.3g} + {row['per_unit']:.3g} n"
        holds = "nowhere" if row["straight_from"] is None else f"{row['straight_from']:,.0f}"
        if row["quantity"] != "data_mb":
            quantity = row["quantity"].replace("_mb", ", MB")
            rows.append([row["what"], quantity, interval, line, holds, "; ".join(tried)])
    heads = ["against", "of", "exponent (95 %)", "line", f"within {NEAR:.0%} from", "held out"]
    return table(heads, rows)


def blocks_of(measured: dict[str, Any]) -> dict[str, str]:
    """What stands between each pair of marks."""
    return {
        "machine": machine(measured),
        "constants": constants(measured),
        "rcv1": rcv1(plans.document_costs(measured)),
        "clicks": clicks(plans.click_costs(measured)),
        "checked": checked(measured),
        "fits": fits(measured),
        "growth": growth(measured),
    }


def marked(page: str) -> dict[str, str]:
    """What stands between the marks of a page."""
    return {found[2]: found[3] for found in MARKED.finditer(page)}


def written(page: str, blocks: dict[str, str]) -> str:
    """The page with its blocks replaced; KeyError for a mark that nothing is written at."""
    return MARKED.sub(lambda found: f"{found[1]}{blocks[found[2]]}\n<!-- end -->", page)


@click.command()
@click.option(
    "--measured",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path("results/benchmarks/growth.json"),
    show_default=True,
    help="What `python -m benchmarks.growth` wrote.",
)
def main(measured: Path) -> None:
    """Write docs/scaling.md anew from what was measured."""
    read = json.loads(measured.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(written(page, blocks_of(read)), encoding="utf-8")
    click.echo(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
