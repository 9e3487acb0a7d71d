"""Why a result file is missing, for a report that shows what there is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

LONGEST = 300
"""Letters of a log's last line that are told."""


def log_of(path: str) -> str:
    """The log of the job that makes a result: results/runs/rcv1/sgd.parquet has logs/runs/..."""
    return Path("logs", *Path(path).parts[1:]).with_suffix(".log").as_posix()


def why_missing(path: str, needed: Iterable[str] = (), shards: Iterable[str] = ()) -> str:
    """Why there is no file at `path`, which is made from `needed`; "" where it and they are there.

    A job that fails leaves no output, and the reason at the end of its log. Where the file is
    joined from `shards`, which are gone once it is, the job is that of the first missing one.
    """
    absent = [name for name in needed if not Path(name).exists()]
    if absent:
        return f"it needs {absent[0]}: {why_missing(absent[0])}"
    if Path(path).exists():
        return ""
    failed = next((name for name in shards if not Path(name).exists()), path)
    log = Path(log_of(failed))
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    told = [line.strip() for line in lines if line.strip()]
    return f"{log.as_posix()} ends: {told[-1][:LONGEST]}" if told else "no job has made it"
