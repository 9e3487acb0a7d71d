"""The frames that the judge and the worker exchange: JSON header, then raw array bytes.

One frame is `4-byte big-endian header length | header (UTF-8 JSON object) | array bytes`. The
header's `arrays` lists `{"dtype", "shape"}` of the arrays whose little-endian C-order bytes follow.
Nothing is ever unpickled. This file is also bound into the jail beside `worker.py`, so it imports
NumPy and the standard library only and holds nothing that a student may not read.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

DTYPES = ("<f8", "<f4", "<i8", "<i4", "|b1")
MAX_DIMENSIONS = 4
MAX_HEADER_BYTES = 16_384
MAX_FRAMES = 4_096  # many times the cases of any check; a flood of empty frames ends here

Header = dict[str, Any]
Frame = tuple[Header, tuple[np.ndarray, ...]]


class MalformedFrame(ValueError):
    """The bytes on the channel are not a frame; says which rule they broke."""


def encode(header: Header, arrays: Sequence[np.ndarray] = ()) -> bytes:
    """One frame as bytes; every array's dtype must be among `DTYPES`."""
    described = [{"dtype": a.dtype.str, "shape": list(a.shape)} for a in arrays]
    text = json.dumps({**header, "arrays": described}, allow_nan=False).encode()
    body = b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)
    return struct.pack(">I", len(text)) + text + body


class FrameReader:
    """Turns an untrusted stream of bytes into frames, refusing more than `max_bytes` in all."""

    def __init__(self, max_bytes: int, max_header_bytes: int = MAX_HEADER_BYTES) -> None:
        self._pending = bytearray()
        self._room = max_bytes
        self._frames_left = MAX_FRAMES
        self._max_header_bytes = max_header_bytes

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the frames that `chunk` completes.

        Raises:
            MalformedFrame: the stream is too long or does not follow the protocol.
        """
        self._room -= len(chunk)
        if self._room < 0:
            raise MalformedFrame("more bytes than any right answer could need")
        self._pending += chunk
        while (frame := self._take()) is not None:
            self._frames_left -= 1
            if self._frames_left < 0:
                raise MalformedFrame("more frames than any right answer could need")
            yield frame

    def _take(self) -> Frame | None:
        if len(self._pending) < 4:
            return None
        (header_bytes,) = struct.unpack_from(">I", self._pending)
        if header_bytes > self._max_header_bytes:
            raise MalformedFrame(f"a header of {header_bytes} bytes")
        if len(self._pending) < 4 + header_bytes:
            return None
        header = _parse_header(bytes(self._pending[4 : 4 + header_bytes]))
        shapes = [_parse_array(described) for described in header["arrays"]]
        end = 4 + header_bytes + sum(_size(dtype, shape) for dtype, shape in shapes)
        if end - len(self._pending) > self._room:
            raise MalformedFrame("arrays larger than any right answer could need")
        if len(self._pending) < end:
            return None
        arrays, place = [], 4 + header_bytes
        for dtype, shape in shapes:
            raw = bytes(self._pending[place : place + _size(dtype, shape)])
            arrays.append(_array(raw, dtype, shape))
            place += len(raw)
        del self._pending[:end]
        return header, tuple(arrays)


def _parse_header(raw: bytes) -> Header:
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise MalformedFrame("a header that is not JSON") from error
    if not isinstance(header, dict) or not isinstance(header.get("arrays"), list):
        raise MalformedFrame("a header that is not an object with a list of arrays")
    return header


def _parse_array(described: object) -> tuple[str, tuple[int, ...]]:
    if not isinstance(described, dict):
        raise MalformedFrame("an array described by something other than an object")
    dtype, shape = described.get("dtype"), described.get("shape")
    if dtype not in DTYPES:
        raise MalformedFrame("an array of a dtype that is never sent")
    if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise MalformedFrame(f"an array whose shape is not a list of at most {MAX_DIMENSIONS}")
    if not all(type(extent) is int and 0 <= extent < 2**31 for extent in shape):
        raise MalformedFrame("an array whose shape is not made of non-negative integers")
    return dtype, tuple(shape)


def _array(raw: bytes, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    try:
        return np.frombuffer(raw, dtype=dtype).reshape(shape)
    except ValueError as error:  # of no bytes, and still beyond what NumPy can count
        raise MalformedFrame("an array whose shape is too large") from error


def _size(dtype: str, shape: tuple[int, ...]) -> int:
    return np.dtype(dtype).itemsize * math.prod(shape)
