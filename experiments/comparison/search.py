"""Searches hyper-parameters on validation, retrains what it chose on fresh seeds, writes all down.

Every rule gets the same number of trials: first of its learning rate alone, the rest at the
defaults; then of all its other hyper-parameters together with the rate. A rule that has no others
spends these on the rate too.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.comparison.rates import best_rate, grid_factor, search_on, search_rates
from experiments.comparison.space import axes_of, candidates
from experiments.comparison.training import Asked, Trace, Trainer, rows
from experiments.comparison.variants import CHOSEN, RATE_TRIAL, TUNED, TUNING_TRIAL
from experiments.table import Run
from optim.registry import rule as rule_called
from optim.rule import Rule


@dataclasses.dataclass(frozen=True)
class Trial:
    """One trial of a search; `score` is the smaller the better, infinite where it diverged."""

    variant: str
    asked: Asked
    score: float
    trace: Trace


def score(trace: Trace, select_by: str) -> float:
    """The selection metric after the last epoch; of an accuracy, what is missing to one."""
    value = float(trace.measured[select_by][-1])
    if trace.updates is not None or not np.isfinite(value):
        return float("inf")
    return 1 - value if select_by.endswith("accuracy") else value


def search(rule: Rule, protocol: Mapping[str, Any], train: Trainer) -> list[Trial]:
    """All trials of a rule, in the order tried: of its rate, then of everything.

    Their number is the protocol's `trials` + `tuned_trials`, whatever the rule.
    """
    found: list[Trial] = []

    def attempt(kind: str, given: Sequence[Mapping[str, float]]) -> list[float]:
        asked = [Asked(rule.hyperparameters(**each), protocol["search_seed"]) for each in given]
        for each, trace in zip(asked, train("search", rule, asked), strict=True):
            variant = f"{kind} {len(found) + 1:02d}, lr={each.hyperparameters['lr']:.4g}"
            found.append(Trial(variant, each, score(trace, protocol["select_by"]), trace))
        return [trial.score for trial in found[-len(asked) :]]

    def rates(kind: str) -> Callable[[Sequence[float]], list[float]]:
        return lambda tried: attempt(kind, [{"lr": rate} for rate in tried])

    given, more = protocol["rates"], protocol["tuned_trials"]
    grid = (given["from"], given["to"], given["points"])
    scores = search_rates(rates(RATE_TRIAL), *grid, protocol["trials"])
    axes = axes_of(rule, protocol["space"])
    if axes:
        tried = candidates(
            axes, best_rate(scores), grid_factor(*grid), more, protocol["search_seed"]
        )
        attempt(TUNING_TRIAL, tried)
    else:
        search_on(rates(TUNING_TRIAL), scores, grid_factor(*grid), more)
    return found


def choices(trials: Sequence[Trial]) -> dict[str, Mapping[str, float]]:
    """The hyper-parameters chosen: by the first search, and by both together.

    The smallest score wins; of equal ones the smallest rate.
    """
    first = [trial for trial in trials if trial.variant.startswith(RATE_TRIAL)]
    return {
        name: min(
            among, key=lambda trial: (trial.score, trial.asked.hyperparameters["lr"])
        ).asked.hyperparameters
        for name, among in ((CHOSEN, first), (TUNED, trials))
    }


def compare_rule(
    experiment: str, dataset: str, optimizer: str, protocol: Mapping[str, Any], train: Trainer
) -> Iterator[pd.DataFrame]:
    """Search, choose on validation, and retrain on seeds 0, 1, ... of the protocol; tidy tables.

    The search's own seed is none of these. What is chosen twice is trained once.
    """
    rule = rule_called(optimizer)

    def named(variant: str, asked: Asked) -> Run:
        given = asked.hyperparameters
        return Run(experiment, dataset, optimizer, variant, given, asked.seed, protocol["batch"])

    trials = search(rule, protocol, train)
    for trial in trials:
        yield from rows(named(trial.variant, trial.asked), trial.trace)
    chosen = choices(trials)
    print(f"{experiment} {optimizer}: {len(trials)} trials, chosen {chosen}", file=sys.stderr)
    done: list[tuple[Mapping[str, float], list[Trace]]] = []
    for variant, hyperparameters in chosen.items():
        asked = [Asked(hyperparameters, seed) for seed in range(protocol["seeds"])]
        traces = next((found for given, found in done if given == hyperparameters), None)
        if traces is None:
            traces = train("final", rule, asked)
            done.append((hyperparameters, traces))
        for each, trace in zip(asked, traces, strict=True):
            yield from rows(named(variant, each), trace)
    print(f"{experiment} {optimizer}: retrained on {protocol['seeds']} seeds", file=sys.stderr)
