"""Numba's meanings of a rule: machine code for the CPU, and CUDA device functions.

CUDA device functions run on a GPU, or in numba-cuda's simulator where NUMBA_ENABLE_CUDASIM=1 is
set before numba is first imported.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from optim import functions
from optim.functions import SUMS
from optim.meaning import with_meaning

CPU = {
    "sqrt": np.sqrt,
    "abs": np.abs,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "sign": np.sign,
    "expm1": np.expm1,
    "where": njit(lambda condition, a, b: a if condition else b),
}
# Contraction only: the sums compare rounded results, which reassociation would break.
OPTIONS = {"error_model": "numpy", "fastmath": {"contract"}}


@cache
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a rule's `update` or `skip` compiled for this processor, on scalars."""
    sums = {name: compiled(getattr(functions, name)) for name in _sums(function)}
    machine_code: Callable[..., Any] = njit(**OPTIONS)(with_meaning(function, {**CPU, **sums}))
    return machine_code


@cache
def device_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a rule's `update` or `skip` as a CUDA device function, on scalars."""
    from numba import cuda

    sums = {name: device_function(getattr(functions, name)) for name in _sums(function)}
    bound = with_meaning(function, {**device_functions(), **sums})
    on_device: Callable[..., Any] = cuda.jit(device=True)(bound)
    return on_device


def _sums(function: Callable[..., Any]) -> list[str]:
    return [name for name in SUMS if name in function.__code__.co_names]


@cache
def device_functions() -> dict[str, Callable[..., Any]]:
    """NumPy's functions as a GPU has them; a not-a-number goes through each, as in NumPy."""
    from numba import cuda

    device = cuda.jit(device=True)
    return {
        "sqrt": math.sqrt,
        "expm1": math.expm1,
        "abs": abs,
        "maximum": device(lambda a, b: a if a >= b or a != a else b),
        "minimum": device(lambda a, b: a if a <= b or a != a else b),
        "sign": device(lambda a: a if a != a or a == 0 else math.copysign(a / a, a)),
        "where": device(lambda condition, a, b: a if condition else b),
    }
