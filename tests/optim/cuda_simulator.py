"""Python in a process of its own, where numba-cuda's simulator stands in for a GPU.

It is chosen before Numba is first imported, so not in the process of the tests.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def simulated(source: str, *arguments: str) -> str:
    """What the source prints; an error of it fails the test."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", source, *arguments],
        cwd=ROOT,
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout
