"""Reading arrays out of an .npz file a few rows at a time, and never a pickle."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from numpy.lib import format as npy

from data.problems import BadInput


class NpzArray:
    """One array of an .npz file, read from its beginning on."""

    def __init__(self, path: Path, name: str, file: IO[bytes], size: int) -> None:
        self._path, self._name, self._file, self._size = path, name, file, size
        version = npy.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise BadInput(path, f"array {name} in .npy version {version}", "1.0 or 2.0")
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        self.shape, fortran, self.dtype = read(file)
        if self.dtype.hasobject:
            raise BadInput(path, f"array {name} holds pickled objects", "numbers or text only")
        if fortran and len(self.shape) > 1:
            raise BadInput(path, f"array {name} is stored by columns", "arrays stored by rows")

    def read(self, count: int) -> np.ndarray:
        """The next `count` entries along the first axis; BadInput where there are fewer."""
        shape = (count, *self.shape[1:])
        size = math.prod(shape) * self.dtype.itemsize
        if not 0 <= size <= self._size or self.dtype.itemsize == 0:
            raise BadInput(self._path, f"array {self._name} ends early", f"shape {self.shape}")
        with _readable(self._path):
            content = self._file.read(size)
        if len(content) != size:
            raise BadInput(self._path, f"array {self._name} ends early", f"shape {self.shape}")
        return np.frombuffer(content, dtype=self.dtype).reshape(shape)

    def read_all(self) -> np.ndarray:
        """The whole array; BadInput where the file ends before it does."""
        return self.read(self.shape[0])


class NpzFile:
    """An .npz file whose arrays are opened by name; a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: list[IO[bytes]] = []
        with _readable(path):
            self._archive = zipfile.ZipFile(path)

    def __enter__(self) -> NpzFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._open:
            file.close()
        self._archive.close()

    def array(self, name: str, kinds: str, dimensions: int) -> NpzArray:
        """Open an array of one of numpy's kinds ("i", "f", ...) with that many dimensions.

        Raises BadInput where the file has none of that name, or another one.
        """
        member = f"{name}.npy"
        if member not in self._archive.namelist():
            raise BadInput(self._path, f"no array {name!r}", "the layout in docs/data.md")
        with _readable(self._path):
            file = self._archive.open(member)
            self._open.append(file)
            array = NpzArray(self._path, name, file, self._archive.getinfo(member).file_size)
        if array.dtype.kind not in kinds or len(array.shape) != dimensions:
            found = f"array {name} of {array.dtype} with {len(array.shape)} dimensions"
            raise BadInput(self._path, found, f"kind {' or '.join(kinds)}, {dimensions} dimensions")
        return array


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what zipfile, zlib and numpy raise on a broken file into BadInput."""
    try:
        yield
    except (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise BadInput(path, f"not readable ({error})", "a whole .npz file") from error
