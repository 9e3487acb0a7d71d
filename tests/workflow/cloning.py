"""Copies of the project to run, edit and break, and Snakemake as a user calls it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TRACKED = (
    "Snakefile", "workflow", "profiles", "config", "language", "data", "optim", "experiments",
    "proofs", "claims", "grading", "reports", "examples", "pyproject.toml", "environment.yml",
)  # fmt: skip


def copy_sources(folder: Path) -> Path:
    """Copy the sources alone, without results, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TRACKED:
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignore)
        else:
            shutil.copy2(source, folder / name)
    return folder


def command(*arguments: str) -> list[str]:
    """Snakemake on two cores, by the Python that runs the tests."""
    return [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]


def snakemake(
    folder: Path, *arguments: str, mirror: str = "", **environment: str
) -> subprocess.CompletedProcess:
    """Run Snakemake in `folder` to its end."""
    return subprocess.run(
        command(*arguments), cwd=folder, capture_output=True, text=True,
        env={**os.environ, "REGRAD_DATA_MIRROR": mirror, **environment},
    )  # fmt: skip


def configuration() -> dict[str, Any]:
    """The project's configuration, of all its files."""
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    for path in sorted((ROOT / "config").glob("*/*.yaml")):
        for key, part in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            config.setdefault(key, {}).update(part)
    return config


def configured(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The project's configuration after `change`, as one file in `folder`."""
    config = configuration()
    change(config)
    path = folder / "changed.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return path


def planned(text: str) -> set[str]:
    """The first output of each job that a dry run announces."""
    return set(re.findall(r"^ +output: ([^\s,]+)", text, re.MULTILINE))
