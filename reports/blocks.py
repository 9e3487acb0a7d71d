"""What a report is made of. Both templates render these blocks, so both say the same.

Text in a block is always plain text: markup, formulae and macros inside it are shown as they
stand. A number is never text: it is a `Ref` to an entry of `numbers.json`.
"""

from __future__ import annotations

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Text:
    """Words, shown as they stand."""

    text: str
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


Piece = Text | Code | Ref | Interval
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
    """One verdict in full. `sort` is the kind of claim, "" where its list has no kinds."""

    id: str
    statement: str
    document: str
    place: str
    sort: str
    finding: str
    explanation: str
    evidence: tuple[tuple[str, Pieces], ...]


@dataclasses.dataclass(frozen=True)
class Choice:
    """A filter of a ledger: what it is called, the statements' attribute, what there is of it."""

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
    facts: tuple[tuple[str, Pieces], ...]
    checks: tuple[tuple[str, Pieces], ...]
    kind = "formula"


@dataclasses.dataclass(frozen=True)
class Tally:
    """How many verdicts of each finding: (finding, name of the number)."""

    counts: tuple[tuple[str, str], ...]
    kind = "tally"


@dataclasses.dataclass(frozen=True)
class Heading:
    """The heading of a part of a section."""

    id: str
    title: str
    kind = "heading"


Block = Heading | Paragraph | Notice | Table | Figure | FigureRow | Ledger | Formula | Tally


@dataclasses.dataclass(frozen=True)
class Section:
    """A headed part of the report. `paper`: what the paper has of it, None for all."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    paper: tuple[Block, ...] | None = None


_HOLE = re.compile(r"\{([^{}]*)\}")


def say(sentence: str, **holes: str | Piece) -> Pieces:
    """`sentence` in pieces: a hole `{key}` takes the piece of that key, or the number so named.

    A string given for a key is shown as text, never searched for holes.
    """
    pieces: list[Piece] = []
    for index, part in enumerate(_HOLE.split(sentence)):
        if index % 2 == 0:
            pieces.append(Text(part))
        elif part in holes:
            given = holes[part]
            pieces.append(Text(given) if isinstance(given, str) else given)
        else:
            pieces.append(Ref(part))
    return tuple(piece for piece in pieces if piece != Text(""))


def text(words: str) -> Pieces:
    """One piece of plain text."""
    return (Text(words),)
