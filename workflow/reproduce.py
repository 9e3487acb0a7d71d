"""Make one result again in a copy of the project, and compare: `make reproduce RESULT=results/…`.

Exit code 0 where the two are equal but for what a clock says, 1 where they differ, 2 where the
result could not be made again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from experiments.parquet import made_by
from workflow.provenance import commit

ROOT = Path(__file__).resolve().parent.parent
LEFT_BEHIND = ("results", "logs", "build")
MEASURED = ("seconds", "finished")
"""Columns and keys that say how long something took, or when it was made."""
MADE_TOGETHER = ("results/report/figures", "results/report/tables")
"""Folders whose files one job makes, beside those of datasets."""
TOLD = "as-it-was-made.yaml"
MOST = 20
"""Differences that are shown."""


def differences(first: Path, second: Path) -> list[str]:
    """Where two files of the same kind differ, apart from what was MEASURED, a line each.

    Tables and JSON are compared by value, exactly; a folder file by file; all else by its bytes.
    """
    if first.is_dir():
        return list(_of_folders(first, second))
    if first.suffix == ".parquet":
        return list(_of_tables(pd.read_parquet(first), pd.read_parquet(second)))
    if first.suffix == ".json":
        return list(_of_values("", *(json.loads(path.read_bytes()) for path in (first, second))))
    return [] if first.read_bytes() == second.read_bytes() else ["the bytes differ"]


def _of_folders(first: Path, second: Path) -> Iterator[str]:
    names = [
        {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        for folder in (first, second)
    ]
    for name in sorted(names[0] | names[1]):
        if name.name.startswith("."):
            continue  # Snakemake's own time stamps
        if name not in names[0] or name not in names[1]:
            yield f"{name}: only in the {'old' if name in names[0] else 'new'} folder"
        else:
            yield from (f"{name}: {each}" for each in differences(first / name, second / name))


def _of_tables(first: pd.DataFrame, second: pd.DataFrame) -> Iterator[str]:
    if list(first.columns) != list(second.columns) or len(first) != len(second):
        yield f"{first.shape[0]} rows of {list(first)}, now {second.shape[0]} of {list(second)}"
        return
    for column in first.columns.difference(MEASURED, sort=False):
        old, new = first[column], second[column]
        other = ~((old == new) | (old.isna() & new.isna()))
        for row in first.index[other.to_numpy(dtype=bool)]:
            yield f"row {row}, {column}: {old[row]}, now {new[row]}"


def _of_values(place: str, first: Any, second: Any) -> Iterator[str]:
    if isinstance(first, dict) and isinstance(second, dict):
        timed = first.get("unit") == second.get("unit") == "s"
        for key in [*first, *(key for key in second if key not in first)]:
            if key in MEASURED or (timed and key == "value"):
                continue
            if key not in first or key not in second:
                yield f"{place}.{key}: only in the {'old' if key in first else 'new'} one"
            else:
                yield from _of_values(f"{place}.{key}", first[key], second[key])
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for number, (old, new) in enumerate(zip(first, second, strict=True)):
            yield from _of_values(f"{place}[{number}]", old, new)
    elif first != second:
        yield f"{place}: {first!r}, now {second!r}"


def what_changed_since(results: Path) -> list[str]:
    """How the project and its packages differ from those that the provenance of a run names."""
    path = results / "provenance.json"
    if not path.exists():
        return ["there is no results/provenance.json to say what made it"]
    then = json.loads(path.read_text(encoding="utf-8"))
    changed = []
    if then["commit"] != commit():
        changed.append(f"the project was at commit {then['commit']}, and is at {commit()}")
    for name, version in then["packages"].items():
        if metadata.version(name) != version:
            changed.append(f"{name} was {version}, and is {metadata.version(name)}")
    return changed


def target_of(result: str) -> str:
    """What makes a result: itself, or the folder it is made with, as a figure is."""
    parts = Path(result).parts
    folder = "/".join(parts[:3])
    together = folder in MADE_TOGETHER or parts[1] == "data"
    return folder if together and len(parts) > 3 else result


def configuration_of(results: Path, result: Path) -> dict[str, Any]:
    """What the run that made a result was told: as its provenance says, and of tables themselves.

    Empty where neither is known. Where data lay is not among it, and is asked for anew.
    """
    path = results / "provenance.json"
    told: dict[str, Any] = {}
    if path.exists():
        told = json.loads(path.read_text(encoding="utf-8")).get("config", {})
    kind, name = result.relative_to(results).with_suffix("").parts[:2]
    if kind in ("runs", "analyses") and (made := made_by(result)):
        # As it was run, reduced or not: at full scale nothing is reduced once more.
        key = {"runs": "experiments"}.get(kind, kind)
        told |= {"scale": "full", key: {name: made["protocol"]}}
    return told


def make_again(result: str, told: dict[str, Any], folder: Path) -> subprocess.CompletedProcess:
    """Run what makes `result`, and all that it is made from, in a copy of the project."""
    shutil.copytree(
        ROOT,
        folder,
        symlinks=True,
        ignore=lambda at, names: [
            name
            for name in names
            if name in (".venv", ".git", ".snakemake", "__pycache__")
            or (Path(at) == ROOT and name in LEFT_BEHIND)
        ],
    )
    (folder / TOLD).write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "snakemake", "--cores", str(os.cpu_count())),
        *("--configfile", TOLD, "--", target_of(result)),
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def main() -> int:
    """Make the result again and print how it compares; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("result", help="a file that the workflow makes, as results/runs/...")
    given = Path(parser.parse_args().result).resolve()
    if ROOT / "results" not in given.parents or not given.exists():
        print(f"error: {given} is no result; expected a file below {ROOT}/results", file=sys.stderr)
        return 2
    result = given.relative_to(ROOT).as_posix()
    for line in what_changed_since(ROOT / "results"):
        print(f"note: {line}")
    with tempfile.TemporaryDirectory(prefix="reproduce-") as temporary:
        copy = Path(temporary) / "project"
        done = make_again(result, configuration_of(ROOT / "results", given), copy)
        if done.returncode or not (copy / result).exists():
            print(f"{done.stderr[-3000:]}\nerror: {result} was not made again", file=sys.stderr)
            return 2
        found = differences(given, copy / result)
    for line in found[:MOST]:
        print(line)
    if found:
        print(f"{result}: {len(found)} difference{'s' if len(found) > 1 else ''}")
        return 1
    print(f"{result}: made again, and equal but for measured seconds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
