"""How many bytes a sweep takes on the CPU, and so how wide its blocks and how many at once."""

from __future__ import annotations

import psutil

from optim.problem import MEASURES, Problem
from optim.rule import Rule
from optim.step_tables import building_bytes

FILLED = 0.8
"""Share of the memory that is available which a sweep may take."""


def available() -> int:
    """Bytes that this machine could give now."""
    return int(psutil.virtual_memory().available)


def kept_bytes(problem: Problem, runs: int, epochs: int, stride: int) -> int:
    """Bytes of what a sweep keeps of its runs: weights, losses every `stride` samples, measures."""
    losses = 2 * epochs * -(-problem.train.labels.size // stride)
    measured = (epochs + 1) * (1 + len(MEASURES) * len(problem.evaluation))
    # Blocks' arrays, joined and then put in order: there three times for a moment.
    return runs * (4 * (problem.features + 1) + 3 * 8 * (losses + measured))


def block_bytes(problem: Problem, rule: Rule, lanes: int, steps: int) -> int:
    """Bytes that training a block of `lanes` runs takes at most, with tables of its own."""
    features, samples = problem.features + 1, problem.train.labels.size
    # Weights and states, a batch's gradient and the weights handed over; the first draw, `last`
    # and `touched`.
    weights = features * (4 * lanes * (3 + len(rule.state)) + 8 + 4 + 8)
    measured = max((rows.labels.size for rows in problem.evaluation.values()), default=0)
    # Margins, their copies by class, and four comparisons of each.
    return weights + 12 * measured * lanes + 12 * samples + building_bytes(rule, steps)


def fitting(
    problem: Problem, rule: Rule, steps: int, widths: tuple[int, ...], kept: int
) -> tuple[int, int]:
    """The widest of the blocks that fit beside what is `kept`, and how many do at once.

    MemoryError, before anything is trained, where not even a single run does.
    """
    free = available()
    room = int(FILLED * free) - kept
    for lanes in sorted(widths, reverse=True):
        at_once = room // block_bytes(problem, rule, lanes, steps)
        if at_once >= 1:
            return lanes, at_once
    least = block_bytes(problem, rule, 1, steps)
    raise MemoryError(
        f"the sweep keeps {kept / 2**30:.3g} GiB (weights and losses of all runs) and training "
        f"needs {least / 2**30:.3g} GiB more, but of {free / 2**30:.3g} GiB available only "
        f"{FILLED:.0%} may be used: train fewer runs a call, or with a larger `thin`"
    )
