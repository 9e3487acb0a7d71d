"""A dataset of one known file and five rows, for tests of everything but its content."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from data.blocks import dense_block
from data.registry import Dataset, Described, Form, KnownFile
from data.settings import Settings
from data.splits import RowSplits
from data.writing import PreparedWriter

CONTENT = bytes(range(256)) * 1200  # 307,200 bytes: several blocks of a download
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def toy_dataset(*urls: str) -> Dataset:
    """A dataset of one known file, `toy/file.bin` with CONTENT, of four training and a test row."""

    def convert(files: dict[str, Path], writer: PreparedWriter, _: Settings) -> Described:
        assert files["toy/file.bin"].read_bytes() == CONTENT
        return _write_toy(writer)

    return Dataset(
        name="toy",
        licence="none",
        citation="none",
        forms=(Form((KnownFile("toy/file.bin", SHA256, urls),), convert),),
        stand_in=lambda writer, _: _write_toy(writer),
    )


def _write_toy(writer: PreparedWriter) -> Described:
    splits = RowSplits(writer, 2)
    splits.train(dense_block(np.arange(8.0).reshape(4, 2)), np.array([0, 1, 0, 1]))
    splits.test(dense_block(np.array([[9.0, 9.0]])), np.array([1]))
    return Described("toy")
