"""Which languages there are: those whose catalogues stand in a room's `locale` folder."""

from __future__ import annotations

from pathlib import Path

ENGLISH = "en"
"""What everything is written in, and what stays where nothing is translated."""


def languages(folder: Path, *endings: str) -> tuple[str, ...]:
    """English, and each language with a catalogue of every ending: `vi` by `vi.po` for ".po"."""
    codes = {path.name.partition(".")[0] for path in folder.glob("*.po")}
    there = [
        code for code in sorted(codes) if all((folder / (code + end)).is_file() for end in endings)
    ]
    return (ENGLISH, *there)
