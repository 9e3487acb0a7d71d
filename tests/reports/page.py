"""Reads a rendered page as a browser's parser would, as far as the tests need."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "wbr", "link", "br", "img", "input", "hr", "source", "base", "path", "use"}


DATA = ("application/json", "text/plain")
"""Types of scripts that hold data, which no browser runs."""


class Page(HTMLParser):
    """Tags with their attributes, visible text, and what every <data> element shows.

    elements: (tag, attributes). shown: (number's name, its value attribute, its text).
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.style: list[str] = []
        self.shown: list[tuple[str, str, str]] = []
        self._open: list[str] = []
        self.feed(html)

    @property
    def text(self) -> str:
        """All text outside of style sheets and scripts, white space as one space."""
        return " ".join("".join(self.words).split())

    @property
    def scripts(self) -> list[dict[str, str]]:
        """The attributes of the scripts that a browser runs: those of data have a type."""
        return [attributes for tag, attributes in self.elements
                if tag == "script" and attributes.get("type") not in DATA]  # fmt: skip

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "data":
            self.shown.append((attributes["data-name"], attributes["value"], ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "style" in self._open or "script" in self._open:
            self.style.append(data)
            return
        self.words.append(data)
        if "data" in self._open:
            name, value, text = self.shown[-1]
            mark = "^" if self._open[-1] == "sup" else ""
            self.shown[-1] = (name, value, text + mark + data)


def value_of(text: str) -> tuple[float, float]:
    """(value, half a unit of its last digit) of a number as the page writes it."""
    plain = text.replace("\N{MINUS SIGN}", "-").replace("\xa0", " ").replace(",", "")
    scale = 1e-3 if plain.endswith(" ms") else 1.0
    plain = plain.removesuffix(" ms").removesuffix(" s").removesuffix(" %")
    mantissa, _, power = plain.partition(" × 10^")
    scale *= 10.0 ** int(power or 0)
    decimals = len(mantissa.partition(".")[2])
    return float(mantissa) * scale, 0.5 * 10.0**-decimals * scale
