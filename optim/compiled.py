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
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import platformdirs

from optim import functions as rule_functions
from optim import jitted
from optim.kernels import functions, linear, processor
from optim.rule import Rule
from optim.source import definition_of
from optim.zero_gradient import Argument, arguments, tables

LOSSES = {"logistic": functions.logistic, "squared": functions.squared}
PIECES = (
    linear.dot_product,
    linear.begin_step,
    linear.prefetch_rows,
    linear.catch_up_before,
    linear.take_margins,
    linear.add_gradient,
    linear.step_all,
    linear.step_touched,
)
KERNELS = (linear.train_singly, linear.train_batches, linear.settle, linear.evaluate)

# Inlined before typing, or every call would count references to the arrays it passes. Contraction
# only: the sums of `optim.functions` compare rounded results, which reassociation would break.
ARITHMETIC = "@njit(error_model='numpy', fastmath={'contract'}, inline='always')\n"
# A reciprocal for divisors that stay the same, such as Adam's corrections at a step.
KERNEL = "@njit(error_model='numpy', fastmath={'contract', 'arcp'}, cache=True, nogil=True)\n"

HEADER = """\
import math

import numpy as np
from numba import njit
from numpy import absolute as abs
from numpy import expm1, float64, maximum, minimum, sign, sqrt

from optim.kernels.processor import borrowed, flush_denormals, on_stack, prefetch, restore

@njit(inline='always')
def where(condition, a, b):
    return a if condition else b

"""

CONSTANTS = """\
LANES = {lanes}
STRIDE = {stride}
HYPERPARAMETERS = {hyperparameters}
SCALARS = {scalars}
LAZY = {lazy}
"""

# Not "fastmath": it lets the compiler forget that a number may be not-a-number. Denormals are
# kept, as they cost a GPU nothing.
CUDA_FUNCTION = "@cuda.jit(device=True)\n"
CUDA_KERNEL = "@cuda.jit(cache=True, **BOUNDS)\n"

# Without its bounds a kernel may be given more registers than so many threads find on a
# multiprocessor; the simulator has none.
CUDA_BOUNDS = "BOUNDS = {} if config.ENABLE_CUDASIM else {'launch_bounds': LANES * TEAM}\n"

CUDA_HEADER = """\
import math
from math import expm1, sqrt

import numpy as np
from numba import cuda
from numpy import float64

from numba.cuda.core import config

from optim.jitted import device_functions

maximum, minimum, sign, where = (
    device_functions()[name] for name in ("maximum", "minimum", "sign", "where")
)

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
    definition = definition_of(function)
    definition.name, definition.returns, definition.decorator_list = name, None, []
    for argument in definition.args.args:
        argument.annotation = None
    if ast.get_docstring(definition) is not None:
        del definition.body[0]
    if single:
        definition = single.visit(definition)
    return f"{decorator}{ast.unparse(ast.fix_missing_locations(definition))}\n"


def _places(rule: Rule) -> list[str]:
    """Where a coordinate's weight and states stand, as expressions."""
    return [f"coordinates[base + np.uintp({k} * LANES) + r]" for k in range(1 + len(rule.state))]


def _hyperparameter(rule: Rule, name: str) -> str:
    return f"hyper[np.uintp({list(rule.defaults).index(name)} * LANES) + r]"


def _step(rule: Rule, decorator: str) -> str:
    """Source of the update in place of one coordinate of one run."""
    weight, *states = _places(rule)
    scalars = range(scalar_count(rule))
    read = [weight, "g", *states, *(f"scalars[{k}]" for k in scalars)]
    read += [_hyperparameter(rule, name) for name in rule.update_hyperparameters]
    names = [f"value{k}" for k in range(1 + len(states))]
    return "\n".join(
        [
            f"{decorator}def step(coordinates, base, r, g, scalars, hyper):",
            f"    {', '.join(names)} = update({', '.join(read)})",
            *(f"    {p} = {n}" for p, n in zip([weight, *states], names, strict=True)),
            "",
        ]
    )


def _catch_up(rule: Rule, decorator: str) -> str:
    """Source of `skip` in place; of nothing at all where there is none to call."""
    head = f"{decorator}def catch_up(coordinates, base, r, t, k, tables, hyper):"
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


def _tables(rule: Rule, head: str, taken: str) -> str:
    """Source of a function that takes each of the tables by the expression `taken`."""
    tables = "".join(f"{taken.format(f'tables[{k}]')}, " for k in range(len(table_names(rule))))
    return f"{head}\n    return ({tables})\n"


def _schedule(rule: Rule, decorator: str) -> str:
    """Source of what multiplies the scheduled hyper-parameters by a step's factor."""
    lines = [f"{decorator}def schedule(now, hyper, factor, lanes):"]
    for name in rule.scheduled:
        k = list(rule.defaults).index(name)
        lines += ["    for r in range(lanes):"]
        lines += [f"        now[{k} * LANES + r] = hyper[{k} * LANES + r] * factor"]
    return "\n".join([*lines, "    return", ""])


def scalar_count(rule: Rule) -> int:
    """How many per-step scalars the update takes."""
    return len(rule.per_step_names) if rule.per_step else 0


def _arithmetic(rule: Rule, loss: str, decorator: str, tables: str) -> list[str]:
    """Sources of everything a kernel calls on one coordinate, and of `tables`, given as source."""
    skipping = []
    if rule.skip:
        counts = _SinglePrecision(whole_numbers=False)
        sums = [(name, getattr(rule_functions, name)) for name in rule_functions.SUMS]
        skipping = [_source(function, name, decorator, counts) for name, function in sums]
        skipping += [_source(rule.skip, "skip", decorator, counts)]
    return [
        _source(rule.update, "update", decorator, _SinglePrecision(whole_numbers=True)),
        *skipping,
        _step(rule, decorator),
        tables,
        _catch_up(rule, decorator),
        _schedule(rule, decorator),
        _source(LOSSES[loss], "loss", decorator),
    ]


def _constants(rule: Rule, lanes: int) -> str:
    """Source of the constants that `optim.kernels.functions` names."""
    return CONSTANTS.format(
        lanes=lanes,
        stride=lanes * (1 + len(rule.state)),
        hyperparameters=lanes * max(1, len(rule.defaults)),
        scalars=max(1, scalar_count(rule)),
        lazy=rule.skip is not None,
    )


def joined_source(rule: Rule, loss: str, lanes: int) -> str:
    """Source text of the module that trains by `rule` on `loss` with up to `lanes` runs at once."""
    tables = _tables(rule, f"{ARITHMETIC}def borrow_all(tables):", "borrowed({})")
    return "\n".join(
        [
            HEADER + _constants(rule, lanes),
            *_arithmetic(rule, loss, ARITHMETIC, tables),
            *(_source(piece, piece.__name__) for piece in PIECES),
            *(_source(kernel, kernel.__name__, KERNEL) for kernel in KERNELS),
        ]
    )


def joined_cuda_source(rule: Rule, loss: str, lanes: int, team: int) -> str:
    """Source text of the module that trains on GPUs, by blocks of `team` times `lanes` threads."""
    from optim.kernels import cuda

    kernels = (cuda.begin, cuda.train_singly, cuda.settle, cuda.mark, cuda.evaluate)
    tables = _tables(rule, f"{CUDA_FUNCTION}def tables_of(tables, group):", "{}[group]")
    return "\n".join(
        [
            f"{CUDA_HEADER}{_constants(rule, lanes)}TEAM = {team}\n{CUDA_BOUNDS}",
            *_arithmetic(rule, loss, CUDA_FUNCTION, tables),
            *(_source(kernel, kernel.__name__, CUDA_KERNEL) for kernel in kernels),
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
    return _loaded(f"{rule.name}_{loss}_{lanes}", source, inspect.getsource(processor))


@cache
def cuda_kernels(rule: Rule, loss: str, lanes: int, team: int) -> ModuleType:
    """Return the module for `rule` and `loss` whose functions are CUDA kernels, as `kernels`."""
    source = joined_cuda_source(rule, loss, lanes, team)
    return _loaded(f"{rule.name}_{loss}_cuda_{team}", source, inspect.getsource(jitted))


def _loaded(name: str, source: str, beside: str) -> ModuleType:
    """Write `source` to the cache under a name made of all that goes into it, and import it."""
    parts = f"{numba.__version__}\n{beside}\n{source}"
    digest = hashlib.sha256(parts.encode()).hexdigest()[:16]
    name = f"{name}_{digest}"
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
