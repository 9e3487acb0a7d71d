"""How the grader's pages are made: templates that escape what they are given and miss nothing."""

from __future__ import annotations

from pathlib import Path

import jinja2

TEMPLATES = Path(__file__).parent / "templates"


def environment(*extensions: str) -> jinja2.Environment:
    """Jinja for the templates of this room: all escaped, an unknown name is an error.

    Like `reports/page.py`'s, which grading may not import, nor reports this.
    """
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        extensions=extensions,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
