"""Puts a figure's SVG into the page: its own title and description, the page's colours."""

from __future__ import annotations

import re
from pathlib import Path

from markupsafe import Markup, escape

from reports.figure_style import PROPERTIES


def inline_svg(path: Path, name: str, title: str, description: str) -> Markup:
    """The figure as an element with an accessible name.

    Ids get the figure's name in front, since many figures share a page; its colours become the
    page's custom properties, so that the figure follows its scheme.
    """
    drawing = path.read_text(encoding="utf-8")
    drawing = drawing[drawing.index("<svg") :]
    drawing = _compact(re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL))
    drawing = re.sub(r'\bid="', f'id="{name}-', drawing)
    drawing = re.sub(r'href="#', f'href="#{name}-', drawing)
    drawing = drawing.replace("url(#", f"url(#{name}-")
    for colour, custom in PROPERTIES.items():
        drawing = re.sub(rf"{colour}\b", f"var({custom})", drawing, flags=re.IGNORECASE)
    head, body = drawing.split(">", 1)
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    labels = f'role="img" aria-labelledby="{name}-title {name}-desc"'
    words = Markup('<title id="{0}-title">{1}</title><desc id="{0}-desc">{2}</desc>').format(
        escape(name), title, description
    )
    return Markup(f"{head} {labels}>") + words + Markup(body.strip())


LONG_PATH = 400
"""Letters of a path from which on it is a curve, for which tenths of a point are fine enough."""

_PLACES = re.compile(r'\b(d|x|y|transform)="([^"]*)"')


def _compact(drawing: str) -> str:
    """The same drawing in fewer characters: rounded places, nothing idle, no indentation.

    The page's style sheet names the font of all figures.
    """
    drawing = _PLACES.sub(lambda m: f'{m[1]}="{_rounded(m[2])}"', drawing)
    used = set(re.findall(r'(?:href="|url\()#([\w.-]+)', drawing))
    drawing = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", drawing)
    for idle in (" font-family: 'DejaVu Sans';", "font-family: 'DejaVu Sans'; "):
        drawing = drawing.replace(idle, "")
    drawing = re.sub(r' transform="rotate\(-0 [^"]*"', "", drawing)
    drawing = _MARKS.sub(_styled_together, re.sub(r">\s+<", "><", drawing))
    for at, name in enumerate(sorted(used, key=len, reverse=True)):
        drawing = re.sub(
            rf'(id="|href="#|url\(#){re.escape(name)}(?=["\)])', rf"\g<1>{at}", drawing
        )
    return drawing.replace("xlink:href", "href")


_MARKS = re.compile(r"<g([^>]*)>((?:<use [^>]*/>)+)</g>")


def _styled_together(marks: re.Match[str]) -> str:
    """A group of marks with the style that all of them have."""
    styles = set(re.findall(r'style="[^"]*"', marks[2]))
    if len(styles) != 1 or "style=" in marks[1]:
        return marks[0]
    style = styles.pop()
    return f"<g{marks[1]} {style}>{marks[2].replace(f' {style}', '')}</g>"


def _rounded(places: str) -> str:
    digits = 1 if len(places) > LONG_PATH else 2
    short = re.sub(
        r"-?\d+\.\d{2,}", lambda m: f"{float(m[0]):.{digits}f}".rstrip("0").rstrip("."), places
    )
    return " ".join(short.split())
