"""What the report cites: the entries of `references.yaml`, found where a text names them."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from reports.blocks import Cite, Pieces
from reports.escape import latex

_FILE = Path(__file__).parent / "references.yaml"
_PLACES = ("journal", "booktitle", "publisher", "institution", "howpublished")
"""Keys that say where an entry appeared, one in each entry."""

_OTHERS = "others"


@dataclasses.dataclass(frozen=True)
class Reference:
    """One entry. `details` are further BibTeX fields by name, as text."""

    key: str
    type: str
    author: tuple[str, ...]
    title: str
    year: int
    package: str
    details: Mapping[str, str]

    @property
    def first_author(self) -> str:
        """The family name that a text cites it by."""
        return self.author[0].partition(",")[0]

    @property
    def authors(self) -> str:
        """All authors in a line."""
        return ", ".join("et al." if name == _OTHERS else name for name in self.author)

    @property
    def place(self) -> str:
        """Where it appeared: journal or the like, volume, pages."""
        where = next(self.details[key] for key in _PLACES if key in self.details)
        rest = [self.details[key] for key in ("number", "volume", "pages") if key in self.details]
        return ", ".join([where, *(part.replace("-", "\N{EN DASH}") for part in rest)])


@functools.cache
def references() -> tuple[Reference, ...]:
    """Every entry, by author and year."""
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(sorted(_entries(read), key=lambda entry: (entry.author, entry.year)))


def _entries(read: Mapping[str, Mapping[str, Any]]) -> Iterator[Reference]:
    own = ("type", "author", "title", "year", "package")
    for key, entry in read.items():
        details = {name: str(value) for name, value in entry.items() if name not in own}
        yield Reference(
            key, entry["type"], tuple(entry["author"]), entry["title"], entry["year"],
            entry.get("package", ""), details,
        )  # fmt: skip


def cited(text: str) -> Pieces:
    """Citations of what a text names: first author and then year, or the title."""
    return tuple(Cite(entry.key) for entry in references() if _is_named(entry, text))


def _is_named(entry: Reference, text: str) -> bool:
    named = rf"\b{re.escape(entry.first_author)}\b[^;]*\b{entry.year}\b"
    return entry.title in text or re.search(named, text) is not None


def of_package(name: str) -> Pieces:
    """The citation of a software package, where it has one."""
    return tuple(Cite(entry.key) for entry in references() if entry.package == name)


def used(value: Any) -> tuple[Reference, ...]:
    """The entries that sections, blocks or pieces cite, by author and year."""
    keys = set(_keys(value))
    return tuple(entry for entry in references() if entry.key in keys)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Cite):
        yield value.key
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _keys(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _keys(getattr(value, field.name))


def bibtex(entries: Iterable[Reference]) -> str:
    """The entries as a BibTeX file. Titles keep their capitals."""
    return "\n".join(map(_bibtex, entries))


def _bibtex(entry: Reference) -> str:
    fields = {
        "author": " and ".join(entry.author),
        "title": f"{{{latex(entry.title)}}}",
        **{name: latex(text).replace("-{}", "--") for name, text in entry.details.items()},
        "year": str(entry.year),
    }
    lines = [f"  {name} = {{{text}}}," for name, text in fields.items()]
    return "\n".join([f"@{entry.type}{{{entry.key},", *lines, "}"]) + "\n"
