"""How much time a jailed program has used of its own, whatever else the machine is doing.

A clock on the wall would charge it for waiting while others compute; the processor's clock would
not see it sleep. Its own time is both without the waiting: the processor time of all its processes,
and the time in which none of them was running or wanted to.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from pathlib import Path

FIRST_SECONDS = 0.1  # until the first look; what is over before is charged as it went by
# Between two looks, of the time that has passed: each of them reads what all processes do.
SHARE_BETWEEN = 0.05
PROC = Path("/proc")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
# In /proc/<pid>/stat, counted from the state, which follows the name in parentheses (proc(5)).
STATE, PARENT, TIMES = 0, 1, slice(11, 15)


@dataclasses.dataclass(frozen=True)
class Look:
    """Processor seconds of a tree of processes so far, and whether any of it wants a core now."""

    processor_seconds: float
    wants_a_core: bool


def look_at(first_pid: int) -> Look | None:
    """Look at a process and all below it; None where the system does not show it."""
    seen = {int(entry.name): _stat(entry) for entry in PROC.iterdir() if entry.name.isdecimal()}
    if not seen.get(first_pid):
        return None
    tree = {first_pid}
    for _ in seen:
        below = {pid for pid, stat in seen.items() if stat and int(stat[PARENT]) in tree}
        if below <= tree:
            break
        tree |= below
    ticks = sum(int(ticks) for pid in tree for ticks in seen[pid][TIMES])
    return Look(ticks / TICKS_A_SECOND, any(_wants_a_core(pid) for pid in tree))


def _stat(process: Path) -> list[str]:
    """The fields of a process or thread from its state on; none where it has ended."""
    try:
        return (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _wants_a_core(pid: int) -> bool:
    """Whether a thread of the process is running, or waits for nothing but a core."""
    try:
        threads = list((PROC / str(pid) / "task").iterdir())
    except OSError:
        return False
    return any(_stat(thread)[STATE : STATE + 1] == ["R"] for thread in threads)


class OwnTime:
    """A stopwatch of own time: `used` grows by what each look finds since the one before.

    Where the system shows nothing, all time that goes by is the program's own.
    """

    def __init__(
        self,
        first_pid: int,
        look: Callable[[int], Look | None] = look_at,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.used = 0.0
        self._first_pid, self._look, self._clock = first_pid, look, clock
        self._began = self._last = clock()
        self._seen: Look | None = None

    @property
    def passed(self) -> float:
        """Seconds since the beginning, as on the wall."""
        return self._clock() - self._began

    @property
    def pause(self) -> float:
        """Seconds between this look and the next one."""
        return max(FIRST_SECONDS, SHARE_BETWEEN * self.passed)

    def update(self) -> None:
        """Look again, where the last look is long enough ago."""
        if self._clock() - self._last >= self.pause:
            self._look_again()

    def _look_again(self) -> None:
        now = self._clock()
        passed = now - self._last
        seen, before = self._look(self._first_pid), self._seen
        if seen is None or before is None:
            self.used += passed
        else:
            computed = max(0.0, seen.processor_seconds - before.processor_seconds)
            self.used += computed if seen.wants_a_core else max(passed, computed)
        self._seen, self._last = seen, now

    def stop(self) -> float:
        """All of the time used, the last piece of it as it went by."""
        if self._clock() - self._last >= FIRST_SECONDS:
            self._look_again()
        return self.used + self._clock() - self._last
