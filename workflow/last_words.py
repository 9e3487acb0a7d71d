"""What failed jobs said last, so that nobody has to look for the log to open."""

from __future__ import annotations

import re
from pathlib import Path

LINES = 15
"""Last lines that are shown of a log."""
LOGS = 8
"""Logs that are shown; of further ones only the names."""

_OF_FAILED = re.compile(r"^ *log: (.+) \(check log file\(s\) for error details\)$", re.MULTILINE)


def logs_of_failed(said: str) -> list[str]:
    """The logs that Snakemake names where a job failed, each once, the last named first."""
    named = [name for logs in _OF_FAILED.findall(said) for name in logs.split(", ")]
    return list(dict.fromkeys(reversed(named)))


def last_words(said: str, folder: Path = Path()) -> str:
    """The last lines of the failed jobs' logs, which `said`, the text of Snakemake's own, names.

    Logs that are empty or not there are left out. Relative names are below `folder`.
    """
    words = {name: _end_of(folder / name) for name in logs_of_failed(said)}
    spoken = {name: end for name, end in words.items() if end}
    shown = [f"{name}, its last lines:\n{end}" for name, end in list(spoken.items())[:LOGS]]
    more = list(spoken)[LOGS:]
    return "\n\n".join([*shown, *([f"and {len(more)} more: {', '.join(more)}"] if more else [])])


def _end_of(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
    except OSError:
        return ""
    left_out = [f"  ... ({len(lines) - LINES} lines before)"] if len(lines) > LINES else []
    return "\n".join(left_out + [f"  {line}" for line in lines[-LINES:]])
