"""What can go wrong with data, as exceptions whose message a person can act on."""

from __future__ import annotations

import errno
from pathlib import Path


class DataProblem(Exception):
    """Data could not be had, read or stored; the message says what to do about it."""


class SourceProblem(DataProblem):
    """One source failed; another one may still work, so the search goes on."""


class WrongHash(SourceProblem):
    """A file is not the file the registry knows under its name; the message has both hashes."""


class BadInput(DataProblem):
    """A file was read and its content is not what its format allows."""

    def __init__(self, path: Path, found: str, expected: str, line: int | None = None) -> None:
        where = str(path) if line is None else f"{path}, line {line}"
        super().__init__(f"{where}: {found}; expected {expected}")


def explain_write_error(error: OSError, folder: Path, remedy: str) -> DataProblem:
    """The problem behind an OSError met while writing below `folder`, and what to do about it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DataProblem(f"{folder}: the disk is full; free some space, or {remedy}")
    return DataProblem(f"{folder}: cannot be written ({error.strerror}); {remedy}")
