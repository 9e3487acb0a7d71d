"""What a machine is, as results say it."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any


def processor() -> str:
    """The processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def machine() -> dict[str, Any]:
    """System, processor and number of processors; of a GPU says a table's column `device`."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cpu_count": os.cpu_count(),
    }
