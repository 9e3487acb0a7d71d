"""What a document's translations lack, have too much of, or fill in differently."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po

from claims.claim import Claim, ClaimError
from claims.sentence import names_in
from claims.translation import LOCALE, has_words


def faults(folder: Path, claims: list[Claim]) -> list[str]:
    """A line for each text of the claims that a language lacks, or has and no claim says.

    folder: the document's, with `locale`. Also for a translation with other $names than its text.
    A ClaimError where a catalogue cannot be read.
    """
    said = {text: claim.id for claim in reversed(claims) for text in texts_of(claim)}
    found: list[str] = []
    for own in sorted(LOCALE.glob("*.po")):
        path = folder / "locale" / own.name
        messages = _messages(path) if path.exists() else {}
        known = messages | _messages(own)
        found += [f"{path}: missing, {said[t]}: {t}" for t in said if not known.get(t)]
        found += [f"{path}: obsolete, no claim says it: {t}" for t in messages if t not in said]
        found += [
            f"{path}: other names, {said[text]}: {text} has {_listed(text)}, "
            f"its translation {_listed(translated)}"
            for text, translated in messages.items()
            if text in said and translated and names_in(text) != names_in(translated)
        ]
    return found


def texts_of(claim: Claim) -> Iterator[str]:
    """The texts of a claim that a reader sees and that have words to translate."""
    question = claim.question
    texts = [claim.says, claim.not_checkable, claim.holds, claim.fails]
    texts += [claim.caveat.text] if claim.caveat else []
    if question is not None:
        texts.append(question.tolerance_reason)
        stated = question.arguments.get("stated")
        for place, value in stated.items() if isinstance(stated, dict) else ():
            texts += [str(place), *([value] if isinstance(value, str) else [])]
    return filter(has_words, texts)


def _messages(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise ClaimError(f"{path}: not a catalogue of translations: {error}") from error
    return {str(each.id): str(each.string or "") for each in catalogue if each.id}


def _listed(text: str) -> str:
    return ", ".join(f"${name}" for name in sorted(names_in(text))) or "none"
