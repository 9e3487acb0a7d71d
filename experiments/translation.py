"""The counterparts' texts in the languages of the room's catalogues, beside the English ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from language.catalogue import Catalogue

LOCALE = Path(__file__).parent / "locale"
FIELDS = ("section", "item", "what")


def catalogues() -> dict[str, Catalogue]:
    """The catalogue of each language, by its code."""
    return {path.stem: Catalogue.read(path) for path in sorted(LOCALE.glob("*.po"))}


def translated(
    entries: Iterable[Mapping[str, Any]], languages: Mapping[str, Catalogue]
) -> list[dict[str, Any]]:
    """Every entry with its `translations`: by language, the texts of its fields by their names.

    Under "words" stands a table of the reasons that its results give for being missing.
    """
    return [
        {**entry, "translations": {code: _texts(entry, one) for code, one in languages.items()}}
        for entry in entries
    ]


def _texts(entry: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    fields = {name: catalogue.text(entry[name]) for name in FIELDS}
    reasons = [part["reason"] for part in entry["results"] if part["reason"]]
    words = {reason: catalogue.text(reason) for reason in reasons}
    return {
        **{name: text for name, text in fields.items() if text is not None},
        "words": {reason: text for reason, text in words.items() if text is not None},
    }
