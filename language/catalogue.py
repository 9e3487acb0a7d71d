"""A catalogue of sentences, and the translation of a text that was made from one of them.

A message of a catalogue may be a template with {parts}. A finished text is looked up as it stands,
else by the template that it was made from, whose parts are put into the translated template. So the
rooms write plain English, and what they write needs no marks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from babel.numbers import get_decimal_symbol, get_group_symbol

from language.messages import read_messages, texts
from language.template import PART, pattern

AS_IT_IS = frozenset({"code", "name", "section"})
"""Parts that stand for themselves: no word of theirs is translated, no number written otherwise."""

_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_GROUPS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


class Catalogue:
    """The translations into one language.

    messages: English text or template -> translation, with the same {parts}. language: its code.
    """

    def __init__(self, messages: Mapping[str, str], language: str) -> None:
        self._messages = messages
        self._decimal = get_decimal_symbol(language)
        self._group = get_group_symbol(language)
        templates = [message for message in messages if PART.search(message)]
        # The template with the most words of its own first: "{one} and {other}" fits much.
        templates.sort(key=lambda message: (-len(PART.sub("", message)), message))
        self._templates = [(pattern(message), message) for message in templates]
        self._found: dict[str, str | None] = {}

    @classmethod
    def read(cls, *paths: Path) -> Catalogue:
        """The messages of .po files of one language, which their headers name; the first counts.

        Raises babel's PoFileError where a line of a file is none of a catalogue.
        """
        messages: dict[str, str] = {}
        language = ""
        for path in paths:
            found = read_messages(path)
            language = str(found.locale)
            messages = texts(found) | messages
        return cls(messages, language)

    def text(self, english: str) -> str | None:
        """The text in this language; None where the catalogue has no message that it is made of."""
        if english not in self._found:
            self._found[english] = self._translated(english)
        return self._found[english]

    def message_of(self, english: str) -> str | None:
        """The message that the text stands for or is made from."""
        if english in self._messages:
            return english
        fitting = (message for fits, message in self._templates if fits.fullmatch(english))
        return next(fitting, None)

    def _translated(self, english: str) -> str | None:
        message = self.message_of(english)
        if message is None or message == english:
            return None if message is None else self._messages[message]
        found = pattern(message).fullmatch(english)
        parts = found.groupdict() if found else {}
        return PART.sub(lambda part: self._part(part[1], parts[part[1]]), self._messages[message])

    def _part(self, name: str, value: str) -> str:
        if name in AS_IT_IS:
            return value
        translated = self.text(value)
        return self._numbers(value) if translated is None else translated

    def _numbers(self, value: str) -> str:
        """Numbers as the language writes them; then a comma cannot stand between two of them."""
        decimal = _POINT.sub("\0", value)
        written = _GROUPS.sub(self._group, decimal).replace("\0", self._decimal)
        return written.replace(", ", "; ") if written != value and self._decimal == "," else written
