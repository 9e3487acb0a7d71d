"""The grader's sentences in the student's language, from the catalogues in `grading/locale`.

The judge writes English, which stays in results.json. A page in another language looks every
sentence up: as it stands, or by the template that it was made from, whose parts are filled in
again as they are. What has no translation stays English.
"""

from __future__ import annotations

import functools
import gettext
import io
import re
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = ("en", "vi")
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
PART = re.compile(r"\{(\w+)\}")


class Language:
    """One language: translations for the page's own words, and for the judge's sentences."""

    def __init__(self, code: str, translations: gettext.NullTranslations, known: dict[str, str]):
        self.code = code
        self.translations = translations
        self._known = known
        templates = [text for text in known if PART.search(text)]
        # Those that begin with a word, and of them the one with the most words of its own, first:
        # "For {case}: {answer}." fits much, and "{text} is no kind" fits its inner end.
        templates.sort(key=lambda text: (not text[0].isalpha(), -len(PART.sub("", text))))
        self._templates = [(_pattern(text), known[text]) for text in templates]

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
        for pattern, translated in self._templates:
            found = pattern.fullmatch(text)
            if found:
                parts = {
                    name: self._sentence(part) if name in JUDGES_OWN else part
                    for name, part in found.groupdict().items()
                }
                return PART.sub(lambda match, parts=parts: parts[match[1]], translated)
        return text


def _pattern(template: str) -> re.Pattern[str]:
    """What fits a template: its words, and something for each part; one that recurs is the same."""
    written, seen = [], set()
    for place, piece in enumerate(PART.split(template)):
        if place % 2 == 0:
            written.append(re.escape(piece))
        elif piece in seen:
            written.append(f"(?P={piece})")
        else:
            seen.add(piece)
            written.append(f"(?P<{piece}>{r'[0-9.]+' if piece in NUMBERS else '.+?'})")
    return re.compile("".join(written), re.DOTALL)


@functools.cache
def language(code: str) -> Language:
    """The language of that code.

    Raises:
        ValueError: there is none; says which there are.
    """
    if code not in LANGUAGES:
        raise ValueError(f"there is no language {code!r}; there are: {', '.join(LANGUAGES)}")
    if code == "en":
        return Language(code, gettext.NullTranslations(), {})
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (LOCALE / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    known = {
        message.id: str(message.string)
        for message in catalogue
        if isinstance(message.id, str) and message.id and message.string
    }
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(code, gettext.GNUTranslations(compiled), known)
