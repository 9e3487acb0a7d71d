"""Templates with {parts}, and which finished texts were made from one."""

from __future__ import annotations

import re
from collections.abc import Collection

PART = re.compile(r"\{(\w+)\}")


def pattern(template: str, numbers: Collection[str] = ()) -> re.Pattern[str]:
    """What fits a template: its own words, and at least one character for each part.

    A part that comes again is the same text again; one that is among the `numbers` is digits.
    """
    written, seen = [], set()
    for at, piece in enumerate(PART.split(template)):
        if at % 2 == 0:
            written.append(re.escape(piece))
        elif piece in seen:
            written.append(f"(?P={piece})")
        else:
            seen.add(piece)
            written.append(f"(?P<{piece}>{r'[0-9.]+' if piece in numbers else '.+?'})")
    return re.compile("".join(written), re.DOTALL)
