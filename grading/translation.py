"""The grader's sentences in the student's language, from the catalogues in `grading/locale`.

The judge writes English, which stays in results.json. A page in another language looks every
sentence up: as it stands, or by the template that it was made from, whose parts are filled in
again as they are. What has no translation stays English.
"""

from __future__ import annotations

import functools
import gettext
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from language.listing import ENGLISH, languages
from language.template import PART, pattern

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = languages(LOCALE, ".po")
"""Found by listing: a language is added by its catalogue."""
# Parts of a template that are the judge's words, and have templates of their own. All other parts
# may hold a student's text, which is never translated.
JUDGES_OWN = frozenset(
    {
        *("answer", "wanted", "found_count", "wanted_count", "error", "title", "second_title"),
        *("reason", "step", "outcome", "side", "meaning"),  # of the proof checker
        *("problem", "hint", "malformed", "refusal"),  # of YAML and Python, the channel, the way in
    }
)
NUMBERS = frozenset({"line", "number", "count", "seconds", "whole", "right"})
SENTENCES = re.compile(r"(?<=\.) (?=You report |claims\.yaml reports )")


class Language:
    """One language: translations for the page's own words, and for the judge's sentences."""

    def __init__(self, code: str, translations: gettext.NullTranslations, known: dict[str, str]):
        self.code = code
        self.translations = translations
        self._known = known
        templates = [text for text in known if PART.search(text) and _fits(text, known[text])]
        # Those that begin with a word, and of them the one with the most words of its own, first:
        # "For {case}: {answer}." fits much, and "{text} is no kind" fits its inner end.
        templates.sort(key=lambda text: (not text[0].isalpha(), -len(PART.sub("", text))))
        self._templates = [(pattern(text, NUMBERS), known[text]) for text in templates]

    def sentences(self, text: str) -> str:
        """The judge's text in this language, line by line."""
        lines = text.split("\n")
        return "\n".join(
            line[: len(line) - len(line.lstrip())]
            + " ".join(self._sentence(part) for part in SENTENCES.split(line.lstrip()))
            for line in lines
        )

    def _sentence(self, text: str) -> str:
        if text in self._known:
            return self._known[text]
        for fits, translated in self._templates:
            found = fits.fullmatch(text)
            if found:
                parts = {
                    name: self._sentence(part) if name in JUDGES_OWN else part
                    for name, part in found.groupdict().items()
                }
                return PART.sub(partial(_part_of, parts), translated)
        return text


def _fits(text: str, translated: str) -> bool:
    """Whether a translation has no parts but the text's: with others it could not be filled in."""
    return set(PART.findall(translated)) <= set(PART.findall(text))


def _part_of(parts: Mapping[str, str], named: re.Match[str]) -> str:
    """What stands for a part in a text that was made from a template."""
    return parts[named[1]]


@functools.cache
def language(code: str) -> Language:
    """The language of that code.

    Raises:
        ValueError: there is none; says which there are.
    """
    if code not in LANGUAGES:
        raise ValueError(f"there is no language {code!r}; there are: {', '.join(LANGUAGES)}")
    if code == ENGLISH:
        return Language(code, gettext.NullTranslations(), {})
    from language.messages import compiled, read_messages, texts  # babel takes long to import

    messages = read_messages(LOCALE / f"{code}.po")
    return Language(code, compiled(messages), texts(messages))
