"""A folder of submissions: which entries are submissions, and which are named and left alone."""

from __future__ import annotations

from pathlib import Path

from grading.submission import identifier
from grading.unpack import READERS

# What the class's own files are called; they stand beside the students' folders.
RESERVED = frozenset(
    {
        "audit.jsonl",
        "audit.txt",
        "canvas.csv",
        "class.html",
        "gradebook.csv",
        "history.json",
        "moodle.csv",
        "similarity.json",
    }
)


class TwiceTheSame(ValueError):
    """Two entries are of one student; says which."""


def submissions_in(folder: Path) -> tuple[dict[str, Path], tuple[str, ...]]:
    """The submissions of a folder by identifier, and a warning for every other entry.

    Raises:
        TwiceTheSame: two entries have the same identifier.
    """
    found: dict[str, Path] = {}
    warnings: list[str] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        reason = _why_not(path)
        if reason:
            warnings.append(f"{path}: not graded: {reason}")
            continue
        name = identifier(path)
        name = f"{name}_" if name in RESERVED else name
        if name in found:
            raise TwiceTheSame(f"{found[name]} and {path} are both of the student {name!r}")
        found[name] = path
    return found, tuple(warnings)


def _why_not(path: Path) -> str:
    """Why an entry is no submission, or ""; a link is one, and is refused with the reason."""
    if path.name.startswith("."):
        return "its name begins with a dot; rename it if a student handed it in"
    if path.is_dir() or path.is_symlink() or path.name.lower().endswith(tuple(READERS)):
        return ""
    return f"it is neither a folder nor one of {', '.join(READERS)}"
