"""A submission, frozen: copied out of the student's reach and hashed before anything is drawn."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import stat
from pathlib import Path

MAX_FILES = 200
MAX_BYTES = 20 * 2**20


class BadSubmission(ValueError):
    """What was handed in cannot be taken; says what is wrong with it and what to do."""


@dataclasses.dataclass(frozen=True)
class Submission:
    """A frozen copy: a name fit for files and pages, where the copy is, and its SHA-256."""

    id: str
    folder: Path
    sha256: str


def freeze(source: Path, destination: Path) -> Submission:
    """Copy a folder or a single .py file to `destination` (made here), regular files only.

    A single file becomes `submission.py`. Links are not followed: what a link points to is not part
    of the submission. The hash covers every path and every byte.

    Raises:
        BadSubmission: nothing is there, it holds links or devices, or it is too large.
    """
    if source.is_symlink() or not source.exists():
        raise BadSubmission(f"{source}: there is no such file or folder")
    if source.is_dir():
        files = _regular_files(source)
    elif source.suffix == ".py":
        files = {"submission.py": source}
    else:
        raise BadSubmission(f"{source}: expected a folder or a .py file")
    digest, room = hashlib.sha256(), MAX_BYTES
    _make_readable(destination)
    for name, path in sorted(files.items()):
        content = _read(path, room)
        room -= len(content)
        digest.update(f"{len(name.encode())}:{len(content)}:".encode() + name.encode() + content)
        target = destination / name
        for parent in reversed(Path(name).parents):
            _make_readable(destination / parent)
        target.write_bytes(content)
        target.chmod(0o644)
    return Submission(identifier(source), destination, digest.hexdigest())


def identifier(source: Path) -> str:
    """A submission's name from its path, made safe: letters, digits, dot, dash and underscore."""
    resolved = source.resolve()
    name = resolved.stem if resolved.suffix == ".py" else resolved.name
    return re.sub(r"[^\w.-]", "_", name)[:80].lstrip(".-") or "unnamed"


def _regular_files(folder: Path) -> dict[str, Path]:
    """Every regular file below the folder, by its path in it."""
    files: dict[str, Path] = {}
    for place, folders, found in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in ("__pycache__", ".git"))
        for name in (*folders, *found):
            path = Path(place, name)
            relative = path.relative_to(folder).as_posix()
            kind = path.lstat().st_mode
            if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
                raise BadSubmission(
                    f"{relative!r} is a link or a device; a submission is made of plain files"
                )
            if stat.S_ISREG(kind):
                files[_printable(relative)] = path
        if len(files) > MAX_FILES:
            raise BadSubmission(f"more than {MAX_FILES} files; hand in your own code only")
    return files


def _printable(name: str) -> str:
    if not name.isprintable():
        raise BadSubmission(f"{name!a}: a file name that is not printable text")
    return name


def _make_readable(folder: Path) -> None:
    """Make a folder that the jail's own user can enter, whatever the grader's umask is."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)


def _read(path: Path, room: int) -> bytes:
    """The bytes of one file, opened without following a link put in its place meanwhile."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(room + 1)
    if len(content) > room:
        raise BadSubmission(
            f"more than {MAX_BYTES // 2**20} MiB in all; hand in your own code only"
        )
    return content
