"""Which learning rates a search tries: a grid, beyond its edges, and between its best."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

Scores = dict[float, float]
"""What each rate came to, the smaller the better; infinity where it diverged."""


def grid(start: float, stop: float, points: int) -> list[float]:
    """Rates from `start` to `stop`, each the same factor above the one before."""
    factor = grid_factor(start, stop, points)
    return [start * factor**k for k in range(points - 1)] + [stop]


def grid_factor(start: float, stop: float, points: int) -> float:
    """By what factor neighbours on the grid differ."""
    return (stop / start) ** (1 / (points - 1))


def best_rate(scores: Mapping[float, float]) -> float:
    """The rate of the smallest score; of equal ones (as where all diverged) the smallest rate."""
    return min(sorted(scores), key=lambda rate: scores[rate])


def next_rates(scores: Mapping[float, float], factor: float) -> list[float]:
    """The rates to try next: one beyond an edge that is best, else between the best's neighbours.

    Of the two between, the one towards the better neighbour comes first.
    """
    rates = sorted(scores)
    best = best_rate(scores)
    at = rates.index(best)
    if at == 0:
        return [best / factor]
    if at == len(rates) - 1:
        return [best * factor]
    neighbours = sorted((rates[at - 1], rates[at + 1]), key=lambda rate: scores[rate])
    return [math.sqrt(best * neighbour) for neighbour in neighbours]


def search_rates(
    evaluate: Callable[[Sequence[float]], Sequence[float]],
    start: float,
    stop: float,
    points: int,
    trials: int,
) -> Scores:
    """Try exactly `trials` rates: the grid, then what `next_rates` says until none is left.

    `evaluate` takes rates to be tried together and returns their scores. The rates are in the
    order in which they were tried.
    """
    coarse = grid(start, stop, points)
    scores = dict(zip(coarse, evaluate(coarse), strict=True))
    return search_on(evaluate, scores, grid_factor(start, stop, points), trials - points)


def search_on(
    evaluate: Callable[[Sequence[float]], Sequence[float]],
    scores: Mapping[float, float],
    factor: float,
    trials: int,
) -> Scores:
    """Try exactly `trials` rates more."""
    found = dict(scores)
    while len(found) < len(scores) + trials:
        rates = next_rates(found, factor)[: len(scores) + trials - len(found)]
        found |= dict(zip(rates, evaluate(rates), strict=True))
    return found
