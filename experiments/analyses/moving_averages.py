"""What momentum and Adam make of past gradients (the notebook's sections 2.2, 2.4 and 3.4).

Velocities and moments are the states of the project's own rules, fed with gradients that do not
depend on the weights. Adam without bias correction is Adam at step infinity, where its corrections
are exactly one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.descent import follow
from experiments.series import points
from optim.registry import rule
from optim.rule import Rule

DATASET = None
PROTOCOL = {
    "betas": {"type": "array", "items": {"$ref": "#/$defs/positive"}, "minItems": 1},
    "steps": {"$ref": "#/$defs/count"},
    "coordinates": {"$ref": "#/$defs/count"},
    "mean": {"type": "number"},
    "deviation": {"$ref": "#/$defs/positive"},
    "seed": {"type": "integer", "minimum": 0},
}

NAME = "moving_averages"


def analyse(
    protocol: Mapping[str, Any], _data: None = None, _results: None = None
) -> Iterator[pd.DataFrame]:
    """Yield momentum's sum, what past gradients weigh, noise left, and Adam's first steps."""
    generator = np.random.default_rng(protocol["seed"])
    noise = generator.normal(size=(protocol["steps"], protocol["coordinates"]))
    yield from _sum_claim(protocol["betas"], noise)
    yield from _never_zeroed(protocol["steps"])
    yield from _weights_of_the_past(protocol["betas"], protocol["steps"])
    yield from _constant_gradient(protocol["betas"], protocol["steps"])
    yield from _noise_left(protocol["betas"], noise)
    yield from _first_steps(noise)
    yield from _second_moment(noise, protocol["mean"], protocol["deviation"])


def states(
    chosen: Rule, gradients: np.ndarray, *, corrected: bool = True, **given: float
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Moves and states [T, ...] of a rule that is fed `gradients` [T, ...], starting from zero.

    `corrected` False takes every step as step infinity, where a bias correction does nothing.
    """
    hyperparameters = chosen.hyperparameters(**given)
    w = np.zeros_like(gradients[0])
    state = chosen.initial_state(w, hyperparameters)
    moves, kept = [], []
    for t, gradient in enumerate(gradients, start=1):
        after, state = chosen.step(w, gradient, state, t if corrected else np.inf, hyperparameters)
        moves.append(after - w)
        kept.append(state)
        w = after
    return np.array(moves), [np.array(each) for each in zip(*kept, strict=True)]


def _sum_claim(betas: Sequence[float], noise: np.ndarray) -> Iterator[pd.DataFrame]:
    """Momentum's velocity beside the sum that the notebook says it is, and beside an average."""
    from_sum, from_average = [], []
    age = np.arange(len(noise))[:, None] - np.arange(len(noise))
    for beta in betas:
        velocity = states(rule("momentum"), noise, momentum=beta)[1][0]
        summed = np.where(age >= 0, beta ** np.maximum(age, 0.0), 0) @ noise
        from_sum.append(np.abs(velocity - summed).max())
        from_average.append(np.abs(velocity - (1 - beta) * summed).max())
    labels = [f"beta {beta:g}" for beta in betas]
    for metric, values in (
        ("largest difference from the sum", from_sum),
        ("largest difference from the moving average", from_average),
    ):
        yield points(NAME, "momentum is a sum", "velocity", metric, values, labels=labels)


def _never_zeroed(steps: int) -> Iterator[pd.DataFrame]:
    """Descent on w^2 / 2 where gradients add up, as in torch's backward without zero_grad.

    The notebook's section 1.3 writes its loops so. What they add up to is momentum with beta 1.
    """
    for series, chosen, given in (
        ("gradients set to zero", "sgd", {"lr": 0.1}),
        ("gradients added up", "momentum", {"lr": 0.1, "momentum": 1.0}),
    ):
        path = follow(rule(chosen), lambda w, _state: w, np.ones(1), steps, given).points[:, 0]
        for metric, values in (
            ("weight", path), ("largest weight still to come", _largest_to_come(path))
        ):  # fmt: skip
            yield points(
                NAME, "gradients that are never set to zero", series, metric, values,
                x=np.arange(steps + 1), x_name="step",
            )  # fmt: skip


def _largest_to_come(path: np.ndarray) -> np.ndarray:
    """The largest size from each step on to the end."""
    return np.maximum.accumulate(np.abs(path)[::-1])[::-1]


def _weights_of_the_past(betas: Sequence[float], steps: int) -> Iterator[pd.DataFrame]:
    """The velocity that one gradient of 1 leaves behind, by the gradient's age."""
    impulse = np.zeros((steps, 1))
    impulse[0] = 1
    for beta in betas:
        velocity = states(rule("momentum"), impulse, momentum=beta)[1][0][:, 0]
        newest = np.cumsum(velocity) * (1 - beta)
        figure, x = "what past gradients weigh", np.arange(steps)
        for metric, values in (("weight", velocity), ("share of the newest", newest)):
            yield points(
                NAME, figure, f"beta {beta:g}", metric, values,
                x=x if metric == "weight" else x + 1, x_name="age in steps",
            )  # fmt: skip


def _constant_gradient(betas: Sequence[float], steps: int) -> Iterator[pd.DataFrame]:
    """What a constant gradient of 1 becomes: a sum of weights, and averages of weight one."""
    ones, t = np.ones((steps, 1)), np.arange(1, steps + 1)
    for beta in betas:
        velocity = states(rule("momentum"), ones, momentum=beta)[1][0][:, 0]
        average = states(rule("adam"), ones, beta1=beta)[1][0][:, 0]
        corrected = average / rule("adam").scalars(t, {"beta1": beta, "beta2": 0.0})[0]
        for metric, values in (
            ("momentum's velocity", velocity),
            ("Adam's first moment", average),
            ("Adam's first moment, corrected", corrected),
        ):
            yield points(
                NAME, "a constant gradient of 1", f"beta {beta:g}", metric, values, x=t,
                x_name="step",
            )  # fmt: skip


def _noise_left(betas: Sequence[float], noise: np.ndarray) -> Iterator[pd.DataFrame]:
    """Variance at the end of averages and velocities of independent gradients of variance one."""
    labels = [f"beta {beta:g}" for beta in betas]
    beta = np.array(betas)
    fading = beta ** (2 * len(noise))
    averages = [states(rule("adam"), noise, beta1=value)[1][0] for value in betas]
    velocities = [states(rule("momentum"), noise, momentum=value)[1][0] for value in betas]
    for series, found, predicted in (
        ("Adam's first moment", averages, (1 - beta) / (1 + beta) * (1 - fading)),
        ("momentum's velocity", velocities, (1 - fading) / (1 - beta**2)),
    ):
        measured = [each[-1].var() for each in found]
        for metric, values in (("variance measured", measured), ("variance predicted", predicted)):
            yield points(
                NAME, "noise that an average leaves", series, metric, values, labels=labels
            )


def _first_steps(noise: np.ndarray) -> Iterator[pd.DataFrame]:
    """Mean length of Adam's steps, over its learning rate, with and without bias correction."""
    adam, t = rule("adam"), np.arange(1, len(noise) + 1)
    rate = adam.defaults["lr"]
    for kind, gradients in (("constant", np.ones((len(noise), 1))), ("pure noise", noise)):
        for corrected in (True, False):
            moves, _ = states(adam, gradients, corrected=corrected)
            yield points(
                NAME, "Adam's first steps", f"{kind} gradient",
                f"step length with{'' if corrected else 'out'} bias correction",
                np.abs(moves).mean(axis=1) / rate, x=t, x_name="step", unit="learning rates",
            )  # fmt: skip
    corrections = adam.scalars(t, adam.defaults)
    yield points(
        NAME, "Adam's first steps", "constant gradient",
        "step length without bias correction, predicted", corrections[0] / np.sqrt(corrections[1]),
        x=t, x_name="step", unit="learning rates",
    )  # fmt: skip


def _second_moment(noise: np.ndarray, mean: float, deviation: float) -> Iterator[pd.DataFrame]:
    """Adam's second moment is of the gradient about zero, not about its mean: not a variance."""
    _, (_, second) = states(rule("adam"), mean + deviation * noise)
    last = rule("adam").scalars(len(noise), rule("adam").defaults)[1]
    for metric, value in (
        ("second moment measured", second[-1].mean() / last),
        ("mean squared plus variance", mean**2 + deviation**2),
        ("variance", deviation**2),
    ):
        yield points(
            NAME, "what Adam's second moment is", f"mean {mean:g}, deviation {deviation:g}", metric,
            [value], labels=["gradient"],
        )  # fmt: skip
