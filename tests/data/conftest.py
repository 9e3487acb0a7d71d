"""Fixtures of the data room's tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from misbehaving_server import Server, running_server
from rcv1_documents import FEATURES
from text_rows import Row, random_rows

from data import rcv1_forms
from data.registry import find


@pytest.fixture(autouse=True)
def no_copy_of_scikit_learns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What this machine's user once downloaded must not decide a test."""
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "scikit_learn_data"))


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as state:
        yield state


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def mirror_folder() -> Path:
    """The folder of real data, where the environment names one."""
    for mirror in os.environ.get("REGRAD_DATA_MIRROR", "").split(","):
        if mirror and Path(mirror).is_dir():
            return Path(mirror)
    pytest.skip("REGRAD_DATA_MIRROR names no folder of real data")


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """Sixty distinct documents numbered from 2286 by sevens, of which the first forty train."""
    find("rcv1")  # loads the modules that copy the number, while it is the real one
    monkeypatch.setattr(rcv1_forms, "TRAINING_ROWS", 40)
    rows = random_rows(7, 60, FEATURES, (1,))
    return [(2286 + 7 * number, row) for number, (_, row) in enumerate(rows)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB of its own."""
    yield from _mounted(tmp_path / "small", "size=256k")


def _mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs needs root and is not possible here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
