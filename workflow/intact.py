"""Keeps results as the runs left them: what a fault or a hand changed since is made anew.

Snakemake looks at times only: a result that was cut short, or edited, passes for a good one. So
each run remembers the digests of the results it leaves, and the next one compares.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MARGIN = 2.0
"""Seconds by which clocks of a shared file system may differ."""


def broken_results(outputs: Iterable[Path], memory: Path) -> dict[Path, str]:
    """Outputs (files or folders) that are not as the last run left them, with what is wrong.

    A run that was killed remembers nothing of its own outputs: these are only looked over.
    """
    remembered = _read(memory)
    digests: dict[str, str] = remembered.get("digests", {})
    open_since = remembered.get("open")
    broken = {}
    for output in outputs:
        files = _files(output)
        lost = [name for name in digests if _within(output, name) and not Path(name).exists()]
        if files and lost:
            broken[output] = f"{lost[0]} is gone"
        for path in files:
            if reason := _wrong(path, digests.get(str(path)), open_since):
                broken[output] = f"{path} {reason}"
    return broken


def _wrong(path: Path, digest: str | None, open_since: float | None) -> str:
    """What is wrong with a file; "" for nothing."""
    if digest is not None and digest == _digest(path):
        return ""
    made_by_killed_run = open_since is not None and path.stat().st_mtime >= open_since - MARGIN
    if digest is not None and not made_by_killed_run:
        return "was changed since the run that made it"
    return "" if _looks_whole(path) else "was cut short"


def _looks_whole(path: Path) -> bool:
    if path.suffix == ".parquet":
        content = path.read_bytes()
        return len(content) > 12 and content[:4] == content[-4:] == b"PAR1"
    if path.suffix == ".json":
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            return False
    return True


def open_memory(memory: Path) -> None:
    """Remember that a run has begun, whose outputs are not remembered yet."""
    _write(memory, _read(memory) | {"open": time.time()})


def remember(outputs: Iterable[Path], memory: Path) -> None:
    """Remember the digests of the outputs as they are, at the end of a run."""
    files = [path for output in outputs for path in _files(output)]
    _write(memory, {"open": None, "digests": {str(path): _digest(path) for path in files}})


def remove(output: Path) -> None:
    """Remove an output, file or folder, so that it is made anew."""
    if output.is_dir():
        shutil.rmtree(output)
    else:
        output.unlink()


def _files(output: Path) -> list[Path]:
    if output.is_dir():
        return sorted(path for path in output.rglob("*") if path.is_file())
    return [output] if output.is_file() else []


def _within(output: Path, name: str) -> bool:
    return output in Path(name).parents


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(memory: Path) -> dict[str, Any]:
    try:
        return json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # the first run here, or a memory that was cut short: nothing is known


def _write(memory: Path, content: dict[str, Any]) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    part = memory.with_name(memory.name + ".part")
    part.write_text(json.dumps(content, indent=0), encoding="utf-8")
    part.replace(memory)
