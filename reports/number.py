"""One number of the report: its value, its unit, the result file it is from, and how it came."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from reports.language import how


@dataclasses.dataclass(frozen=True)
class Number:
    """A number with its origin; `value` is None exactly where `missing` says why.

    unit: "" for none. source: the result file, relative to the project. computed: one line, like
    `missing` in English and made by `reports.language.how`, so that it is found in any language.
    """

    value: float | int | None
    unit: str
    source: str
    computed: str
    missing: str = ""

    def __post_init__(self) -> None:
        if (self.value is None) != bool(self.missing):
            raise ValueError(f"{self.computed}: a number has either a value or a reason, got both")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"{self.computed}: {self.value} is not finite; give a reason instead")


Numbers = dict[str, Number]


def number(value: float, unit: str, source: str, computed: str) -> Number:
    """A number, or a missing one where the value is not finite."""
    value = value.item() if hasattr(value, "item") else value
    if not math.isfinite(value):
        reason = how("the value in {source} is not finite", source=source)
        return Number(None, unit, source, computed, reason)
    return Number(value, unit, source, computed)


def slug(text: str) -> str:
    """`text` as a part of a number's name: lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "x"


def merge(parts: list[Numbers]) -> Numbers:
    """All parts as one; a name used twice is an error that names it."""
    merged: Numbers = {}
    for part in parts:
        for name, entry in part.items():
            if name in merged:
                raise ValueError(
                    f"two numbers are called {name!r}: one from {merged[name].source} "
                    f"({merged[name].computed}), one from {entry.source} ({entry.computed})"
                )
            merged[name] = entry
    return merged


def write_numbers(numbers: Mapping[str, Number], path: Path) -> None:
    """Write name -> {value, unit, source, computed}, sorted; "missing" only where it is."""
    rows = {}
    for name, entry in sorted(numbers.items()):
        row = dataclasses.asdict(entry)
        if not row["missing"]:
            del row["missing"]
        rows[name] = row
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_numbers(path: Path) -> Numbers:
    """Read what `write_numbers` wrote."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {name: Number(**row) for name, row in rows.items()}
