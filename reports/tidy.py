"""The tidy tables of runs and of analyses, read and checked; each says its size."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from reports.language import how

RUN_TEXT = (
    "experiment", "dataset", "optimizer", "variant", "hyperparameters", "metric", "device",
)  # fmt: skip
RUN_COLUMNS = (*RUN_TEXT, "seed", "epoch", "step", "value", "seconds", "batch")
RUN_KEY = ("dataset", "optimizer", "variant", "hyperparameters", "seed", "metric", "step")
SERIES_TEXT = ("analysis", "figure", "series", "x_name", "label", "metric", "unit")
SERIES_COLUMNS = (*SERIES_TEXT, "x", "value")
_MADE_BY = b"regrad"
"""Key of the Parquet metadata under which a table says what made it, as JSON."""


@dataclasses.dataclass(frozen=True)
class Missing:
    """A result that is not there. `reason` is shown in its place."""

    reason: str


@dataclasses.dataclass(frozen=True)
class Size:
    """Whether a table was made at reduced size.

    here, full: the keys of its protocol that were reduced, as they were and as they are in full.
    """

    reduced: bool = False
    here: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    full: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class RunTable:
    """The runs of one experiment and one optimizer; `source` is relative to the results."""

    source: str
    rows: pd.DataFrame
    size: Size = Size()


@dataclasses.dataclass(frozen=True)
class SeriesTable:
    """The points of one analysis; `source` is relative to the results."""

    source: str
    rows: pd.DataFrame
    size: Size = Size()


def read_runs(root: Path, path: Path) -> RunTable | Missing:
    """One table of runs, its columns checked."""
    source = path.relative_to(root).as_posix()
    read = _read(path, source, RUN_COLUMNS, RUN_TEXT)
    if isinstance(read, Missing):
        return read
    rows, size = read
    if rows.duplicated(list(RUN_KEY)).any():
        keys = ", ".join(RUN_KEY)
        return Missing(how("results/{name} measures the same {keys} twice", name=source, keys=keys))
    odd = [text for text in rows["hyperparameters"].unique() if not _is_object(text)]
    if odd:
        reason = how(
            "results/{name} has hyper-parameters that are no JSON object: '{given}'",
            name=source, given=odd[0],
        )  # fmt: skip
        return Missing(reason)
    return RunTable(source, rows, size)


def read_series(root: Path, path: Path) -> SeriesTable | Missing:
    """One table of an analysis, its columns checked."""
    source = path.relative_to(root).as_posix()
    read = _read(path, source, SERIES_COLUMNS, SERIES_TEXT)
    return read if isinstance(read, Missing) else SeriesTable(source, *read)


def _read(
    path: Path, source: str, columns: tuple[str, ...], text: tuple[str, ...]
) -> tuple[pd.DataFrame, Size] | Missing:
    """Rows, with text as categories since it repeats, and size."""
    if not path.exists():
        return Missing(how("results/{name} does not exist", name=source))
    try:
        table = pq.read_table(path, read_dictionary=list(text))
    except (OSError, pa.ArrowException) as problem:
        reason = how(
            "results/{name} is not readable as Parquet ({problem})",
            name=source, problem=type(problem).__name__,
        )  # fmt: skip
        return Missing(reason)
    absent = [column for column in columns if column not in table.column_names]
    if absent:
        lost = ", ".join(absent)
        return Missing(how("results/{name} lacks the column {columns}", name=source, columns=lost))
    if not table.num_rows:
        return Missing(how("results/{name} holds no row", name=source))
    return table.to_pandas(), _size(table.schema.metadata or {})


def _size(metadata: Mapping[bytes, bytes]) -> Size:
    try:
        made_by = json.loads(metadata.get(_MADE_BY, b"{}"))
    except json.JSONDecodeError:
        made_by = {}
    protocol, full = made_by.get("protocol", {}), made_by.get("full", {})
    return Size(made_by.get("scale") == "reduced", protocol, full)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (json.JSONDecodeError, TypeError):
        return False
