"""How long programs take before they do anything: `python -m benchmarks.start_up`.

Prints a Markdown table of processor seconds (of a program and all that it starts), which other
programs on the machine hardly change: the least of several calls, once the files are in memory.
"""

from __future__ import annotations

import os
import resource
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CALLS = 3
PROGRAMS = (
    *("data", "optim", "experiments", "experiments.comparison", "proofs", "proofs.steps"),
    *("claims", "grading", "reports"),
)
COMMANDS = (
    *(f"python -m {program} --help" for program in PROGRAMS),
    "python -m grading check examples/submissions/good",
    "make help",
    "snakemake --dry-run --quiet all",
)


def processor_seconds(command: str) -> float:
    """Processor seconds of one call; CalledProcessError where it fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {name: value for name, value in os.environ.items() if name[:4] != "PYTH"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        shlex.split(command), cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**environment, "PATH": path},
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure every command, one after another, and print the table."""
    print("| command | processor seconds |\n| --- | ---: |")
    for command in COMMANDS:
        least = min(processor_seconds(command) for _ in range(CALLS))
        print(f"| `{command}` | {least:.2f} |", flush=True)


if __name__ == "__main__":
    main()
