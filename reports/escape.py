"""LaTeX text from any text: everything is shown as it stands, nothing is run."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "-": "-{}",
    "[": "{[}",  # After a command or a line's end it would begin an optional argument.
    "\N{NO-BREAK SPACE}": "~",
    "\N{REPLACEMENT CHARACTER}": r"{[}?]",
}
_LONGEST_UNBROKEN = 14
_BREAK = r"\allowbreak{}"


def latex(text: str) -> str:
    """Escape `text` for running text.

    Line ends and other breakable white space become one space; control and direction-changing
    characters become [?]. Words too long for a line may be broken after punctuation and every few
    letters.
    """
    visible = "".join(map(_visible, text))
    return "".join(
        part if part == " " else _word(part) for part in re.split("( )", _spaced(visible))
    )


def _spaced(text: str) -> str:
    return re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", text)


def _visible(char: str) -> str:
    if char.isspace():
        return char
    hidden = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"}
    return "\N{REPLACEMENT CHARACTER}" if hidden else char


def _word(word: str) -> str:
    if len(word) <= _LONGEST_UNBROKEN:
        return "".join(_SPECIAL.get(char, char) for char in word)
    pieces = []
    since = 0
    for char in word:
        pieces.append(_SPECIAL.get(char, char))
        since += 1
        if char in "/._-:,=\\" or (since >= 8 and not char.isalpha()) or since >= 20:
            pieces.append(_BREAK)
            since = 0
    return "".join(pieces)
