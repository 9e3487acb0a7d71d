"""Reading big text files, plain or compressed, a few whole lines at a time."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from data.problems import BadInput

_BLOCK = 1 << 22  # bytes of text read at once
_LONGEST_LINE = 1 << 24


@dataclass(frozen=True)
class Lines:
    """Whole lines of a file, and the 1-based number of the first of them."""

    text: bytes
    first: int


def read_lines(path: Path) -> Iterator[Lines]:
    """Yield the file's lines in blocks; gzip and bzip2 are told by their first bytes.

    A byte order mark, which Windows' editors put before the first line, is skipped.

    Raises BadInput where the file is empty, compressed and broken, or has a line over 16 MB.
    """
    number = 1
    try:
        with _opened(path) as file:
            if file.peek(3)[:3] == codecs.BOM_UTF8:
                file.read(3)
            while text := file.read(_BLOCK):
                text += _rest_of_line(path, file, number + text.count(b"\n"))
                yield Lines(text, number)
                number += text.count(b"\n")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(path, f"broken compression ({error})", "a whole file") from error
    except OSError as error:
        # bz2 reports broken data as an OSError without a number.
        expected = "a readable file" if error.errno else "a whole file"
        raise BadInput(path, f"not readable ({error})", expected) from error
    if number == 1:
        raise BadInput(path, "an empty file", "at least one line")


def _opened(path: Path) -> io.BufferedReader:
    with path.open("rb") as file:
        magic = file.read(3)
    if magic[:2] == b"\x1f\x8b":
        return io.BufferedReader(gzip.open(path, "rb"))
    if magic == b"BZh":
        return io.BufferedReader(bz2.open(path, "rb"))
    return path.open("rb")


def _rest_of_line(path: Path, file: IO[bytes], line: int) -> bytes:
    rest = file.readline(_LONGEST_LINE)
    if len(rest) == _LONGEST_LINE:
        raise BadInput(path, "a line without end", f"lines under {_LONGEST_LINE} bytes", line)
    return rest if rest.endswith(b"\n") else rest + b"\n"
