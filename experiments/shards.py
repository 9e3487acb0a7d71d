"""Splits an experiment's runs over jobs, each of which trains a shard, and joins their tables.

A shard is a stretch of the runs in their order, and a run is the same to the bit whatever else its
job trains: so the joined table is the one that a single job would have written, but for seconds.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa

from experiments.parquet import made_by, read_table

OF_A_SHARD = "shard"
"""Key of a table's metadata that says which shard it holds."""

AGAIN = "delete results/shards, and run again"

MAY_DIFFER = (OF_A_SHARD, "machine")
"""What shards of one table need not agree on."""


@dataclasses.dataclass(frozen=True)
class Shard:
    """One of `count` shards of an experiment's runs, numbered from 1."""

    number: int = 1
    count: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def stretch(self, runs: int) -> range:
        """Its runs' numbers among so many; shards differ by at most one run, and may be empty."""
        return range(runs * (self.number - 1) // self.count, runs * self.number // self.count)

    def stretches(self, sweeps: Sequence[int]) -> list[range]:
        """Its runs of each of several sweeps, of which these are the numbers of runs."""
        own = self.stretch(sum(sweeps))
        starts = accumulate(sweeps, initial=0)
        return [
            range(max(own.start - start, 0), max(min(own.stop - start, runs), 0))
            for start, runs in zip(starts, sweeps, strict=False)
        ]


WHOLE = Shard()
"""All runs."""


def parsed(text: str) -> Shard:
    """The shard that "2/4" names; ValueError where it names none."""
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError(f"--shard: found {text!r}, expected NUMBER/COUNT, such as 2/4")
    return Shard(int(found[1]), int(found[2]))


def joined(paths: Iterable[Path]) -> tuple[pa.Table, dict[str, Any]]:
    """The shards' tables as one, in the runs' order, and what made it.

    Raises ValueError where one is missing, is there twice, or was made otherwise than the others.
    """
    found = [(path, made_by(path)) for path in paths]
    shards = {path: parsed(made[OF_A_SHARD]) for path, made in found if OF_A_SHARD in made}
    for path, _ in found:
        if path not in shards:
            raise ValueError(f"{path}: found a whole table, expected a shard of one")
    found.sort(key=lambda each: shards[each[0]].number)
    count = max(shard.count for shard in shards.values())
    expected = [f"{number}/{count}" for number in range(1, count + 1)]
    here = [str(shards[path]) for path, _ in found]
    if here != expected:
        raise ValueError(f"found the shards {', '.join(here)}, expected {', '.join(expected)}")
    first, made = found[0]
    for path, other in found[1:]:
        _check_alike(first, made, path, other)
    table = pa.concat_tables(read_table(path) for path, _ in found)
    for column in ("experiment", "optimizer", "device"):
        if len(names := table[column].unique()) > 1:
            told = " and ".join(names.to_pylist())
            raise ValueError(f"found shards of the {column}s {told}, expected of one: {AGAIN}")
    machines = [other["machine"] for _, other in found]
    kept = {key: value for key, value in made.items() if key != OF_A_SHARD}
    if any(machine != machines[0] for machine in machines):
        del kept["machine"]
        kept["machines"] = machines
    return table, kept


def _check_alike(
    first: Path, made: Mapping[str, Any], path: Path, other: Mapping[str, Any]
) -> None:
    if made["scale"] != other["scale"]:
        raise ValueError(
            f"{first} is of {made['scale']} scale and {path} of {other['scale']}, as where one "
            f"node alone has a GPU: set scale: full, or ask for nodes that are alike; {AGAIN}"
        )
    for key in sorted(made.keys() | other.keys()):
        if key not in MAY_DIFFER and made.get(key) != other.get(key):
            raise ValueError(f"{first} and {path} were made with another {key}: {AGAIN}")
