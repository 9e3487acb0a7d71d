"""Verifies every rule against what it should equal, and says what was measured.

Against torch.optim or a transcription of the paper over 300 noisy steps; its meanings against each
other; its closed form of zero-gradient steps against taking them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, SupportsFloat

import numpy as np
import sympy
import torch
from flint import arb
from numpy.typing import NDArray

from optim import balls, jitted, symbolic, transcriptions
from optim.meaning import with_meaning
from optim.references import TORCH
from optim.rule import Rule, parameters
from optim.torch_optimizer import FUNCTIONS as TORCH_FUNCTIONS
from optim.zero_gradient import skip, tables

Array = NDArray[np.float64]

STEPS = 300
WEIGHTS = 7
BEYOND = 2000
"""Steps that training goes on for after those skipped: sums to its end then cancel in part."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing verified of one rule: the worst relative error found, and what was allowed."""

    rule: str
    check: str
    against: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the error is a number within the tolerance."""
        return self.error <= self.tolerance


def verify(rule: Rule, seed: int = 0) -> Iterator[Check]:
    """Yield what was found about `rule`.

    Raises TypeError where its update does not return the weight, and the state where there is any.
    """
    if rule.coordinatewise:
        _check_returned(rule)
    problem = NoisyQuadratic.drawn(seed)
    if rule.name in TORCH:
        # The same operations in another order, 300 times: a few hundred roundings at most.
        yield Check(rule.name, "torch", "torch.optim", _against_torch(rule, problem), 1e-10)
    if hasattr(transcriptions, rule.name):
        error = _against_transcription(rule, problem)
        # A matrix root by two methods, one of which squares the condition number.
        tolerance = 1e-10 if rule.coordinatewise else 1e-6
        yield Check(rule.name, "paper", "a transcription of the paper", error, tolerance)
    if rule.name == "newton":
        yield Check(rule.name, "paper", "the minimum, in one step", _newton(rule, problem), 1e-12)
    if rule.coordinatewise:
        for meaning, error in _meanings(rule, seed).items():
            yield Check(rule.name, meaning, "the rule in NumPy", error, 1e-12)
    if rule.skip:
        for name, dtype, tolerance in (
            ("zero gradients, double", np.float64, 1e-12),
            ("zero gradients, single", np.float32, 1e-5),
        ):
            error = max(
                zero_gradient_error(rule, t, k, dtype, seed)
                for t, k in ((1, 1), (4, 9), (1000, 1), (1000, 3), (1200, 100), (2000, 10_000))
            )
            yield Check(rule.name, name, "as many explicit steps", error, tolerance)


@dataclasses.dataclass(frozen=True)
class NoisyQuadratic:
    """A quadratic with noise in its gradient, of scales from 1e-3 to 1e3 across the weights."""

    hessian: Array
    minimum: Array
    noise: Array
    start: Array

    @classmethod
    def drawn(cls, seed: int) -> NoisyQuadratic:
        """Return a problem of WEIGHTS weights and STEPS steps."""
        random = np.random.default_rng(seed)
        roots = random.normal(size=(WEIGHTS, WEIGHTS)) * np.geomspace(1e-2, 10, WEIGHTS)[:, None]
        return cls(
            hessian=roots @ roots.T / 100 + 1e-4 * np.eye(WEIGHTS),
            minimum=random.normal(size=WEIGHTS),
            noise=random.normal(size=(STEPS + 1, WEIGHTS)) * np.geomspace(1e-3, 1, WEIGHTS),
            start=random.normal(size=WEIGHTS),
        )

    def gradient(self, w: Array, t: int) -> Array:
        """Return the noisy gradient at step `t` (from 1)."""
        noisy: Array = self.hessian @ (w - self.minimum) + self.noise[t]
        return noisy


def trajectory(rule: Rule, problem: NoisyQuadratic, **given: float) -> list[Array]:
    """Return the weights after each of STEPS steps of `rule` in NumPy's double precision."""
    hyperparameters = rule.hyperparameters(**given)
    w, path = problem.start.copy(), []
    state = rule.initial_state(w, hyperparameters)
    if not rule.coordinatewise:
        state = tuple(np.zeros((w.size, w.size)) for _ in state)
    for t in range(1, STEPS + 1):
        w, state = rule.step(w, problem.gradient(w, t), state, t, hyperparameters)
        path.append(w)
    return path


def difference(path: list[Array], other: list[Array]) -> float:
    """Return the largest difference of two trajectories, relative to the largest weight then."""
    return max(
        float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(path, other, strict=True)
    )


def torch_trajectory(
    make: Callable[..., torch.optim.Optimizer], problem: NoisyQuadratic
) -> list[Array]:
    """Return the weights after each of STEPS steps of the torch optimizer that `make` makes."""
    weights = torch.tensor(problem.start, requires_grad=True)
    optimizer = make([weights])
    path = []
    for t in range(1, STEPS + 1):
        weights.grad = torch.tensor(problem.gradient(weights.detach().numpy(), t))
        optimizer.step()
        path.append(weights.detach().numpy().copy())
    return path


def _against_torch(rule: Rule, problem: NoisyQuadratic) -> float:
    return difference(trajectory(rule, problem), torch_trajectory(TORCH[rule.name], problem))


def _against_transcription(rule: Rule, problem: NoisyQuadratic) -> float:
    transcribed = getattr(transcriptions, rule.name)
    # A period that comes round several times; any other setting as the rule has it.
    given = {"period": 40} if "period" in rule.defaults else {}
    hyperparameters = rule.hyperparameters(**given)
    chosen = {name: hyperparameters[name] for name in parameters(transcribed)[3:]}
    expected = transcribed(problem.gradient, problem.start.copy(), STEPS, **chosen)
    return difference(trajectory(rule, problem, **given), expected)


def _newton(rule: Rule, problem: NoisyQuadratic) -> float:
    gradient = problem.hessian @ (problem.start - problem.minimum)
    w = rule.update(problem.start, gradient, problem.hessian, 1.0)
    return float(np.abs(w - problem.minimum).max())


def _check_returned(rule: Rule) -> None:
    hyperparameters, one = rule.hyperparameters(), np.float64(1)
    state = rule.initial_state(one, hyperparameters)
    rest = (hyperparameters[name] for name in rule.update_hyperparameters)
    result = rule.update(one, one, *state, *rule.scalars(1, hyperparameters), *rest)
    found = f"a tuple of {len(result)}" if isinstance(result, tuple) else "the weight alone"
    expected = f"a tuple of {1 + len(rule.state)}" if rule.state else "the weight alone"
    if found != expected:
        raise TypeError(
            f"rule {rule.name!r}: update returns {found}, expected {expected} "
            f"({', '.join(('w', *rule.state))})"
        )


def _meanings(rule: Rule, seed: int, steps: int = 5) -> dict[str, float]:
    """Return the largest relative difference of each meaning from NumPy's over a few steps."""
    random = np.random.default_rng(seed)
    hyperparameters = rule.hyperparameters()
    others = {
        "Numba": jitted.compiled(rule.update),
        "torch": with_meaning(rule.update, TORCH_FUNCTIONS),
        "SymPy": with_meaning(rule.update, symbolic.FUNCTIONS),
        "balls": with_meaning(rule.update, balls.FUNCTIONS),
    }
    into = {"Numba": float, "torch": _tensor, "SymPy": sympy.Float, "balls": balls.ball}
    w = np.float64(random.normal())
    start = rule.initial_state(w, hyperparameters)
    state: tuple[Any, ...] = tuple(np.float64(value) for value in start)
    worst = dict.fromkeys(others, 0.0)
    for t in range(1, steps + 1):
        g = np.float64(random.normal())
        expected = rule.step(w, g, state, t, hyperparameters)
        rest = (hyperparameters[name] for name in rule.update_hyperparameters)
        arguments = [w, g, *state, *rule.scalars(t, hyperparameters), *rest]
        for name, update in others.items():
            result = update(*map(into[name], arguments))
            found = result if rule.state else (result,)
            for a, b in zip(found, (expected[0], *expected[1]), strict=True):
                worst[name] = max(worst[name], _distance(a, float(b)))
        w, state = expected
    return {f"{name} meaning": error for name, error in worst.items()}


def _tensor(value: float) -> torch.Tensor:
    return torch.tensor(float(value), dtype=torch.float64)


def _distance(found: SupportsFloat, expected: float) -> float:
    value = float(found.mid()) if isinstance(found, arb) else float(found)
    return abs(value - expected) / max(abs(expected), 1e-300)


def zero_gradient_error(
    rule: Rule,
    t: int,
    k: int,
    dtype: type,
    seed: int = 0,
    rate: Array | None = None,
    scale: float = 0.1,
    **given: float,
) -> float:
    """Return the relative error of `skip` over k steps after step t, in `dtype`.

    Against k explicit steps in double precision from the same state, made by three gradients of
    the given `scale`; the weight starts from zero, so that its whole move is compared.
    """
    hyperparameters = rule.hyperparameters(**given)
    total = t + k
    rate = np.ones(total + 1) if rate is None else rate
    beyond = np.append(rate, np.full(BEYOND, rate[-1]))
    tabled = tables(rule, total + BEYOND, hyperparameters, beyond)
    if tabled is None:
        raise ValueError(f"{rule.name} runs dense with {given}")
    random = np.random.default_rng([seed, t, k])
    gradients = np.zeros(total + 1)
    gradients[max(1, t - 2) : t + 1] = random.normal(size=t + 1 - max(1, t - 2)) * scale
    state = tuple(float(s) for s in rule.initial_state(0.0, hyperparameters))
    _, state = _explicit(rule, 0.0, state, (max(1, t - 2), t), gradients, hyperparameters, rate)
    rounded = tuple(float(dtype(value)) for value in state)
    expected = _explicit(rule, 0.0, rounded, (t + 1, total), gradients, hyperparameters, rate)
    narrow: dict[str, NDArray[Any]] = {name: table.astype(dtype) for name, table in tabled.items()}
    found = skip(
        rule, dtype(0), tuple(map(dtype, rounded)), t, k, narrow,
        {name: dtype(value) for name, value in hyperparameters.items()},
    )  # fmt: skip
    # Of a number as the precision stores it only the least normal number is forgiven, below which
    # digits are lost or all flushed to zero; Lion keeps its direction as up to ten of these.
    least = float(np.finfo(dtype).tiny) * (10 if rule.name == "lion" else 1)
    pairs = zip((found[0], *found[1]), (expected[0], *expected[1]), strict=True)
    return float(np.max([_beyond(float(dtype(a)), b, least) for a, b in pairs]))


def _beyond(found: float, expected: float, least: float) -> float:
    """Return how far `found` is from `expected` beyond `least`, relative to `expected`."""
    far = abs(found - expected)
    if far <= least:
        return 0.0
    return (far - least) / abs(expected) if expected else float("inf")


def _explicit(
    rule: Rule,
    w: float,
    state: tuple[float, ...],
    span: tuple[int, int],
    gradients: Array,
    hyperparameters: dict[str, float],
    rate: Array,
) -> tuple[float, tuple[float, ...]]:
    """Take steps span[0]..span[1] in double precision, on Python's own floats."""
    steps = np.arange(span[0], span[1] + 1)
    scheduled = {name: hyperparameters[name] * rate[steps] for name in rule.scheduled}
    scalars = rule.scalars(steps.astype(np.float64), {**hyperparameters, **scheduled})
    columns = [np.broadcast_to(scalar, steps.shape).tolist() for scalar in scalars]
    update = jitted.compiled(rule.update)
    for place, t in enumerate(steps):
        rest = (
            float(scheduled[name][place]) if name in scheduled else hyperparameters[name]
            for name in rule.update_hyperparameters
        )  # fmt: skip
        result = update(w, gradients[t], *state, *(column[place] for column in columns), *rest)
        w, *after = result if rule.state else (result,)
        state = tuple(after)
    return w, state
