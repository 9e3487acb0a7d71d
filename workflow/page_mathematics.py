"""A hook of MkDocs: formulae between lines of `$$` become MathML, so that a page loads nothing."""

from __future__ import annotations

import re
from typing import Any

from latex2mathml.converter import convert

_FORMULA = re.compile(r"^\$\$\n(.+?)\n\$\$$", re.DOTALL | re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page's text with its formulae typeset; an error of the converter ends the build."""
    return _FORMULA.sub(lambda found: convert(found[1], display="block"), markdown)
