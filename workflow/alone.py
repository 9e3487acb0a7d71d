"""One run at a time in a folder: a lock that ends with its process, however that ends.

Snakemake's own locks stay behind when it is killed, and then stop every later run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO

HELD: list[IO[str]] = []
"""The lock's open file: the system lets go of it when the process is gone, even by SIGKILL."""


def is_alone(folder: Path) -> bool:
    """Take the lock in `folder` (Snakemake's own), unless another live process has it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "regrad.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return False
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    HELD.append(file)
    return True


def other_run(folder: Path) -> str:
    """The process that has the lock, as a reader may look it up."""
    return (folder / "regrad.lock").read_text(encoding="utf-8") or "unknown"


def remove_stale_locks(folder: Path) -> bool:
    """Remove what a killed Snakemake left of its locks; True where there was something.

    To be called only by who is alone.
    """
    locks = folder / "locks"
    if not locks.is_dir() or not any(locks.iterdir()):
        return False
    shutil.rmtree(locks)
    return True
