"""Gives a rule another meaning: the same code, its function names bound to a backend's functions.

Rebinding a function's globals is enough: a rule calls nothing but the names of `optim.functions`.
The backends: NumPy (a rule as it stands), `optim.jitted` (Numba, CUDA), `optim.symbolic` (SymPy),
`optim.balls` (python-flint), `optim.torch_optimizer` (torch).
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

from optim.functions import MATRIX_NAMES, NAMES, SUMS


def with_meaning(
    function: Callable[..., Any], functions: Mapping[str, Callable[..., Any]]
) -> Callable[..., Any]:
    """Return `function` with the names of `optim.functions` that it uses bound to `functions`.

    ValueError where it uses one that `functions` lacks.
    """
    used = {name for name in (*NAMES, *SUMS, *MATRIX_NAMES) if name in function.__code__.co_names}
    if missing := used - set(functions):
        raise ValueError(f"this meaning has no {', '.join(sorted(missing))}")
    return types.FunctionType(
        function.__code__,
        {**function.__globals__, **functions},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
