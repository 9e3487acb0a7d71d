"""A verdict's texts in the languages of a room's catalogues, beside the English ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from language.catalogue import Catalogue
from proofs.verdict import Verdict

LOCALE = Path(__file__).parent / "locale"
RULES = Path(__file__).parents[1] / "optim" / "locale"
"""The catalogues of the rules, whose titles stand in statements."""
SENTENCES = ("statement", "explanation", "tolerance_reason")


def catalogues() -> dict[str, Catalogue]:
    """The catalogue of each language, by its code."""
    return {
        path.stem: Catalogue.read(path, *RULES.glob(path.name))
        for path in sorted(LOCALE.glob("*.po"))
    }


def translated(verdict: Verdict, languages: Mapping[str, Catalogue]) -> Verdict:
    """The verdict with its `translations` into these languages."""
    texts = {code: _texts(verdict, catalogue) for code, catalogue in languages.items()}
    return dataclasses.replace(verdict, translations=texts)


def _texts(verdict: Verdict, catalogue: Catalogue) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in SENTENCES:
        text = catalogue.text(getattr(verdict, name))
        if text is not None:
            found[name] = text
    table = {word: translation(word, catalogue) for word in words(verdict)}
    found["words"] = {word: text for word, text in table.items() if text is not None}
    return found


def translation(word: str, catalogue: Catalogue) -> str | None:
    """A word or phrase of what was measured in the catalogue's language; a key has "_" for " "."""
    text = catalogue.text(word)
    return catalogue.text(word.replace("_", " ")) if text is None else text


def words(verdict: Verdict) -> list[str]:
    """What may be words outside the sentences, each once: in place, hypotheses and measurements."""
    parts = (*verdict.hypotheses, verdict.place.document, verdict.place.section)
    leaves = (*_within(verdict.measured), *_within(verdict.provenance))
    return list(dict.fromkeys((*parts, *leaves)))


def _within(value: Any) -> Iterator[str]:
    """The keys and the texts of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _within(item)
    elif isinstance(value, Iterable):
        for item in value:
            yield from _within(item)
