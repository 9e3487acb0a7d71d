"""Writes and reads tidy tables, each with what made it: protocol, scale, versions, machine."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.machine import machine

METADATA = b"regrad"
"""Key of the Parquet schema's metadata under which a table says what made it, as JSON."""

PACKAGES = ("numba", "numpy", "pandas", "scikit-learn", "scipy", "torch")


def metadata(
    protocol: Mapping[str, Any],
    scale: str,
    given: Mapping[str, Any] | None = None,
    code: str = "",
) -> dict[str, Any]:
    """What made a table: its protocol, whether at full or reduced scale, versions and machine.

    `given` is the protocol before it was reduced; "full" says how its reduced keys are there.
    `code` is the version of the sources, as the workflow has it.
    """
    full = {key: (given or {})[key] for key in (given or {}).get("reduced", {})}
    return {
        "protocol": dict(protocol),
        "scale": scale,
        "code": code,
        "full": full if scale == "reduced" else {},
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
        "machine": machine(),
    }


def write_frames(
    frames: Iterable[pd.DataFrame], schema: pa.Schema, path: Path, made_by: Mapping[str, Any]
) -> None:
    """Write the frames as one Parquet file, whole or not at all; an empty table where none is."""
    tables = (pa.Table.from_pandas(frame, schema, False) for frame in frames)
    write_table(pa.concat_tables([schema.empty_table(), *tables]), path, made_by)


def write_table(table: pa.Table, path: Path, made_by: Mapping[str, Any]) -> None:
    """Write a table as a Parquet file, whole or not at all, with what made it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    pq.write_table(table.replace_schema_metadata({METADATA: json.dumps(made_by).encode()}), part)
    part.replace(path)


class BrokenTable(ValueError):
    """A file that is no Parquet table: cut short, or written by something else."""


def read_frame(path: Path) -> pd.DataFrame:
    """The tidy table at `path`; BrokenTable, saying what to do, where the file holds none."""
    with _broken_tables(path):
        return pd.read_parquet(path)


def read_table(path: Path) -> pa.Table:
    """The table at `path` as Arrow has it; BrokenTable where the file holds none."""
    with _broken_tables(path):
        return pq.read_table(path)


def made_by(path: Path) -> dict[str, Any]:
    """What `metadata` said when the table at `path` was written; empty where it says nothing.

    Raises BrokenTable where the file holds no table.
    """
    with _broken_tables(path):
        found = pq.read_schema(path).metadata or {}
    return json.loads(found.get(METADATA, b"{}"))


@contextmanager
def _broken_tables(path: Path) -> Iterator[None]:
    try:
        yield
    except pa.ArrowInvalid as error:
        raise BrokenTable(
            f"{path}: expected a Parquet table, found {path.stat().st_size} bytes that are none "
            f"({str(error).splitlines()[0]}); delete the file and run again to make it anew"
        ) from error
