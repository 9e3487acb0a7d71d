"""A notebook made from a Python file whose cells are marked by `# %%` and `# %% [markdown]`.

So a starter kit is written once, and handed out in both forms:

    python -m grading notebook submission.py notebook/adagrad.ipynb
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

MARK = re.compile(r"^# %%(.*)$", re.MULTILINE)


def notebook_of(source: str) -> str:
    """The notebook (nbformat 4) as text; what stands before the first mark becomes its heading.

    Raises:
        ValueError: no cell is marked, or a line of a markdown cell is no comment.
    """
    heading, *parts = MARK.split(source)
    if not parts:
        raise ValueError("no cell is marked: expected lines `# %%` and `# %% [markdown]`")
    cells = [_cell("markdown", ast.get_docstring(ast.parse(heading)) or "")]
    for kind, text in zip(parts[::2], parts[1::2], strict=True):
        if kind.strip() == "[markdown]":
            cells.append(_cell("markdown", _without_comment_signs(text)))
        else:
            cells.append(_cell("code", text))
    notebook = {
        "cells": [cell for cell in cells if cell["source"]],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _cell(kind: str, text: str) -> dict[str, Any]:
    source = text.strip("\n").splitlines(keepends=True)
    common = {"cell_type": kind, "metadata": {}, "source": source}
    return common if kind == "markdown" else {**common, "execution_count": None, "outputs": []}


def _without_comment_signs(text: str) -> str:
    lines = text.strip("\n").splitlines()
    for line in lines:
        if not line.startswith("#"):
            raise ValueError(f"a line of a markdown cell is no comment: {line!r}")
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)
