"""A sentence of the ledger: a text with $names, and the measurements that stand at them."""

from __future__ import annotations

import dataclasses
import string
from collections.abc import Mapping
from typing import Any

from claims.claim import ClaimError

WHOLE = 1e9
"""Whole numbers below this are written out."""


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A text with $names and what is measured under them; None where it has no names."""

    text: str
    details: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        return self.text if self.details is None else fill(self.text, self.details)


def fill(text: str, details: Mapping[str, Any]) -> str:
    """Put measurements into a claim's text at $name; numbers with four significant digits.

    Whole numbers keep all their digits. A name that was not measured is a ClaimError: the text
    would show the name itself.
    """
    shown = {name: written(value) for name, value in details.items()}
    try:
        return string.Template(text).substitute(shown)
    except (KeyError, ValueError) as error:
        raise ClaimError(
            f"a claim's text names {error}, which was not measured; "
            f"measured were {', '.join(sorted(shown))}: {text!r}"
        ) from error


def names_in(text: str) -> set[str]:
    """The $names of a text."""
    return set(string.Template(text).get_identifiers())


def written(value: Any) -> str:
    """A measurement as a reader sees it: 804,414, 0.2418, 9.333e-13."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    whole = float(value).is_integer() and abs(value) < WHOLE
    return f"{int(value):,}" if whole else f"{value:.4g}"
