"""What the other rooms read: a prepared dataset, its arrays mapped from disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data.problems import BadInput, DataProblem

PROVENANCE = "provenance.json"


@dataclass(frozen=True)
class Rows:
    """CSR rows of a linear problem, mapped from disk and read-only.

    Row i holds `values[indptr[i]:indptr[i + 1]]` at the 0-based features `indices[...]`, which
    rise within a row. Labels are 0/1 for classification and real for regression.
    """

    indptr: np.ndarray  # int64 [n + 1]
    indices: np.ndarray  # int32 [nonzeros]
    values: np.ndarray  # float32 [nonzeros]
    labels: np.ndarray  # float32 [n]
    features: int


@dataclass(frozen=True)
class Images:
    """Grey images with class numbers, mapped from disk and read-only."""

    pixels: np.ndarray  # uint8 [n, height, width]
    labels: np.ndarray  # uint8 [n]


@dataclass(frozen=True)
class Prepared:
    """A dataset after conversion: its splits by name, and where every byte came from."""

    name: str
    splits: dict[str, Rows | Images]
    provenance: dict[str, Any]


ROW_ARRAYS = {"indptr": np.int64, "indices": np.int32, "values": np.float32, "labels": np.float32}
IMAGE_ARRAYS = {"pixels": np.uint8, "labels": np.uint8}


def array_file(folder: Path, split: str, array: str) -> Path:
    """The file that holds one array of one split."""
    return folder / f"{split}_{array}.npy"


def open_prepared(folder: Path) -> Prepared:
    """Map the dataset that `data.prepare.prepare` wrote into `folder`.

    Takes the same time whatever the number of rows. Raises DataProblem where the folder was never
    (or not completely) prepared, BadInput where an array is not what the provenance says.
    """
    path = folder / PROVENANCE
    try:
        provenance = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataProblem(
            f"{folder}: holds no prepared dataset ({PROVENANCE} is missing); "
            "make one with 'python -m data prepare NAME --output FOLDER'"
        ) from None
    splits = {
        split: _open_split(folder, split, rows, provenance)
        for split, rows in provenance["rows"].items()
    }
    return Prepared(provenance["name"], splits, provenance)


def _open_split(folder: Path, split: str, rows: int, provenance: dict[str, Any]) -> Rows | Images:
    if provenance["layout"] == "images":
        pixels, labels = (_map(folder, split, name, IMAGE_ARRAYS[name]) for name in IMAGE_ARRAYS)
        _expect_length(folder, split, "pixels", pixels, rows)
        _expect_length(folder, split, "labels", labels, rows)
        return Images(pixels, labels)
    indptr, indices, values, labels = (
        _map(folder, split, name, ROW_ARRAYS[name]) for name in ROW_ARRAYS
    )
    _expect_length(folder, split, "indptr", indptr, rows + 1)
    _expect_length(folder, split, "labels", labels, rows)
    _expect_length(folder, split, "indices", indices, int(indptr[-1]))
    _expect_length(folder, split, "values", values, int(indptr[-1]))
    return Rows(indptr, indices, values, labels, provenance["features"])


def _map(folder: Path, split: str, name: str, dtype: type) -> np.ndarray:
    path = array_file(folder, split, name)
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BadInput(path, str(error), "an array; prepare the dataset again") from error
    if array.dtype != dtype:
        raise BadInput(path, f"values of type {array.dtype}", f"{np.dtype(dtype)}; prepare again")
    # A plain view: compilers treat the memmap subclass as another type, and slicing it is slow.
    return array.view(np.ndarray)


def _expect_length(folder: Path, split: str, name: str, array: np.ndarray, length: int) -> None:
    if len(array) != length:
        path = array_file(folder, split, name)
        raise BadInput(path, f"{len(array)} entries", f"{length}; prepare the dataset again")
