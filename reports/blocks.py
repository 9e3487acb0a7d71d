"""What a report is made of. Both templates render these blocks, so both say the same.

Text in a block is always plain text: markup, formulae and macros inside it are shown as they
stand. A number is never text: it is a `Ref` to an entry of `numbers.json`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from reports.language import ENGLISH, HOLE, current, has_words, plural


@dataclasses.dataclass(frozen=True)
class Text:
    """Words, shown as they stand; `language` is theirs where it is not the page's."""

    text: str
    language: str = ""
    kind = "text"


@dataclasses.dataclass(frozen=True)
class Code:
    """A path, a hash or a command, in a fixed-width face."""

    text: str
    kind = "code"


@dataclasses.dataclass(frozen=True)
class Ref:
    """The number of that name."""

    name: str
    kind = "ref"


@dataclasses.dataclass(frozen=True)
class Interval:
    """The median of that name with the interval under it: `name.median`, `.low` and `.high`."""

    name: str
    kind = "interval"


@dataclasses.dataclass(frozen=True)
class Cite:
    """A citation of the entry of that key in `references.yaml`."""

    key: str
    kind = "cite"


Piece = Text | Code | Ref | Interval | Cite
Pieces = tuple[Piece, ...]


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """A paragraph; `lead` is the one that answers the reader's question."""

    pieces: Pieces
    lead: bool = False
    kind = "paragraph"


@dataclasses.dataclass(frozen=True)
class Notice:
    """What the reader must not miss: a missing result, or data that are not the real ones."""

    title: str
    pieces: Pieces
    kind = "notice"


@dataclasses.dataclass(frozen=True)
class Column:
    """A table's column; `share` is its part of the typeset line, `numeric` aligns it right."""

    title: str
    share: float = 1.0
    numeric: bool = False


@dataclasses.dataclass(frozen=True)
class Table:
    """A table. `data` is the line on where its data come from; the first column heads its row.

    small: whether the paper sets it in small type, since it is long.
    """

    id: str
    caption: Pieces
    data: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Pieces, ...], ...]
    notes: tuple[Pieces, ...] = ()
    small: bool = False
    kind = "table"


@dataclasses.dataclass(frozen=True)
class Figure:
    """A figure drawn by `reports.figures` under `name`; `finding` is its alternative text."""

    name: str
    title: str
    finding: Pieces
    data: str
    kind = "figure"


@dataclasses.dataclass(frozen=True)
class FigureRow:
    """Figures meant to be compared, side by side where there is room."""

    figures: tuple[Figure, ...]
    kind = "figures"


@dataclasses.dataclass(frozen=True)
class Statement:
    """One verdict in full. `sort` is the kind of claim, "" where its list has no kinds.

    document, sort and finding are what the ledger calls them, in no language.
    """

    id: str
    statement: Pieces
    document: str
    place: str
    sort: str
    finding: str
    explanation: Pieces
    evidence: tuple[tuple[Text, Pieces], ...]


@dataclasses.dataclass(frozen=True)
class Choice:
    """A filter of a ledger: what it is called, the statements' attribute, what there is of it.

    The values are as the statements have them, in no language.
    """

    title: str
    attribute: str
    values: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Ledger:
    """Statements to be opened one by one, searched and filtered; the page alone has it."""

    id: str
    title: str
    choices: tuple[Choice, ...]
    statements: tuple[Statement, ...]
    kind = "ledger"


@dataclasses.dataclass(frozen=True)
class Formula:
    """A rule: its formula as LaTeX and as MathML, neither escaped, and what is known of it.

    `reports.results` refuses formulae that hold anything but mathematics.
    """

    id: str
    title: str
    latex: str
    mathml: str
    facts: tuple[tuple[Text, Pieces], ...]
    checks: tuple[tuple[Text, Pieces], ...]
    kind = "formula"


@dataclasses.dataclass(frozen=True)
class Tally:
    """How many verdicts of each finding: (finding, name of the number)."""

    counts: tuple[tuple[str, str], ...]
    kind = "tally"


@dataclasses.dataclass(frozen=True)
class Link:
    """A verdict in a line that leads to all of it: `target` is its id on the page."""

    target: str
    statement: Pieces
    place: str
    finding: str


@dataclasses.dataclass(frozen=True)
class Links:
    """Verdicts that a reader ought to hear first, under their title."""

    title: str
    links: tuple[Link, ...]
    kind = "links"


@dataclasses.dataclass(frozen=True)
class Heading:
    """The heading of a part of a section."""

    id: str
    title: Pieces
    kind = "heading"


Block = Heading | Paragraph | Notice | Table | Figure | FigureRow | Ledger | Formula | Tally | Links


@dataclasses.dataclass(frozen=True)
class Section:
    """A headed part of the report. `paper`: what the paper has of it, None for all."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    paper: tuple[Block, ...] | None = None


def say(sentence: str, **holes: str | Piece | Pieces) -> Pieces:
    """`sentence` in the reader's language and in pieces; see `reports.language`.

    A hole `{key}` takes what is given for the key, else the number so named. A string given is
    shown as text, never searched for holes.
    """
    return _in_pieces(current().translations.gettext(sentence), holes)


def say_plural(one: str, many: str, count: int, **holes: str | Piece | Pieces) -> Pieces:
    """The sentence in the form that the count asks for, as `say` says it."""
    return _in_pieces(plural(one, many, count), holes)


def _in_pieces(sentence: str, holes: Mapping[str, str | Piece | Pieces]) -> Pieces:
    pieces: list[Piece] = []
    for index, part in enumerate(HOLE.split(sentence)):
        given = holes.get(part, Ref(part)) if index % 2 else Text(part)
        if isinstance(given, tuple):
            pieces += given
        else:
            pieces.append(Text(given) if isinstance(given, str) else given)
    return tuple(piece for piece in pieces if piece != Text(""))


def text(words: str) -> Pieces:
    """One piece of plain text, in no language or already in the reader's."""
    return (Text(words),)


def read(words: str, table: Mapping[str, str] | None = None) -> Text:
    """Words of a result file in the reader's language, else as they stand and marked as English.

    table: translations that came with the result.
    """
    here = current()
    if here.code == ENGLISH:
        return Text(words)
    found = (table or {}).get(words) or here.words(words)
    return Text(found or words, "" if found or not has_words(words) else ENGLISH)


def told(entry: Mapping[str, Any], key: str) -> Text:
    """What an entry of a result file says under a key, by its own translation where it has one."""
    return read(str(entry[key]), {str(entry[key]): translation(entry).get(key, "")})


def translation(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry's texts in the reader's language, by key; nothing where it brings none."""
    given = entry.get("translations")
    found = given.get(current().code) if isinstance(given, Mapping) else None
    return found if isinstance(found, Mapping) else {}
