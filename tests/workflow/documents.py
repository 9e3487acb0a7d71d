"""The documentation's pages, and the commands and links in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = tuple(
    sorted(
        [
            *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
            *(ROOT / name for name in ("config/README.md", "grading/attacks.md")),
            *(ROOT / "docs").rglob("*.md"),
            *(ROOT / "examples" / "starter").glob("*.md"),
        ]
    )
)
SHELLS = ("sh", "bash")
INLINE = re.compile(r"`((?:make|snakemake|python -m) [^`\n]+)`")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
ANCHOR = re.compile(r'<a id="([^"]+)">')
FENCE = re.compile(r"^ *```(\w*)$")


class Block(NamedTuple):
    """A fenced block: its language, its lines, and the number of the first."""

    language: str
    lines: tuple[str, ...]
    first: int


class Command(NamedTuple):
    """A command of a block, or one that a sentence names, and where it stands."""

    text: str
    page: str
    whole: bool

    def __str__(self) -> str:
        return f"{self.page}: {self.text}"


def blocks(page: Path) -> Iterator[Block]:
    """Every fenced block of a page."""
    language, lines, first = None, [], 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fence = FENCE.match(line)
        if fence is None:
            lines.append(line)
        elif language is None:
            language, lines, first = fence[1], [], number + 1
        else:
            yield Block(language, tuple(lines), first)
            language = None
    assert language is None, f"{page}: a block does not end"


def prose(page: Path) -> str:
    """A page without its blocks; lines keep their numbers."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for block in blocks(page):
        for at in range(block.first - 1, block.first - 1 + len(block.lines)):
            lines[at] = ""
    return "\n".join(lines)


def commands() -> Iterator[Command]:
    """Every command of every page: whole ones in blocks for a shell, named ones in sentences."""
    for page in PAGES:
        name = page.relative_to(ROOT).as_posix()
        for block in blocks(page):
            if block.language in SHELLS:
                lines = "\n".join(block.lines).replace("\\\n", " ").splitlines()
                for line in filter(None, (line.strip() for line in lines)):
                    yield from (Command(part, name, True) for part in line.split(" && "))
        for found in INLINE.finditer(prose(page)):
            yield Command(found[1].rstrip(" …"), name, False)


def links(page: Path) -> Iterator[str]:
    """Targets of a page's links, web addresses left out."""
    for found in LINK.finditer(prose(page)):
        if not found[1].startswith(("http://", "https://", "mailto:")):
            yield found[1]


def anchors(page: Path) -> set[str]:
    """What a link may name of a page: headings, as GitHub and MkDocs write them, and anchors."""
    text = prose(page)
    headings = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {slug(heading) for heading in headings} | set(ANCHOR.findall(text))


def slug(heading: str) -> str:
    """A heading's anchor."""
    plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return plain.strip().replace(" ", "-")
