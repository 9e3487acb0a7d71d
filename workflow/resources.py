"""What a job asks of a cluster: memory and minutes, by the size of what it reads.

On one machine nothing is asked for, and nothing here binds.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

MEGABYTE = 2**20


def size_mb(paths: Iterable[str]) -> float:
    """Megabytes in files and folders together.

    Snakemake's own `input.size_mb` counts a folder as an empty file. Raises FileNotFoundError
    naming the path where one is not there yet, from which Snakemake knows to ask again later.
    """
    total = 0
    for path in paths:
        # Not Path.stat: the error is to name the path as Snakemake does, as text.
        total += os.stat(path).st_size  # noqa: PTH116
        for folder, _, files in os.walk(path):
            total += sum(Path(folder, name).lstat().st_size for name in files)
    return total / MEGABYTE


def growing(base: float, per_mb: float = 0.0) -> Callable[..., int]:
    """A rule's resource: `base`, and `per_mb` for every megabyte that the job reads.

    Doubled at every further attempt, so that a job stopped for want of it gets more.
    """

    def resource(wildcards: Any, input: Iterable[str], attempt: int) -> int:  # noqa: ARG001
        return math.ceil((base + per_mb * size_mb(input)) * 2 ** (attempt - 1))

    return resource
