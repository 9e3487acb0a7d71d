"""Joins a kernel with a rule and compiles both for this processor, cached on disk.

The joined module is written beside the other caches under a name made of everything that went
into it (the rule's source, the kernel's, the compiler's version), so a changed rule or kernel can
never be served an old binary, and editing one rule recompiles that rule only.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import os
import sys
import tempfile
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import platformdirs

from optim.kernels import functions, linear
from optim.rule import Rule

LOSSES = {"logistic": functions.logistic, "squared": functions.squared}

HEADER = """\
import math

import numpy as np
from numba import njit
from numpy import absolute as abs
from numpy import maximum, minimum, sign, sqrt

LANES = {lanes}
"""


class _SinglePrecision(ast.NodeTransformer):
    """Writes every number of a rule as float32, or a whole expression would widen to float64."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, int | float):
            return ast.parse(f"np.float32({node.value!r})", mode="eval").body
        return node


def _inlined(function: Callable[..., Any], name: str, single: bool = False) -> str:
    """Source of `function` under another name, as a jitted function without type hints."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.name = name
    definition.returns = None
    for argument in definition.args.args:
        argument.annotation = None
    if isinstance(definition.body[0], ast.Expr) and isinstance(
        definition.body[0].value, ast.Constant
    ):
        del definition.body[0]
    if single:
        tree = _SinglePrecision().visit(tree)
    source = ast.unparse(ast.fix_missing_locations(tree))
    return f"@njit(error_model='numpy', fastmath={{'contract'}})\n{source}\n"


def _step(rule: Rule) -> str:
    """Source of the update in place of one coordinate of one run."""
    states = range(1, 1 + len(rule.state))
    read = [f"coordinate[{k}, r]" for k in states]
    read += [f"scalars[{k}, r]" for k in range(len(rule.per_step_names) if rule.per_step else 0)]
    read += [f"hyper[{k}, r]" for k in range(len(rule.update_hyperparameters))]
    new = ["w", *(f"state{k}" for k in states)]
    lines = [
        "@njit(error_model='numpy', fastmath={'contract'})",
        "def step(coordinate, r, g, scalars, hyper):",
        f"    {', '.join(new)} = update(coordinate[0, r], g, {', '.join(read)})",
        *(f"    coordinate[{k}, r] = {name}" for k, name in enumerate(new)),
    ]
    return "\n".join(lines) + "\n"


def joined_source(rule: Rule, loss: str, lanes: int) -> str:
    """Source text of the module that trains by `rule` on `loss` with `lanes` runs at once."""
    kernels = []
    for kernel in (linear.train_singly, linear.train_batches, linear.evaluate):
        body = _inlined(kernel, kernel.__name__).split("\n", 1)[1]
        kernels.append(
            "@njit(error_model='numpy', fastmath={'contract'}, cache=True, nogil=True)\n" + body
        )
    return "\n".join(
        [
            HEADER.format(lanes=lanes),
            _inlined(rule.update, "update", single=True),
            _step(rule),
            _inlined(LOSSES[loss], "loss"),
            *kernels,
        ]
    )


def cache_folder() -> Path:
    """Folder of compiled kernels: REGRAD_CACHE, else the user's cache folder."""
    base = os.environ.get("REGRAD_CACHE") or platformdirs.user_cache_dir("regrad")
    return Path(base) / "kernels"


@cache
def kernels(rule: Rule, loss: str, lanes: int) -> ModuleType:
    """Return the compiled module for `rule`, `loss` ("logistic" or "squared") and `lanes` runs.

    Compilation itself happens at the first call of each of its functions, from disk if it was
    done before on this machine.
    """
    source = joined_source(rule, loss, lanes)
    digest = hashlib.sha256(f"{numba.__version__}\n{source}".encode()).hexdigest()[:16]
    name = f"{rule.name}_{loss}_{lanes}_{digest}"
    path = cache_folder() / f"{name}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8"
        ) as part:
            part.write(source)
        Path(part.name).replace(path)
    spec = importlib.util.spec_from_file_location(f"regrad_kernels_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
