"""What `make bench` measured, as tables: every bench by its file, its numbers by their keys."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from reports.language import N_, how
from reports.number import Numbers, number, slug
from reports.results import Results
from reports.run_numbers import is_number

MOST_ROWS = 60
"""Rows of a bench's table that the report shows; all are in its file."""


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a bench's file: its key ("" for the file itself), its caption, the keys shown.

    only: of a list the rows with one of the values for a key; none for all.
    """

    key: str
    caption: str
    shown: tuple[str, ...] = ()
    only: Mapping[str, tuple[int, ...]] = dataclasses.field(default_factory=dict)


GROWING = ("size", "held_out", "seconds", "peak_mb", "data_mb")

BENCHMARKS: Mapping[str, tuple[str, tuple[Part, ...]]] = {
    "linear_engine": (
        N_("The linear engine beside its rivals"),
        (
            Part("targets", N_("Ratios that were aimed at, and what was measured."),
                 ("what", "measured", "at_least", "at_most", "reached")),
            Part("rules", N_("Training RCV1, by rule and by runs together."),
                 ("rule", "runs", "seconds_a_run", "run_steps_a_second"), {"runs": (1, 32)}),
            Part("rivals", N_("The rivals, in seconds a run.")),
            Part("memory_mb", N_("Peak memory in megabytes, by runs together.")),
        ),
    ),
    "data_scaling": (
        N_("Documents converted, opened, read and trained on"),
        (
            Part("table", N_("Seconds and peak memory, by documents."),
                 ("rows", "convert seconds", "convert peak_mb", "read seconds", "read peak_mb",
                  "train epoch_seconds", "train peak_mb")),
        ),
    ),
    "grading": (N_("Grading a class"), (Part("", N_("A class graded, undisturbed and killed.")),)),
    "growth": (
        N_("Growth with rows, runs, topics and students"),
        (
            Part("training_rows", N_("An epoch of 32 runs, by training rows."), GROWING),
            Part("test_rows", N_("Measuring 32 runs once, by test rows."), GROWING),
            Part("documents_prepared", N_("Preparing documents, by their number."), GROWING),
            Part("runs", N_("An epoch over the training rows, by runs."), GROWING),
            Part("topics", N_("Preparing and an epoch of 32 runs, by topics."), GROWING),
            Part("streamed_rows", N_("An epoch of 32 runs over streamed clicks, by rows."),
                 GROWING),
            Part("students", N_("Grading honest submissions on two cores, by students."), GROWING),
            Part("fits", N_("Exponents with 95 % intervals, straight lines, and where they hold."),
                 ("what", "quantity", "exponent", "exponent_low", "exponent_high", "start",
                  "per_unit", "straight_from")),
            Part("plans", N_("Plans against jobs that were run."),
                 ("what", "rows", "predicted_seconds", "seconds", "predicted_peak_mb", "peak_mb",
                  "predicted_data_mb", "data_mb")),
        ),
    ),
}  # fmt: skip

NOT_SHOWN = ("machine", "quick", "benchmark")


def of_benchmarks(results: Results) -> Numbers:
    """Every number of the tables on benches."""
    numbers: Numbers = {}
    for bench, (_, parts) in BENCHMARKS.items():
        read = results.benchmarks.get(bench)
        if not isinstance(read, dict):
            continue
        for part in parts:
            for at, row in enumerate(rows_of(read, part)):
                for key, value in row.items():
                    if is_number(value):
                        numbers[name_of(bench, part, at, key)] = number(
                            value, _unit(key), f"results/benchmarks/{bench}.json",
                            how("measured by the bench {bench}: {key}",
                                bench=bench, key=key.replace("_", " ")),
                        )  # fmt: skip
    return numbers


def _unit(key: str) -> str:
    return "s" if "seconds" in key else ""


def name_of(bench: str, part: Part, at: int, key: str) -> str:
    """The name of a cell's number."""
    return f"benchmark.{slug(bench)}.{slug(part.key or 'all')}.{at}.{slug(key)}"


def rows_of(read: dict[str, Any], part: Part) -> list[dict[str, Any]]:
    """The part's rows: of a list its objects, of an object a row a key; nested keys joined."""
    found = read.get(part.key) if part.key else read
    if isinstance(found, dict):
        found = [{"what": key.replace("_", " "), "measured": value}
                 for key, value in _flat(found).items()]  # fmt: skip
    if not isinstance(found, list):
        return []
    rows = [_flat(row) for row in found if isinstance(row, dict)]
    rows = [r for r in rows if all(r.get(key) in values for key, values in part.only.items())]
    rows = rows[:MOST_ROWS]
    if part.shown:
        rows = [{key: row.get(key) for key in part.shown} for row in rows]
    return rows


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Nested objects as keys of several words, except what is left out."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if key in NOT_SHOWN:
            continue
        if isinstance(value, dict):
            found |= {f"{key} {inner}": each for inner, each in _flat(value).items()}
        elif not isinstance(value, list):
            found[key] = value
    return found
