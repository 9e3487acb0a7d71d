"""Joins the kernels with a rule and a loss and compiles them for this processor, cached on disk.

The joined module is written beside the other caches under a name made of everything that went
into it (the rule's source, the kernels', the compiler's version), so a changed rule or kernel can
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

from optim import functions as rule_functions
from optim.kernels import functions, linear, processor
from optim.rule import Rule
from optim.zero_gradient import Argument, arguments, tables

LOSSES = {"logistic": functions.logistic, "squared": functions.squared}
KERNELS = (linear.train_singly, linear.train_batches, linear.settle, linear.evaluate)

# Inlined before typing, or every call would count references to the arrays it passes. Contraction
# only: the sums of `optim.functions` compare rounded results, which reassociation would break.
ARITHMETIC = "@njit(error_model='numpy', fastmath={'contract'}, inline='always')\n"
KERNEL = "@njit(error_model='numpy', fastmath={'contract'}, cache=True, nogil=True)\n"
# Reassociation lets one run's dot product fill the vector lanes; not-a-number stays itself.
DOT_PRODUCT = "@njit(error_model='numpy', fastmath={'contract', 'reassoc', 'nsz'})\n"

HEADER = """\
import math

import numpy as np
from numba import njit
from numpy import absolute as abs
from numpy import expm1, maximum, minimum, sign, sqrt

from optim.kernels.processor import borrowed, flush_denormals, on_stack, prefetch, restore

LANES = {lanes}
STRIDE = {stride}
HYPERPARAMETERS = {hyperparameters}
SCALARS = {scalars}
LAZY = {lazy}
"""


class _SinglePrecision(ast.NodeTransformer):
    """Writes the numbers of a rule as float32, or a whole expression would widen to float64.

    In `skip` and its sums a whole number is an index or a count and stays one.
    """

    def __init__(self, whole_numbers: bool) -> None:
        self._kinds = (int, float) if whole_numbers else (float,)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, self._kinds) and not isinstance(node.value, bool):
            return ast.parse(f"np.float32({node.value!r})", mode="eval").body
        return node


def _source(
    function: Callable[..., Any],
    name: str,
    decorator: str = ARITHMETIC,
    single: _SinglePrecision | None = None,
) -> str:
    """Source of `function` under another name, decorated, without docstring and type hints."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.name, definition.returns, definition.decorator_list = name, None, []
    for argument in definition.args.args:
        argument.annotation = None
    if ast.get_docstring(definition) is not None:
        del definition.body[0]
    if single:
        tree = single.visit(tree)
    return f"{decorator}{ast.unparse(ast.fix_missing_locations(tree))}\n"


def _places(rule: Rule) -> list[str]:
    """Where a coordinate's weight and states stand, as expressions."""
    return [f"coordinates[base + np.uintp({k} * LANES) + r]" for k in range(1 + len(rule.state))]


def _hyperparameter(rule: Rule, name: str) -> str:
    return f"hyper[np.uintp({list(rule.defaults).index(name)} * LANES) + r]"


def _step(rule: Rule) -> str:
    """Source of the update in place of one coordinate of one run."""
    weight, *states = _places(rule)
    scalars = range(scalar_count(rule))
    read = [weight, "g", *states, *(f"scalars[{k}]" for k in scalars)]
    read += [_hyperparameter(rule, name) for name in rule.update_hyperparameters]
    names = [f"value{k}" for k in range(1 + len(states))]
    return "\n".join(
        [
            f"{ARITHMETIC}def step(coordinates, base, r, g, scalars, hyper):",
            f"    {', '.join(names)} = update({', '.join(read)})",
            *(f"    {p} = {n}" for p, n in zip([weight, *states], names, strict=True)),
            "",
        ]
    )


def _catch_up(rule: Rule) -> str:
    """Source of `skip` in place; of nothing at all where there is none to call."""
    head = f"{ARITHMETIC}def catch_up(coordinates, base, r, t, k, tables, hyper):"
    if not rule.skip:
        return f"{head}\n    return\n"
    read = [*_places(rule), *(_argument(rule, argument) for argument in arguments(rule))]
    names = [f"value{k}" for k in range(1 + len(rule.state))]
    return "\n".join(
        [
            head,
            f"    {', '.join(names)}, = skip({', '.join(read)})",
            *(f"    {p} = {n}" for p, n in zip(_places(rule), names, strict=True)),
            "",
        ]
    )


def table_names(rule: Rule) -> tuple[str, ...]:
    """Names of the tables that `skip` reads, in the order of the kernels' `tables`."""
    if not rule.skip:
        return ()
    kinds = ("before", "after", "elapsed", "all")
    return tuple(dict.fromkeys(a.name for a in arguments(rule) if a.kind in kinds))


@cache
def column_count(rule: Rule, table: str) -> int | None:
    """Columns of one of the tables that `skip` reads; None for a table of numbers."""
    example = tables(rule, 1, rule.hyperparameters())
    assert example is not None
    return None if example[table].ndim == 1 else example[table].shape[1]


def whole_tables(rule: Rule) -> set[str]:
    """Names of the tables that `skip` indexes itself, by any step."""
    return {a.name for a in arguments(rule) if a.kind == "all"} if rule.skip else set()


def _argument(rule: Rule, argument: Argument) -> str:
    """The expression that a kernel passes for one argument of `skip`."""
    match argument.kind:
        case "step":
            return "t"
        case "count":
            return "k"
        case "hyperparameter":
            return _hyperparameter(rule, argument.name)
    table = f"tables[{table_names(rule).index(argument.name)}]"
    if argument.kind == "all":
        return table
    # A table ends where its rows settle: later steps read its last row. A row is passed as a tuple
    # of numbers, since a view of it would count references.
    place = {"before": "t", "after": "t + k", "elapsed": "k"}[argument.kind]
    row = f"min({place}, len({table}) - 1)"
    columns = column_count(rule, argument.name)
    if columns is None:
        return f"{table}[{row}]"
    return f"({' '.join(f'{table}[{row}, {c}],' for c in range(columns))})"


def _borrow_all(rule: Rule) -> str:
    """Source of what takes the tables from their owners."""
    tables = "".join(f"borrowed(tables[{k}]), " for k in range(len(table_names(rule))))
    return f"{ARITHMETIC}def borrow_all(tables):\n    return ({tables})\n"


def _schedule(rule: Rule) -> str:
    """Source of what multiplies the scheduled hyper-parameters by a step's factor."""
    lines = [f"{ARITHMETIC}def schedule(now, hyper, factor, lanes):"]
    for name in rule.scheduled:
        k = list(rule.defaults).index(name)
        lines += ["    for r in range(lanes):"]
        lines += [f"        now[{k} * LANES + r] = hyper[{k} * LANES + r] * factor"]
    return "\n".join([*lines, "    return", ""])


def scalar_count(rule: Rule) -> int:
    """How many per-step scalars the update takes."""
    return len(rule.per_step_names) if rule.per_step else 0


def joined_source(rule: Rule, loss: str, lanes: int) -> str:
    """Source text of the module that trains by `rule` on `loss` with up to `lanes` runs at once."""
    skipping = []
    if rule.skip:
        counts = _SinglePrecision(whole_numbers=False)
        sums = [(name, getattr(rule_functions, name)) for name in rule_functions.SUMS]
        skipping = [_source(function, name, single=counts) for name, function in sums]
        skipping += [_source(rule.skip, "skip", single=counts)]
    return "\n".join(
        [
            HEADER.format(
                lanes=lanes,
                stride=lanes * (1 + len(rule.state)),
                hyperparameters=lanes * max(1, len(rule.defaults)),
                scalars=max(1, scalar_count(rule)),
                lazy=rule.skip is not None,
            ),
            _source(rule.update, "update", single=_SinglePrecision(whole_numbers=True)),
            *skipping,
            _step(rule),
            _borrow_all(rule),
            _catch_up(rule),
            _schedule(rule),
            _source(LOSSES[loss], "loss"),
            _source(linear.dot_product, "dot_product", DOT_PRODUCT),
            *(_source(kernel, kernel.__name__, KERNEL) for kernel in KERNELS),
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
    parts = f"{numba.__version__}\n{inspect.getsource(processor)}\n{source}"
    digest = hashlib.sha256(parts.encode()).hexdigest()[:16]
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
