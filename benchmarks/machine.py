"""Where a bench was run, and of which code, as each says it."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np

from experiments.machine import processor
from workflow.provenance import commit


def machine() -> dict[str, Any]:
    """Where this is measured, and with which code."""
    return {
        "cpu": processor(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "commit": commit(),
    }
