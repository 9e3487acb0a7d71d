"""Puts figures' SVG into the page: own title and description, the page's colours, nothing twice.

The figures of a page share their styles and their marks, which it declares once.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from markupsafe import Markup, escape

from reports.figure_style import PROPERTIES
from reports.svg_paths import compact, is_segment, moved

LONGEST_MARK = 500
"""Letters of the outline of a mark; what is longer is an area, drawn once in its place."""

_XLINK = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True)
class Piece:
    """Something to draw: a path, a mark at places, or any other element as it stands.

    outline: of the path or mark. within: the id of what clips it, "" for nothing.
    """

    kind: str
    outline: str
    style: str
    within: str
    places: tuple[tuple[float, float], ...] = ()
    mark_style: str = ""


@dataclass
class Drawings:
    """The figures of one page, with the styles and the marks that they share."""

    classes: dict[str, str] = field(default_factory=dict)
    marks: dict[tuple[str, str], str] = field(default_factory=dict)

    def inline(self, path: Path, name: str, title: str, description: str) -> Markup:
        """The figure as an element with an accessible name, its ids begun with `name`."""
        root = ElementTree.parse(path).getroot()
        shapes = {
            str(each.get("id")): each for each in root.iter() if _tag(each) == "path"
        }  # What is drawn in a `use` only is found by its id.
        clips = {str(clip.get("id")): clip for clip in root.iter() if _tag(clip) == "clipPath"}
        body = "".join(self._written(each, name, clips) for each in _merged(_pieces(root, shapes)))
        head = Markup(
            '<svg viewBox="{box}" role="img" aria-labelledby="{name}-title {name}-desc">'
            '<title id="{name}-title">{title}</title><desc id="{name}-desc">{told}</desc>'
        ).format(box=root.get("viewBox"), name=name, title=title, told=description)
        return head + Markup(_clips(clips, name) + body + "</svg>")

    def style(self) -> Markup:
        """The rules of the shared styles, for the page's style sheet."""
        return Markup("".join(f".{name}{{{style}}}" for style, name in self.classes.items()))

    def shared_marks(self) -> Markup:
        """An element with the marks, which draws nothing by itself."""
        paths = "".join(
            f'<path id="{name}" d="{outline}"{self._class(style)}/>'
            for (outline, style), name in self.marks.items()
        )
        head = '<svg class="shared-marks" aria-hidden="true" focusable="false">'
        return Markup(f"{head}<defs>{paths}</defs></svg>" if paths else "")

    def _class(self, style: str) -> str:
        if not style:
            return ""
        return f' class="{self.classes.setdefault(style, f"s{len(self.classes)}")}"'

    def _written(self, piece: Piece, name: str, clips: dict[str, ElementTree.Element]) -> str:
        clip = (
            f' clip-path="url(#{name}-{list(clips).index(piece.within)})"' if piece.within else ""
        )
        own = self._class(piece.style) + clip
        if piece.kind == "path":
            return f'<path{own} d="{piece.outline}"/>'
        if piece.kind == "mark":
            key = (piece.outline, piece.mark_style)
            mark = self.marks.setdefault(key, f"m{len(self.marks)}")
            uses = "".join(
                f'<use href="#{mark}" x="{_short(x)}" y="{_short(y)}"/>' for x, y in piece.places
            )
            return f"<g{own}>{uses}</g>"
        return piece.outline.replace("\0", own)


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace("-0.", "-.").removeprefix("0") or "0"


def _style(element: ElementTree.Element, inherited: dict[str, str]) -> dict[str, str]:
    """The element's style over what it inherits, in the page's colours and without its font."""
    found = dict(inherited)
    for rule in (element.get("style") or "").split(";"):
        key, _, value = (part.strip() for part in rule.partition(":"))
        if key and key != "font-family" and (key, value) != ("stroke-dashoffset", "0"):
            found[key] = _PAGE_COLOURS.sub(lambda m: f"var({_PROPERTIES[m[0].lower()]})", value)
    return found


_PROPERTIES = {colour.lower(): name for colour, name in PROPERTIES.items()}
_PAGE_COLOURS = re.compile("|".join(rf"{colour}\b" for colour in PROPERTIES), re.IGNORECASE)


def _pieces(
    element: ElementTree.Element, shapes: dict[str, ElementTree.Element],
    inherited: dict[str, str] | None = None, within: str = "",
) -> Iterator[Piece]:  # fmt: skip
    """Everything that the element draws, in order, groups dissolved."""
    for child in element:
        tag = _tag(child)
        if tag in ("defs", "metadata", "title", "style"):
            continue
        style = _style(child, inherited or {})
        clip = re.search(r"#([^)]*)", child.get("clip-path") or "")
        inside = clip[1] if clip else within
        if tag == "g":
            yield from _pieces(child, shapes, style, inside)
        elif tag == "path":
            if style.get("fill") != "none" or "stroke" in style:
                yield Piece("path", child.get("d", ""), _told(style), inside)
        elif tag == "use":
            if math.isfinite(float(child.get("x", 0)) + float(child.get("y", 0))):
                yield _used(child, shapes[(child.get(_XLINK) or "").lstrip("#")], style, inside)
        else:
            yield Piece("other", _as_it_stands(child, tag), _told(style), inside)


def _used(
    use: ElementTree.Element, shape: ElementTree.Element, style: dict[str, str], within: str
) -> Piece:
    """A mark in its place; a line or an area becomes a path of its own there."""
    x, y, outline = float(use.get("x", 0)), float(use.get("y", 0)), shape.get("d", "")
    if is_segment(outline) or len(outline) > LONGEST_MARK:
        return Piece("path", moved(outline, x, y), _told(_style(shape, style)), within)
    own = _told(_style(shape, {}))
    return Piece("mark", compact(outline, places=2), _told(style), within, ((x, y),), own)


def _told(style: dict[str, str]) -> str:
    return ";".join(f"{key}:{value}" for key, value in style.items())


def _as_it_stands(element: ElementTree.Element, tag: str) -> str:
    """Text or another element, with places rounded; \\0 stands where its style goes."""
    own = "".join(
        f' {key}="{escape(_rounded(value))}"' for key, value in element.attrib.items()
        if key not in ("id", "style", "clip-path") and not value.startswith("rotate(-0 ")
    )  # fmt: skip
    inner = "".join(
        _as_it_stands(child, _tag(child)).replace("\0", "") + str(escape(child.tail or ""))
        for child in element
    )
    return f"<{tag}\0{own}>{escape(element.text or '')}{inner}</{tag}>"


def _rounded(value: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda number: _short(float(number[0])), value)


def _merged(pieces: Iterator[Piece]) -> list[Piece]:
    """Segments of one style as one path where the first of them is, marks of one style together."""
    found: list[Piece] = []
    lines: dict[tuple[str, str], int] = {}
    for piece in pieces:
        key = (piece.style, piece.within)
        last = found[-1] if found else None
        if piece.kind == "path" and is_segment(piece.outline):
            if key in lines:
                at = lines[key]
                found[at] = replace(found[at], outline=found[at].outline + " " + piece.outline)
                continue
            lines[key] = len(found)
        elif last is not None and piece.kind == "mark" and _alike(last, piece):
            found[-1] = replace(last, places=last.places + piece.places)
            continue
        found.append(piece)
    return [
        replace(piece, outline=compact(piece.outline)) if piece.kind == "path" else piece
        for piece in found
    ]


def _alike(one: Piece, other: Piece) -> bool:
    return replace(one, places=()) == replace(other, places=())


def _clips(clips: dict[str, ElementTree.Element], name: str) -> str:
    """What the figure's pieces are clipped to: rectangles."""
    written = ""
    for at, clip in enumerate(clips.values()):
        shapes = "".join(_as_it_stands(shape, _tag(shape)).replace("\0", "") for shape in clip)
        written += f'<clipPath id="{name}-{at}">{shapes}</clipPath>'
    return written
