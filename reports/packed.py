"""What only a script of the page reads, packed: said once, and a fraction of its size."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from reports.language import named
from reports.number import Number


def packed(text: str) -> str:
    """The text deflated (RFC 1950) and in base 64, as the page's script unpacks it."""
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def packed_json(value: Any) -> str:
    """A JSON value, packed."""
    return packed(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def number_table(names: Iterable[str], numbers: Mapping[str, Number]) -> dict[str, Any]:
    """How each number came, its unit, and the result file that it is from.

    {"sources": files, "numbers": name -> [computed, unit, place among the sources]}
    """
    sources: dict[str, int] = {}
    rows = {
        name: [
            named(numbers[name].computed),
            named(numbers[name].unit),
            sources.setdefault(numbers[name].source, len(sources)),
        ]
        for name in sorted(names)
        if name in numbers
    }
    return {"sources": list(sources), "numbers": rows}
