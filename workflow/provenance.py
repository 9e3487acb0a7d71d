"""Write down what made results: `provenance.py results/provenance.json TOLD`.

TOLD is a JSON object of what the workflow alone knows, which is written down as it is: its
configuration, the version of the sources behind each result, the tables there are and are not.
"""

from __future__ import annotations

import datetime
import json
import platform
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

from experiments.machine import machine

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "numba", "numpy", "pandas", "python-flint", "scikit-learn", "scipy", "snakemake", "sympy",
    "torch",
)  # fmt: skip


def commit() -> str:
    """The commit checked out, with "+" where files differ from it; "unknown" outside git."""
    git = ["git", "-C", str(ROOT)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "--short=12", "HEAD"], check=True, capture_output=True, text=True
        ).stdout.strip()
        changed = subprocess.run(
            [*git, "status", "--porcelain"], check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("+" if changed else "")


def provenance(told: dict[str, Any]) -> dict[str, Any]:
    """Commit, versions, machine and moment, and what is told, as plain JSON values."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "project_version": project["version"],
        "commit": commit(),
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        **machine(),
        **told,
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


if __name__ == "__main__":
    text = json.dumps(provenance(json.loads(sys.argv[2])), indent=1, ensure_ascii=False)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")
