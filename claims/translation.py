"""The ledger's texts in other languages, from Babel catalogues beside the claims.

A document's folder holds `locale/<language>.po` with the texts of its claims, $names as they are.
`claims/locale` holds what the ledger and the measures say themselves, as templates with {parts}.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from babel import Locale

from claims.sentence import Sentence, fill, names_in, written
from language.catalogue import Catalogue
from proofs.translation import translation, words
from proofs.verdict import Verdict

LOCALE = Path(__file__).parent / "locale"

Translations = Mapping[str, Mapping[str, Any]]
"""By language, a verdict's texts by the field's name; see `proofs.verdict`."""


def catalogues(document: Path) -> dict[str, Catalogue]:
    """Of each language, by its code, the document's catalogue, where it has one, and our own.

    document: a claims file, or the folder that holds one.
    """
    folder = document if document.is_dir() else document.parent
    return {
        own.stem: Catalogue.read(*_there(folder / "locale" / own.name), own)
        for own in sorted(LOCALE.glob("*.po"))
    }


def _there(path: Path) -> list[Path]:
    return [path] if path.exists() else []


def texts(
    verdict: Verdict, explanation: Sequence[Sentence], code: str, catalogue: Catalogue,
    measured: Translations,
) -> dict[str, Any]:  # fmt: skip
    """The verdict's texts in the language of that code; what the catalogue lacks is left out.

    explanation: the sentences that the verdict's explanation was made of. measured: translations
    that what was measured brought with it, as a proof's explanation does.
    """
    given = measured.get(code, {})
    table = {**given.get("words", {}), **_words(verdict, catalogue)}
    stated = verdict.measured.get("stated")
    if isinstance(stated, Mapping):
        table[verdict.measured["places"]] = _places(stated, code, table)
    told = [_told(sentence, code, catalogue, table) for sentence in explanation]
    found = {
        "statement": catalogue.text(verdict.statement),
        "explanation": " ".join(filter(None, told)) if all(told) else None,
        "tolerance_reason": (
            catalogue.text(verdict.tolerance_reason) or given.get("tolerance_reason")
        ),
    }
    return {name: text for name, text in found.items() if text} | {"words": table}


def _words(verdict: Verdict, catalogue: Catalogue) -> dict[str, str]:
    """Every word and phrase outside the sentences that the catalogue has."""
    known = ((word, translation(word, catalogue)) for word in words(verdict))
    return {word: text for word, text in known if text is not None}


def has_words(text: str) -> bool:
    """Whether a text has words of its own to translate, beside $names, numbers and formulas."""
    return re.search(r"[^\W\d_]{2}", string.Template(text).safe_substitute(_Nothing())) is not None


class _Nothing(dict[str, str]):
    """Nothing for every name."""

    def __missing__(self, name: str) -> str:
        return ""


def _told(
    sentence: Sentence, code: str, catalogue: Catalogue, table: Mapping[str, str]
) -> str | None:
    """A sentence in the language, None where it, or the proof's that it cites, is not known."""
    if sentence.details is None:
        return catalogue.text(sentence.text)
    text = catalogue.text(sentence.text) if has_words(sentence.text) else sentence.text
    cited = "explanation" in names_in(sentence.text)
    if text is None or (cited and sentence.details["explanation"] not in table):
        return None
    details = {name: _said(value, code, table) for name, value in sentence.details.items()}
    return fill(text, details)


def _places(stated: Mapping[str, Any], code: str, table: Mapping[str, str]) -> str:
    """What a document states at its places, as `places_agree` tells it."""
    return "; ".join(
        f"{_said(place, code, table)}: {_said(value, code, table)}"
        for place, value in stated.items()
    )


def _said(value: Any, code: str, table: Mapping[str, str]) -> str:
    """A measurement as a reader of the language sees it: 804.414, 0,2418."""
    if isinstance(value, str):
        return table.get(value, value)
    symbols = Locale.parse(code).number_symbols["latn"]
    marks = str.maketrans({",": symbols["group"], ".": symbols["decimal"]})
    return written(value).translate(marks)
