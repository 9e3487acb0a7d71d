"""Prints what the tests ran of each room, from coverage's JSON: `make coverage` calls it.

Coverage's own table has a line for every file; they are in build/coverage/index.html.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REPORT = Path("build/coverage/coverage.json")
COUNTS = ("num_statements", "missing_lines", "num_branches", "missing_branches")


def by_room(files: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """The sums of `COUNTS` over the files of each room, and of all under "all"."""
    rooms: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for file, found in sorted(files.items()):
        for name in (file.split("/")[0], "all"):
            for count in COUNTS:
                rooms[name][count] += found["summary"][count]
    return {**{name: one for name, one in rooms.items() if name != "all"}, "all": rooms["all"]}


def table(rooms: Mapping[str, Mapping[str, int]]) -> str:
    """One line a room: statements and branches that ran, as parts of those there are."""
    lines = [f"{'room':<14}{'statements':>12}{'run':>8}{'branches':>12}{'taken':>8}"]
    for room, found in rooms.items():
        statements, branches = found["num_statements"], found["num_branches"]
        run = _percent(statements - found["missing_lines"], statements)
        taken = _percent(branches - found["missing_branches"], branches)
        lines.append(f"{room:<14}{statements:>12}{run:>8}{branches:>12}{taken:>8}")
    return "\n".join(lines)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def main() -> None:
    """Print the table of what `coverage json` wrote."""
    print(table(by_room(json.loads(REPORT.read_text(encoding="utf-8"))["files"])))
    print(f"Every line: {REPORT.parent / 'index.html'}", file=sys.stderr)


if __name__ == "__main__":
    main()
