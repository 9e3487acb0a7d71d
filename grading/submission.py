"""A submission, frozen: copied out of the student's reach and hashed before anything is drawn."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import unicodedata
from pathlib import Path, PurePosixPath

from grading.unpack import READERS, read_files

# File systems take 255, and names of results have an ending behind the submission's.
MOST_NAME_BYTES = 200
# Snakemake takes a name that ends so for one that grew without end, and stops the whole class.
REPEATED = re.compile(r"(.+)\1{19}$")


@dataclasses.dataclass(frozen=True)
class Submission:
    """A frozen copy: a name fit for files and pages, where the copy is, its SHA-256 and files."""

    id: str
    folder: Path
    sha256: str
    files: tuple[str, ...] = ()


def freeze(source: Path, destination: Path) -> Submission:
    """Write the files of a submission, in whatever it comes, to `destination` (made here).

    The hash covers every path and every byte, and not how they were packed.

    Raises:
        BadSubmission: it cannot be taken.
    """
    files = read_files(source)
    digest = hashlib.sha256()
    _make_readable(destination)
    for name, content in sorted(files.items()):
        digest.update(f"{len(name.encode())}:{len(content)}:".encode() + name.encode() + content)
        for parent in reversed(PurePosixPath(name).parents):
            _make_readable(destination / parent)
        target = destination / name
        target.write_bytes(content)
        target.chmod(0o644)
    return Submission(identifier(source), destination, digest.hexdigest(), tuple(sorted(files)))


def identifier(source: Path) -> str:
    """A submission's name from its path, made safe."""
    # A link has its own name, wherever it leads; "." has that of its folder.
    return safe_name(source.name if source.is_symlink() else source.resolve().name)


def safe_name(name: str) -> str:
    """A name with letters, digits, dot, dash and underscore, and without a submission's suffix.

    Composed, since some systems write an accent as a letter of its own.
    """
    name = unicodedata.normalize("NFC", name)
    suffixes = [suffix for suffix in READERS if name.lower().endswith(suffix)]
    plain = name[: -len(max(suffixes, key=len))] if suffixes else name
    safe = re.sub(r"[^\w.-]", "_", plain)[:80]
    short = safe.encode()[:MOST_NAME_BYTES].decode(errors="ignore").lstrip(".-") or "unnamed"
    digest = hashlib.sha256(short.encode()).hexdigest()[:6]
    return f"{short}_{digest}" if REPEATED.search(short) else short


def _make_readable(folder: Path) -> None:
    """Make a folder that the jail's own user can enter, whatever the grader's umask is."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
