"""Steps of zero gradient in closed form: what a rule's `skip` and `tables` take.

A sparse row touches few coordinates; with `skip` the others catch up when they are touched next.

`tables(t, rate, ...)` takes the steps t = 0..T (float64), the schedule's factors `rate` on the
learning rate at those steps (only if it names `rate`; the 0th is not used) and hyper-parameters by
name, among which `lr_weight_decay` is the product of the two: a rule that names it alone lets runs
without decay share their tables. It returns float64 arrays by name, [T + 1] or [T + 1, c], or None
where these hyper-parameters leave no closed form and the rule must run dense.

`skip(w, *state, ...)` takes what k >= 1 steps of zero gradient after step t need, by name: `t` and
`k`, hyper-parameters (the learning rate unscheduled), and from each table `<table>_before`, its
value (or row) at t; `<table>_after`, at t + k; plain `<table>`, at k; `<table>_all`, the whole
array. It returns the weight and the state after step t + k. A whole number in its source is an
index or a count; a number to calculate with is written with a point.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from optim.rule import Rule, parameters

Kind = Literal["step", "count", "hyperparameter", "before", "after", "elapsed", "all"]
SUFFIXES: tuple[Kind, ...] = ("before", "after", "all")


@dataclasses.dataclass(frozen=True)
class Argument:
    """One argument of `skip` after the state: where it comes from, and the table or name."""

    kind: Kind
    name: str


def arguments(rule: Rule) -> tuple[Argument, ...]:
    """Return what the `skip` of `rule` takes after the weight and the state, in order.

    ValueError where it has none.
    """
    if rule.skip is None:
        raise ValueError(f"{rule.name} has no skip: {rule.dense_because}")
    return tuple(_argument(rule, name) for name in parameters(rule.skip)[1 + len(rule.state) :])


def _argument(rule: Rule, name: str) -> Argument:
    if name in rule.defaults:
        return Argument("hyperparameter", name)
    if name in ("t", "k"):
        return Argument("step" if name == "t" else "count", name)
    for suffix in SUFFIXES:
        if name.endswith(f"_{suffix}"):
            return Argument(suffix, name.removesuffix(f"_{suffix}"))
    return Argument("elapsed", name)


def tabled(hyperparameters: Mapping[str, float]) -> dict[str, float]:
    """Hyper-parameters as a rule's `tables` may name them: with `lr_weight_decay`, the product."""
    both = {"lr", "weight_decay"} <= hyperparameters.keys()
    product = hyperparameters["lr"] * hyperparameters["weight_decay"] if both else 0.0
    return {**hyperparameters, "lr_weight_decay": product}


def tables(
    rule: Rule,
    steps: int,
    hyperparameters: Mapping[str, float],
    rate: NDArray[np.float64] | None = None,
) -> dict[str, NDArray[np.float64]] | None:
    """Return the tables of `rule` for `steps` steps, float64, or None where it must run dense.

    `rate` [steps + 1] are the schedule's factors on the learning rate, ones if not given; a
    ValueError where there are fewer or more.
    """
    if rule.skip is None:
        return None
    if rule.tables is None:
        return {}
    t = np.arange(steps + 1, dtype=np.float64)
    rate = np.ones_like(t) if rate is None else np.asarray(rate, np.float64)
    if rate.shape != t.shape:
        raise ValueError(
            f"{rule.name}: {rate.size} rates, expected {t.size} (one a step, and one for step 0)"
        )
    given = {"t": t, "rate": rate, **tabled(hyperparameters)}
    with np.errstate(under="ignore"):
        return rule.tables(*(given[name] for name in parameters(rule.tables)))


def skip(
    rule: Rule,
    w: Any,
    state: tuple[Any, ...],
    t: int,
    k: int,
    tabled: Mapping[str, NDArray[np.floating]],
    hyperparameters: Mapping[str, float],
    function: Callable[..., Any] | None = None,
) -> tuple[Any, tuple[Any, ...]]:
    """Take the k steps of zero gradient after step t of one coordinate, all at once.

    In the precision of what is given (scalars of one NumPy type, tables and hyper-parameters
    too), in NumPy's meaning or that of `function`.
    """
    places = {"before": t, "after": t + k, "elapsed": k}
    values: list[Any] = []
    for argument in arguments(rule):
        match argument.kind:
            case "step":
                values.append(t)
            case "count":
                values.append(k)
            case "hyperparameter":
                values.append(hyperparameters[argument.name])
            case "all":
                values.append(tabled[argument.name])
            case kind:
                values.append(tabled[argument.name][places[kind]])
    taken = function or rule.skip
    assert taken is not None  # `arguments` refuses a rule without `skip`
    w, *after = taken(w, *state, *values)
    return w, tuple(after)
