"""Writing prepared arrays block by block, so that memory never depends on the number of rows.

Everything is written into `FOLDER/.writing` and moved into place file by file once complete; the
provenance goes last, so a folder with a provenance is whole and a killed run leaves none.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np
from numpy.lib import format as npy

from data.blocks import Block
from data.prepared import PROVENANCE, ROW_ARRAYS, array_file
from data.problems import explain_write_error

_REMEDY = "choose another output folder"


class GrowingArray:
    """An .npy file that grows along its first axis; its header is set right on closing."""

    def __init__(self, path: Path, dtype: type, inner: tuple[int, ...] = ()) -> None:
        self._file = path.open("w+b")
        self._dtype = np.dtype(dtype)
        self._inner = inner
        self.length = 0
        self._write_header()

    def append(self, block: np.ndarray) -> None:
        """Append a block of shape [n, *inner]; it is converted to the array's type.

        Raises ValueError where its rows are of another shape, OSError where the disk is full.
        """
        block = np.ascontiguousarray(block, dtype=self._dtype)
        if block.shape[1:] != self._inner:
            raise ValueError(f"a block of shape {block.shape} cannot extend [n, {self._inner}]")
        # `write` and not `tofile`: the latter turns a full disk into a message without a reason.
        self._file.write(block.data)
        self.length += len(block)

    def close(self) -> None:
        """Write the length into the header, and close the file."""
        try:
            self._file.seek(0)
            self._write_header()
        finally:
            self._file.close()

    def _write_header(self) -> None:
        # numpy pads a header for growth of the first axis, so a later one has the same size.
        shape = (self.length, *self._inner)
        header = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(self._file, header)


class RowsWriter:
    """Writes one split of CSR rows."""

    def __init__(self, folder: Path, split: str, features: int) -> None:
        self.features = features
        self._arrays = {
            name: GrowingArray(array_file(folder, split, name), dtype)
            for name, dtype in ROW_ARRAYS.items()
        }
        self._arrays["indptr"].append(np.zeros(1, dtype=np.int64))

    @property
    def rows(self) -> int:
        """How many rows were appended so far."""
        return self._arrays["labels"].length

    @property
    def nonzeros(self) -> int:
        """How many values were appended so far."""
        return self._arrays["values"].length

    def append(self, block: Block, labels: np.ndarray) -> None:
        """Append a block of rows and their labels [n]."""
        before = self.nonzeros
        self._arrays["indptr"].append(block.indptr[1:] + before)
        self._arrays["indices"].append(block.indices)
        self._arrays["values"].append(block.values)
        self._arrays["labels"].append(labels)

    def close(self) -> None:
        """Close the split's arrays; needed before they can be read."""
        for array in self._arrays.values():
            array.close()


class ImagesWriter:
    """Writes one split of images; `nonzeros` counts the pixels that are not black."""

    def __init__(self, folder: Path, split: str, height: int, width: int) -> None:
        self.features = height * width
        self.nonzeros = 0
        self._pixels = GrowingArray(array_file(folder, split, "pixels"), np.uint8, (height, width))
        self._labels = GrowingArray(array_file(folder, split, "labels"), np.uint8)

    @property
    def rows(self) -> int:
        """How many images were appended so far."""
        return self._labels.length

    def append(self, pixels: np.ndarray, labels: np.ndarray) -> None:
        """Append uint8 images [n, height, width] and their classes [n]."""
        self._pixels.append(pixels)
        self._labels.append(labels)
        self.nonzeros += int(np.count_nonzero(pixels))

    def close(self) -> None:
        """Close the split's arrays; needed before they can be read."""
        self._pixels.close()
        self._labels.close()


class PreparedWriter:
    """Writes one prepared dataset: open splits, append to them, then `complete` and `publish`.

    As a context manager it removes what was not published.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._draft = folder / ".writing"
        self._splits: dict[str, RowsWriter | ImagesWriter] = {}

    def __enter__(self) -> PreparedWriter:
        shutil.rmtree(self._draft, ignore_errors=True)
        try:
            self._draft.mkdir(parents=True)
        except OSError as error:
            raise explain_write_error(error, self.folder, _REMEDY) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for writer in self._splits.values():
            with suppress(OSError):  # a full disk may refuse even the last header
                writer.close()
        shutil.rmtree(self._draft, ignore_errors=True)
        if isinstance(error, OSError):
            raise explain_write_error(error, self.folder, _REMEDY) from error

    def rows(self, split: str, features: int) -> RowsWriter:
        """Start a split of CSR rows."""
        writer = RowsWriter(self._draft, split, features)
        self._splits[split] = writer
        return writer

    def images(self, split: str, height: int, width: int) -> ImagesWriter:
        """Start a split of images."""
        writer = ImagesWriter(self._draft, split, height, width)
        self._splits[split] = writer
        return writer

    def complete(self, provenance: dict[str, Any]) -> Path:
        """Complete the arrays and the provenance, and return the folder that holds them for now.

        Adds layout, rows, features and nonzeros to the provenance.
        """
        for writer in self._splits.values():
            writer.close()
        complete = {**provenance, **_shape(self._splits)}
        self._splits.clear()
        write_json(self._draft / PROVENANCE, complete)
        return self._draft

    def publish(self) -> None:
        """Move everything into place, the provenance last."""
        (self.folder / PROVENANCE).unlink(missing_ok=True)
        for stale in self.folder.glob("*_*.npy"):
            stale.unlink()
        for path in sorted(self._draft.iterdir(), key=lambda path: path.name == PROVENANCE):
            path.replace(self.folder / path.name)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write one JSON object, readable by people; NaN is refused."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _shape(splits: dict[str, RowsWriter | ImagesWriter]) -> dict[str, Any]:
    writers = list(splits.values())
    layout: Literal["rows", "images"] = "images" if isinstance(writers[0], ImagesWriter) else "rows"
    return {
        "layout": layout,
        "rows": {split: writer.rows for split, writer in splits.items()},
        "features": writers[0].features,
        "nonzeros": {split: writer.nonzeros for split, writer in splits.items()},
    }
