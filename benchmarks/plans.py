"""The two plans of docs/scaling.md, and how they do on what this machine can run of them."""

from __future__ import annotations

import dataclasses
from typing import Any

from benchmarks.capacity import Cluster, Costs, Work, compute_seconds, data_bytes, job_bytes
from benchmarks.streaming import FEATURES as CLICK_FEATURES
from benchmarks.streaming import FIELDS
from data.rcv1_forms import FEATURES as TERMS
from data.rcv1_forms import TRAINING_ROWS

MEGABYTE = 1e6
TEST_ROWS = 781_265
"""Of RCV1-v2's official split."""

CLUSTER = Cluster(nodes=4, cores=16, memory=64e9, bandwidth=1e9)
"""Assumed, and measured nowhere: four nodes that each read a gigabyte a second."""

RCV1 = Work(
    rows=TRAINING_ROWS, nonzeros=77.7, features=TERMS, topics=103, runs=320, shards=2, epochs=20,
    test_rows=TEST_ROWS,
)  # fmt: skip
"""A block of rates for each of ten seeds: 320 runs a topic, measured at every epoch's end."""

CLICKS = Work(
    rows=10**9, nonzeros=FIELDS, features=CLICK_FEATURES, topics=1, runs=320, shards=10, epochs=1,
    part_rows=10**6,
)  # fmt: skip


def sizes_of(measured: dict[str, Any], stage: str) -> dict[int, dict[str, Any]]:
    """A stage's rows by their size."""
    return {row["size"]: row for row in measured[stage]}


def line_of(measured: dict[str, Any], what: str, quantity: str = "seconds") -> dict[str, float]:
    """One of the fits."""
    return next(
        row for row in measured["fits"] if (row["what"], row["quantity"]) == (what, quantity)
    )


def document_costs(measured: dict[str, Any]) -> Costs:
    """The constants for documents: the slopes of the lines against rows."""
    fitted = [row for row in measured["training_rows"] if not row["held_out"]]
    nonzeros = fitted[-1]["nonzeros"] / fitted[-1]["size"]
    return Costs(
        process_bytes=measured["process"]["peak_mb"] * MEGABYTE,
        start_seconds=measured["process"]["seconds"],
        train_seconds=line_of(measured, "training rows")["per_unit"] / nonzeros,
        measure_seconds=line_of(measured, "test rows")["per_unit"],
    )


def click_costs(measured: dict[str, Any]) -> Costs:
    """The constants for clicks, whose weights are too many for a processor's cache."""
    return Costs(
        process_bytes=measured["process"]["peak_mb"] * MEGABYTE,
        start_seconds=measured["process"]["seconds"],
        train_seconds=line_of(measured, "streamed rows")["per_unit"] / FIELDS,
    )


def checked(measured: dict[str, Any]) -> list[dict[str, Any]]:
    """What the arithmetic says of jobs that were run here, beside what they took.

    None of these sizes is one that the constants were fitted to.
    """
    topic = dataclasses.replace(RCV1, epochs=1, runs=32, shards=1)
    topic = dataclasses.replace(topic, test_rows=measured["one_topic"]["size"])
    topic = dataclasses.replace(topic, rows=measured["one_topic"]["trained"])
    found = [
        ("one topic", topic, document_costs(measured), measured["one_topic"]),
    ]
    for row in measured["streamed_rows"]:
        if row["held_out"]:
            work = dataclasses.replace(
                CLICKS, rows=row["size"], runs=32, shards=1, part_rows=row["part_rows"]
            )
            found.append(("clicks", work, click_costs(measured), row))
    return [
        {
            "what": what,
            "rows": work.rows + work.test_rows,
            "predicted_seconds": compute_seconds(work, costs) - costs.start_seconds,
            "seconds": row["seconds"],
            "predicted_peak_mb": job_bytes(work, costs) / MEGABYTE,
            "peak_mb": row["peak_mb"],
            "predicted_data_mb": data_bytes(work) / MEGABYTE,
            "data_mb": row["data_mb"],
        }
        for what, work, costs, row in found
    ]
