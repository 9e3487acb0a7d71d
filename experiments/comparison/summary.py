"""The summary of a comparison, from the run tables of its rules alone: `results/comparison.json`.

Infinity is written as the string "infinity": a target that was missed, or a run that diverged.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.comparison.outcome import (
    VARIANTS,
    Outcome,
    Retrained,
    epochs_to_target,
    read_outcome,
    seconds_to_target,
    width_of_good_rates,
)
from experiments.comparison.profiles import ratios
from experiments.comparison.statistics import Summary, holm, mean_ranks, paired_p, summary

Outcomes = Mapping[str, Outcome]
"""The rules' outcomes on one problem, by rule."""

CLOCKS = ("epochs", "seconds")


def compare(tables: Iterable[Path], comparison: Mapping[str, Any]) -> dict[str, Any]:
    """Summarise run tables `.../<problem>/<optimizer>.parquet` as the configuration asks."""
    problems: dict[str, dict[str, Outcome]] = {}
    for path in sorted(tables):
        problems.setdefault(path.parent.name, {})[path.stem] = read_outcome(path)
    return {
        "comparison": dict(comparison),
        "problems": {
            name: _problem(outcomes, {**comparison, **comparison["problems"][name]})
            for name, outcomes in problems.items()
        },
        "profiles": {
            variant: {clock: _profiles(problems, variant, clock, comparison) for clock in CLOCKS}
            for variant in VARIANTS
        },
    }


def write_comparison(found: Mapping[str, Any], path: Path) -> None:
    """Write the summary, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    text = json.dumps(plain(found), indent=1, allow_nan=False, ensure_ascii=False)
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


def plain(value: Any) -> Any:
    """`value` as JSON has it, infinity being a string."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    return value


def target_of(settings: Mapping[str, Any], scale: str) -> float:
    """The target's value at a scale; the full one where a reduced scale has none of its own."""
    return float(settings["target"].get(scale, settings["target"]["full"]))


def _problem(outcomes: Outcomes, settings: Mapping[str, Any]) -> dict[str, Any]:
    made = next(iter(outcomes.values())).made_by
    return {
        "scale": made["scale"],
        "protocol": made["protocol"],
        "rank_by": settings["rank_by"],
        "target": {
            "metric": settings["target"]["metric"], "value": target_of(settings, made["scale"]),
        },
        "rules": {
            name: {
                "search": _search(outcome, settings["near_best"]),
                **{v: _retrained(outcome.retrained[v], made, settings) for v in VARIANTS},
            }
            for name, outcome in outcomes.items()
        },
        **{variant: _contest(outcomes, variant, settings) for variant in VARIANTS},
    }  # fmt: skip


def _search(outcome: Outcome, near_best: float) -> dict[str, Any]:
    given = outcome.made_by["protocol"]["rates"]
    margin = 1e-9  # a rate of the grid is not beyond it by rounding
    return {
        "rates": outcome.rates,
        "scores": outcome.scores,
        "trials": outcome.trials,
        "diverged": outcome.diverged_trials,
        "below_grid": sum(rate < given["from"] * (1 - margin) for rate in outcome.rates),
        "above_grid": sum(rate > given["to"] * (1 + margin) for rate in outcome.rates),
        "width_of_good_rates": width_of_good_rates(outcome.rates, outcome.scores, near_best),
    }


def _retrained(
    found: Retrained, made: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    def spread(values: np.ndarray) -> Summary:
        return summary(values.tolist(), settings["level"], settings["resamples"])

    epochs, seconds = _clocks(found, settings, made["scale"])
    return {
        "hyperparameters": dict(found.hyperparameters),
        "validation": found.validation,
        "diverged_seeds": int(found.diverged.sum()),
        "final": {metric: spread(values[:, -1]) for metric, values in found.curves.items()},
        "best": {
            metric: spread(
                values.max(axis=1) if metric.endswith("accuracy") else values.min(axis=1)
            )
            for metric, values in found.curves.items()
        },
        "epochs_to_target": spread(epochs),
        "seconds_to_target": spread(seconds),
        "seeds_that_miss": int(np.isinf(epochs).sum()),
    }


def _clocks(
    found: Retrained, settings: Mapping[str, Any], scale: str
) -> tuple[np.ndarray, np.ndarray]:
    metric = settings["target"]["metric"]
    epochs = epochs_to_target(found.curves[metric], metric, target_of(settings, scale))
    return epochs, seconds_to_target(found.seconds, epochs)


def _contest(outcomes: Outcomes, variant: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Ranks and the two families of paired tests over the common seeds, by the problem's metric."""
    metric = settings["rank_by"]
    # The smaller the better: an accuracy as what is missing to one.
    finals = {}
    for name, outcome in outcomes.items():
        last = outcome.retrained[variant].curves[metric][:, -1]
        finals[name] = 1 - last if metric.endswith("accuracy") else last
    ranks = mean_ranks(np.array(list(finals.values())))
    leader = min(outcomes, key=lambda name: outcomes[name].retrained[variant].validation)
    others = [(name, leader) for name in outcomes if name != leader]
    planned = [tuple(pair) for pair in settings["pairs"] if set(pair) <= set(outcomes)]
    absent = [list(pair) for pair in settings["pairs"] if not set(pair) <= set(outcomes)]
    return {
        "leader": leader,
        "ranks": dict(zip(finals, ranks.tolist(), strict=True)),
        "against_leader": _tests(finals, others, settings),
        "pairs": _tests(finals, planned, settings),
        "pairs_left_out": absent,
    }


def _tests(
    finals: Mapping[str, np.ndarray],
    pairs: list[tuple[str, str]],
    settings: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """A family of tests: p by itself and by Holm, and which rule of a pair is better, if either."""
    p_values = [paired_p(finals[first], finals[second]) for first, second in pairs]
    found = []
    for (first, second), p, adjusted in zip(pairs, p_values, holm(p_values), strict=True):
        wins = int((finals[first] < finals[second]).sum())
        losses = int((finals[first] > finals[second]).sum())
        significant = adjusted <= settings["significance"]
        better = (first if wins > losses else second) if significant else None
        found.append(
            {
                "first": first, "second": second, "p": p, "adjusted": adjusted,
                "first_is_better_on": wins, "second_is_better_on": losses, "better": better,
            }
        )  # fmt: skip
    return found


def _profiles(
    problems: Mapping[str, Outcomes],
    variant: str,
    clock: str,
    comparison: Mapping[str, Any],
) -> dict[str, list[float]]:
    """Each rule's ratios to the fastest over all problems and seeds, sorted, infinite if missed.

    On a problem that leaves a rule out, it misses.
    """
    rules = sorted({name for outcomes in problems.values() for name in outcomes})
    columns = []
    for problem, outcomes in problems.items():
        settings = comparison["problems"][problem]
        seeds = next(iter(outcomes.values())).made_by["protocol"]["seeds"]
        times = np.full((len(rules), seeds), np.inf)
        for name, outcome in outcomes.items():
            both = _clocks(outcome.retrained[variant], settings, outcome.made_by["scale"])
            times[rules.index(name)] = both[CLOCKS.index(clock)]
        columns.append(times)
    found = ratios(np.concatenate(columns, axis=1))
    return {name: np.sort(row).tolist() for name, row in zip(rules, found, strict=True)}
