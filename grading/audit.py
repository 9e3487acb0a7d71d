"""The audit log: who was graded, with which code, seeds and assignment; each line seals the last.

One JSON object a line. `hash` is the SHA-256 of the line without it, `previous` the hash of the
line before (of 64 zeros in the first): changing, removing or swapping lines breaks the chain. What
the chain cannot show is that its end was cut off, or that all of it was written anew; for that,
note down the number of lines and the last hash, which verifying prints.
"""

from __future__ import annotations

import dataclasses
import datetime
import fcntl
import hashlib
import json
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grading.class_results import StudentResult

ROOT = Path(__file__).parent.parent
BEGINNING = "0" * 64
# What decides a score: the grader, the rules it compares with, and the checker of proofs.
GRADER_ROOMS = ("grading", "optim", "proofs")


class BrokenLog(ValueError):
    """The log is not as it was written; says which line, and what is wrong with it."""


@dataclasses.dataclass(frozen=True)
class Verified:
    """A log whose chain holds: how many lines, and the hash of the last."""

    lines: int
    last: str


def grader_version() -> str:
    """The project's version and a digest of the code and assignments that scores come from."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    digest = hashlib.sha256()
    files = [path for room in GRADER_ROOMS for path in (ROOT / room).rglob("*")]
    for path in sorted(path for path in files if path.suffix in (".py", ".yaml")):
        content = path.read_bytes()
        name = str(path.relative_to(ROOT))
        digest.update(f"{len(name)}:{len(content)}:{name}".encode() + content)
    return f"{project['version']}+{digest.hexdigest()[:16]}"


def append(log: Path, results: Sequence[StudentResult], grader: str) -> int:
    """Add a line for every result that is not the last one logged of its student; how many.

    Safe to be called by jobs side by side: the file is locked from its reading to its end on disk.

    Raises:
        BrokenLog: the log was changed since it was written; nothing is added to it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        content = file.read()
        # A line without its end was being written when the machine stopped: it is written anew.
        whole = content[: content.rfind(b"\n") + 1]
        entries = _entries(whole, log)
        if whole != content:
            file.truncate(len(whole))
        logged = {entry["student"]: entry["results_sha256"] for entry in entries}
        previous, number = entries[-1]["hash"] if entries else BEGINNING, len(entries)
        lines = []
        for result in results:
            if logged.get(result.id) != result.file_sha256:
                number += 1
                entry = _entry(result, grader, number, previous)
                previous = entry["hash"]
                lines.append(_line(entry))
        file.write(b"".join(lines))
        file.flush()
        os.fsync(file.fileno())
    return len(lines)


def verify(log: Path) -> Verified:
    """Recompute the whole chain.

    Raises:
        BrokenLog: the first line at which it breaks, and how.
    """
    entries = _entries(log.read_bytes(), log)
    return Verified(len(entries), entries[-1]["hash"] if entries else BEGINNING)


def _entry(result: StudentResult, grader: str, number: int, previous: str) -> dict[str, Any]:
    graded = datetime.datetime.fromtimestamp(result.path.stat().st_mtime, datetime.UTC)
    entry = {
        "number": number,
        "previous": previous,
        "recorded": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "graded": graded.isoformat(timespec="seconds"),
        "student": result.id,
        "submission_sha256": result.sha256,
        "assignment": result.assignment,
        "assignment_version": result.assignment_version,
        "seeds": {check.id: check.seed for check in result.checks},
        "status": result.status,
        "isolation": result.isolation,
        "score": result.score,
        "max_score": result.max_score,
        "results_sha256": result.file_sha256,
        "grader": grader,
    }
    return {**entry, "hash": _hash(entry)}


def _hash(entry: dict[str, Any]) -> str:
    sealed = {key: value for key, value in entry.items() if key != "hash"}
    text = json.dumps(sealed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _entries(content: bytes, log: Path) -> list[dict[str, Any]]:
    """The log's entries, once every one of them has been found whole and in its place."""
    entries: list[dict[str, Any]] = []
    lines = content.split(b"\n")
    last = lines.pop()
    for number, line in enumerate(lines, 1):
        previous = entries[-1]["hash"] if entries else BEGINNING
        reason = ""
        entry: dict[str, Any] = {}
        try:
            entry = json.loads(line)
            if entry["hash"] != _hash(entry):
                reason = "its content is not what was sealed"
            elif entry["previous"] != previous or entry["number"] != number:
                reason = "it does not follow the line before: a line was removed, added or moved"
        except (ValueError, KeyError, TypeError) as error:
            reason = f"it is no entry ({type(error).__name__})"
        if reason:
            raise BrokenLog(f"{log}, line {number}: {reason}")
        entries.append(entry)
    if last:
        raise BrokenLog(f"{log}, line {len(lines) + 1}: it was not written to its end")
    return entries
