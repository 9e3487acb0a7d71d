"""What an experiment or analysis says of itself, read from its file without importing it.

The workflow plans jobs from these few constants; importing every experiment for them would load
torch and Numba each time.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True)
class Declaration:
    """The constants at the top of an experiment's or analysis' file.

    DATASET: the dataset it reads, None for none. RUNS: experiments whose tables it reads.
    PROTOCOL: JSON Schema properties of its part of the configuration, all of them required.
    GPU: whether it trains on one where there is one. And whether `run` takes a `shard`, so that its
    runs can be split over jobs.
    """

    dataset: str | None = None
    runs: tuple[str, ...] = ()
    protocol: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    gpu: bool = False
    splits: bool = False


def declaration(path: Path) -> Declaration:
    """Read the declaration of the file at `path`.

    Raises ValueError where a constant is computed rather than written down.
    """
    found: dict[str, Any] = {}
    for node in ast.parse(path.read_text(encoding="utf-8"), str(path)).body:
        if isinstance(node, ast.FunctionDef) and node.name == "run":
            found["splits"] = "shard" in [argument.arg for argument in node.args.args]
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        name = node.targets[0].id
        if name in ("DATASET", "RUNS", "PROTOCOL", "GPU"):
            try:
                found[name.lower()] = ast.literal_eval(node.value)
            except ValueError as error:
                raise ValueError(
                    f"{path}, line {node.lineno}: {name} is computed, expected it written down "
                    "(it is read without running the file)"
                ) from error
    return Declaration(**found)
