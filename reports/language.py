"""The language that the report is rendered in: its words, its numbers and its dates.

Every sentence of the report is one string literal that Babel finds (`reports/locale/babel.cfg`)
and `reports/locale/vi.po` translates; holes `{name}` are filled after that, so that a language
may order them as it likes, and no sentence is glued from pieces:

- `say("after {rcv1.epochs} epochs: {who}", who=...)` of `reports.blocks` translates by itself,
- `_("Paths on {function}", function=...)` is for titles, labels and all else that is plain text,
- `N_("Finding")` marks a constant, which is translated where it is used: `_(CONSTANT)`,
- `how("median over {seeds} seeds", seeds=...)` is how a number came: English in numbers.json,
  translated where it is shown, and begun by a word so that it is found again,
- templates have `{% trans %}` and `_()`.

What result files call things (variants, metrics, figures of analyses) is no sentence of the
report. `named` looks it up in `reports/locale/vi.names.po`, numbers apart: "batch 16" is there as
"batch {0}", and "as printed, batch 16" as its two parts; {#0} in a translation takes the number
without this language's decimal mark; a hole with a name, {file}, takes anything. What is not there
stays English.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import gettext
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_skeleton

from language.listing import ENGLISH as ENGLISH
from language.listing import languages
from language.messages import compiled, read_messages, texts
from language.template import pattern

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = languages(LOCALE, ".po", ".names.po")
"""Found by listing: a language is added by its two catalogues."""

AS_IT_IS = frozenset({"columns", "key", "keys", "name", "path", "source", "verdict"})
"""Holes of `how` that take what stands in a file: a path, a key, an identifier."""

BEGINNING = 3
"""Letters of its own that a message begins with where finished sentences are found again by it."""

HOLE = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?(?![\w]|\.\d)")
_JOINTS = re.compile(r"(, |: |; | / | \(|\)(?=$|, |; ))")


class Language:
    """One language: what it calls things, and how it writes numbers.

    names: English name of a result file, numbers as {0}, {1} -> its translation.
    sentences: the messages of the report, among which English sentences are found again.
    unknown: the names that were asked for and have no translation.
    """

    def __init__(
        self,
        code: str,
        translations: gettext.NullTranslations,
        sentences: Mapping[str, str],
        names: Mapping[str, str],
    ) -> None:
        self.code = code
        self.translations = translations
        self.unknown: set[str] = set()
        symbols = Locale.parse(code).number_symbols["latn"]
        self._marks = str.maketrans({",": symbols["group"], ".": symbols["decimal"]})
        self._sentences, self._names = sentences, names
        self._templates = _by_beginning({**sentences, **names})
        self._found: dict[str, str | None] = {}

    def number(self, written: str) -> str:
        """A number as English writes it, with this language's marks."""
        return written.translate(self._marks)

    def words(self, english: str) -> str | None:
        """English words of a result in this language; None where it has none for them."""
        if english not in self._found:
            self._found[english] = self._look_up(english)
        return self._found[english]

    def name(self, english: str) -> str:
        """A name in this language, of a list of names those that it has; `unknown` collects."""
        found = self.words(english)
        if found is not None:
            return found
        parts = _JOINTS.split(english)
        if len(parts) > 1:
            parts[::2] = map(self.name, parts[::2])
        elif has_words(english):
            self.unknown.add(english)
        return "".join(parts)

    def _look_up(self, english: str) -> str | None:
        """A name, a number, a sentence that the report made from a template, or a list of them."""
        found = self._whole(english)
        parts = _JOINTS.split(english)
        if found is not None or len(parts) == 1:
            return found
        known = [self.words(part) or (None if has_words(part) else part) for part in parts[::2]]
        if None in known:
            return None
        parts[::2] = map(str, known)
        return "".join(parts)

    def _whole(self, english: str) -> str | None:
        numbers = [self.number(one) for one in _NUMBER.findall(english)]
        count = iter(range(len(numbers)))
        name = _NUMBER.sub(lambda _: f"{{{next(count)}}}", english)
        if name == "{0}":
            return numbers[0]
        known = self._names.get(name) or self._names.get(name.replace("_", " "))
        if known:
            written = _NUMBER.findall(english)
            return HOLE.sub(lambda hole: _numbered(hole[1], numbers, written), known)
        if english in self._sentences:
            return self._sentences[english]
        for fits, translated in self._templates.get(english[:BEGINNING], ()):
            match = fits.fullmatch(english)
            if match:
                words = {
                    key: part if key in AS_IT_IS else self.name(part)
                    for key, part in match.groupdict().items()
                }
                return _filled(translated, words)
        return None


def _filled(template: str, words: Mapping[str, str]) -> str:
    """The template with its holes' words."""
    return HOLE.sub(lambda hole: words[hole[1]], template)


def _numbered(hole: str, numbers: list[str], written: list[str]) -> str:
    """The number for a hole; {#0} takes it as it stands, as that of a section is."""
    return written[int(hole[1:])] if hole.startswith("#") else numbers[int(hole)]


def _by_beginning(sentences: Mapping[str, str]) -> dict[str, list[tuple[re.Pattern[str], str]]]:
    """Patterns of the messages with holes, those with most words of their own first."""
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for message in sorted(sentences, key=lambda text: -len(HOLE.sub("", text))):
        names, own = HOLE.findall(message), HOLE.split(message)[0]
        if names and len(own) >= BEGINNING and all(map(str.isidentifier, names)):
            fits = (pattern(message), sentences[message])
            found.setdefault(own[:BEGINNING], []).append(fits)
    return found


@functools.cache
def language(code: str) -> Language:
    """The language of that code.

    Raises:
        ValueError: there is none; says which there are.
    """
    if code not in LANGUAGES:
        raise ValueError(f"there is no language {code!r}; there are: {', '.join(LANGUAGES)}")
    if code == ENGLISH:
        return Language(code, gettext.NullTranslations(), {}, {})
    messages, names = (read_messages(LOCALE / f"{code}.{kind}") for kind in ("po", "names.po"))
    return Language(code, compiled(messages), texts(messages), texts(names))


_current: contextvars.ContextVar[Language | None] = contextvars.ContextVar("report", default=None)


def current() -> Language:
    """The language that is rendered in."""
    return _current.get() or language(ENGLISH)


@contextlib.contextmanager
def using(chosen: Language) -> Iterator[None]:
    """Everything said in this context is said in that language."""
    token = _current.set(chosen)
    try:
        yield
    finally:
        _current.reset(token)


def _(message: str, **parts: object) -> str:
    """The message in the current language, its holes filled."""
    return filled(current().translations.gettext(message), parts)


def plural(one: str, many: str, count: int, **parts: object) -> str:
    """The message in the form that the count asks for, its holes filled."""
    return filled(current().translations.ngettext(one, many, count), parts)


def N_(message: str) -> str:
    """The message as it stands, marked to be translated where it is used."""
    return message


def how(message: str, **parts: object) -> str:
    """How a number came: the English sentence, which `named` finds again."""
    return filled(message, parts)


def filled(message: str, parts: Mapping[str, object]) -> str:
    """The message with its parts in; holes that no part is for stay."""
    return HOLE.sub(lambda hole: str(parts.get(hole[1], hole[0])), message)


def has_words(text: str) -> bool:
    """Whether there is anything to translate: more than identifiers, paths and formulae."""
    if re.search(r"[^\W\d_]{2} [^\W\d_]{2}", text):
        return True
    return re.search(r"[^\W\d_]{2}", re.sub(r"\S*[-_/.*^=<>()\[\]]\S*", " ", text)) is not None


def named(english: str) -> str:
    """Words of a result file in the current language, or as they stand."""
    return english if current().code == ENGLISH else current().name(english)


def in_writing(number: str) -> str:
    """A number as English writes it, as the current language does."""
    return current().number(number)


def joint() -> str:
    """What stands between numbers of a list: no comma where that is a decimal mark."""
    return "; " if in_writing(".") == "," else ", "


def dated(moment: datetime) -> str:
    """A moment to the minute, with its zone."""
    code = current().code
    day = format_date(moment, "long", locale=code)
    time = format_skeleton("Hm", moment, locale=code)
    return _("{day}, {time} {zone}", day=day, time=time, zone=moment.strftime("%Z")).strip()
