"""Says on the console, and so in a job's log, how far a long training is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

EVERY = 10.0
"""Seconds between two lines, so that short trainings say nothing."""


def told(what: str, clock: Callable[[], float] = time.monotonic) -> Callable[[float], None]:
    """A function to be called with the share of a training that is done."""
    began = last = clock()

    def report(share: float) -> None:
        nonlocal last
        now = clock()
        if now - last >= EVERY and share < 1:
            last = now
            left = (now - began) * (1 / share - 1)
            print(f"{what}: {share:.0%} trained, about {left:.0f} s left", file=sys.stderr)

    return report
