"""Result files as measures read them, each read once however many claims ask for it."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pandas as pd

from claims.measure import MissingResult, require


def run_table(results: Path, experiment: str, optimizer: str) -> pd.DataFrame:
    """The run table of one experiment and optimizer; MissingResult where there is none."""
    name = f"runs/{experiment}/{optimizer}.parquet"
    path = require(results / name, f"snakemake --cores all results/{name}")
    return _table(path, path.stat().st_mtime_ns)


def run_rows(
    results: Path, experiment: str, optimizer: str, variant: str, metric: str
) -> pd.DataFrame:
    """Rows of one metric of one optimizer's variant, in order of seed and step.

    Raises MissingResult where the table, or such rows of it, are not there.
    """
    table = run_table(results, experiment, optimizer)
    chosen = table[(table.variant == variant) & (table.metric == metric)]
    if chosen.empty:
        known = ", ".join(sorted({f"{v!r}" for v in table.variant}))
        metrics = ", ".join(sorted({f"{m!r}" for m in table.metric}))
        raise MissingResult(
            f"runs/{experiment}/{optimizer}.parquet has no {metric!r} of the variant {variant!r}; "
            f"it has the variants {known} and the metrics {metrics}"
        )
    return chosen.sort_values(["seed", "step"])


def series_rows(
    results: Path, analysis: str, figure: str, series: str, metric: str
) -> pd.DataFrame:
    """Rows of one metric along one series of an analysis' figure, in the table's order.

    Raises MissingResult where the table, or such rows of it, are not there.
    """
    name = f"analyses/{analysis}.parquet"
    path = require(results / name, f"snakemake --cores all results/{name}")
    table = _table(path, path.stat().st_mtime_ns)
    wanted = {"figure": figure, "series": series, "metric": metric}
    for column, value in wanted.items():
        found = table[table[column] == value]
        if found.empty:
            known = ", ".join(repr(name) for name in table[column].unique())
            raise MissingResult(f"{path} has no {column} {value!r} of {wanted}; it has {known}")
        table = found
    return table


def json_file(results: Path, name: str) -> Any:
    """The value of a JSON result file; MissingResult where it is not there."""
    path = require(results / name, f"snakemake --cores all results/{name}")
    return _json(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _table(path: Path, _changed: int) -> pd.DataFrame:
    return pd.read_parquet(path)


@functools.lru_cache(maxsize=64)
def _json(path: Path, _changed: int) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
