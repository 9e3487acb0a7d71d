"""The source of a function as a syntax tree, for what is made of a rule beside running it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any


def definition_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """Return a tree of its own of the `def` of `function`; TypeError for a lambda or a class."""
    statement = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(statement, ast.FunctionDef):
        raise TypeError(f"{function!r}: found {ast.unparse(statement)!r}, expected a `def`")
    return statement
