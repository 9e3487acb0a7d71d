"""Reading IDX files, the format of MNIST and its relatives, from gzip.

The format: two zero bytes, a type byte (8: unsigned bytes), the number of dimensions, each
dimension as a big-endian 32-bit number, then the entries.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from data.problems import BadInput

_LARGEST = 1 << 30  # bytes; a header that promises more is not one of these datasets


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Read a gzip-compressed IDX file of unsigned bytes with that many dimensions.

    Raises BadInput where the gzip stream or the header is broken, or where there are fewer or more
    bytes than the header says.
    """
    try:
        with gzip.open(path, "rb") as file:
            header = file.read(4 + 4 * dimensions)
            shape = _shape(path, header, dimensions)
            size = int(np.prod(shape, dtype=np.int64))
            content = file.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(path, f"broken gzip ({error})", "a complete .gz file") from error
    if len(content) != size:
        found = "more" if len(content) > size else f"{len(content)}"
        raise BadInput(path, f"{found} bytes after the header", f"{size}")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


def _shape(path: Path, header: bytes, dimensions: int) -> tuple[int, ...]:
    expected = bytes((0, 0, 8, dimensions))
    if len(header) < 4 + 4 * dimensions or header[:4] != expected:
        raise BadInput(
            path, f"the header {header[:4].hex(' ')}", f"{expected.hex(' ')} and {dimensions} sizes"
        )
    shape = struct.unpack(f">{dimensions}I", header[4:])
    if 0 in shape or np.prod(shape, dtype=np.float64) > _LARGEST:
        raise BadInput(path, f"sizes {shape}", f"sizes above zero, {_LARGEST} bytes at most")
    return shape
