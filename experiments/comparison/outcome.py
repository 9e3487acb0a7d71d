"""What the run table of one rule says: its search, and its retrained seeds by variant."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.comparison.variants import CHOSEN, RATE_TRIAL, TUNED, TUNING_TRIAL
from experiments.parquet import made_by, read_frame

VARIANTS = (CHOSEN, TUNED)


@dataclasses.dataclass(frozen=True)
class Retrained:
    """A rule retrained on fresh seeds 0..n-1 with what was chosen.

    `curves[metric]` [seeds, epochs + 1]; `seconds` likewise; `diverged` [seeds].
    """

    hyperparameters: Mapping[str, float]
    validation: float
    curves: Mapping[str, np.ndarray]
    seconds: np.ndarray
    diverged: np.ndarray


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One rule on one problem: its trials' rates and scores, how many diverged, the retrained."""

    rates: list[float]
    scores: list[float]
    trials: int
    diverged_trials: int
    retrained: Mapping[str, Retrained]
    made_by: Mapping[str, Any]


def read_outcome(path: Path) -> Outcome:
    """Read the run table that `experiments.comparison.search.compare_rule` yielded."""
    table = read_frame(path)
    made = made_by(path)
    select_by = made["protocol"]["select_by"]
    trials = _trials(table, select_by)
    by_rate = trials[trials.kind == RATE_TRIAL].sort_values("lr")
    scores = dict(zip(trials.given, trials.score, strict=True))
    return Outcome(
        rates=by_rate.lr.tolist(),
        scores=by_rate.score.tolist(),
        trials=len(trials),
        diverged_trials=int(np.isinf(trials.score).sum()),
        retrained={name: _retrained(table, name, scores) for name in VARIANTS},
        made_by=made,
    )


def _trials(table: pd.DataFrame, select_by: str) -> pd.DataFrame:
    """One row a trial: kind, hyper-parameters as text, rate and score, infinite if it diverged."""
    kinds = table.variant.str.split(" ").str[0]
    tried = table[kinds.isin((RATE_TRIAL, TUNING_TRIAL))]
    last = tried[(tried.metric == select_by) & (tried.epoch == tried.epoch.max())]
    score = 1 - last.value if select_by.endswith("accuracy") else last.value
    diverged = last.variant.isin(tried[tried.metric == "diverged_at"].variant)
    return pd.DataFrame(
        {
            "kind": last.variant.str.split(" ").str[0],
            "given": last.hyperparameters,
            "lr": [json.loads(text)["lr"] for text in last.hyperparameters],
            "score": np.where(diverged | ~np.isfinite(score), np.inf, score),
        }
    )


def _retrained(table: pd.DataFrame, variant: str, scores: Mapping[str, float]) -> Retrained:
    rows = table[table.variant == variant]
    seeds = sorted(rows.seed.unique())
    broken = set(rows[rows.metric == "diverged_at"].seed)
    curves = rows[rows.metric != "diverged_at"]
    tables = {
        metric: part.pivot(index="seed", columns="epoch", values="value").to_numpy()
        for metric, part in curves.groupby("metric")
    }
    times = curves[curves.metric == next(iter(tables))]
    text = rows.hyperparameters.iloc[0]
    return Retrained(
        hyperparameters=json.loads(text),
        validation=scores[text],
        curves={metric: _worst_where_missing(metric, values) for metric, values in tables.items()},
        seconds=times.pivot(index="seed", columns="epoch", values="seconds").to_numpy(),
        diverged=np.array([seed in broken for seed in seeds]),
    )


def _worst_where_missing(metric: str, values: np.ndarray) -> np.ndarray:
    """What is not finite, or comes after it, as the worst: an infinite loss, no accuracy."""
    lost = np.logical_or.accumulate(~np.isfinite(values), axis=1)
    return np.where(lost, 0.0 if metric.endswith("accuracy") else np.inf, values)


def reached(values: np.ndarray, metric: str, target: float) -> np.ndarray:
    """True [seeds, epochs + 1] where a metric is as good as the target."""
    return values >= target if metric.endswith("accuracy") else values <= target


def epochs_to_target(values: np.ndarray, metric: str, target: float) -> np.ndarray:
    """First epoch [seeds] at whose end the target is reached; infinity where it never is."""
    there = reached(values, metric, target)
    return np.where(there.any(axis=1), there.argmax(axis=1).astype(float), np.inf)


def seconds_to_target(seconds: np.ndarray, epochs: np.ndarray) -> np.ndarray:
    """Seconds of training [seeds] up to those epochs; infinity for infinity."""
    within = np.isfinite(epochs)
    at = np.where(within, epochs, 0).astype(int)
    return np.where(within, seconds[np.arange(len(at)), at], np.inf)


def width_of_good_rates(rates: list[float], scores: list[float], factor: float) -> float:
    """By what factor the largest and the smallest of the rates that do about as well differ.

    They are those tried in one stretch around the best whose score is at most `factor` times its;
    0 where none converged.
    """
    best = int(np.argmin(scores))
    if not np.isfinite(scores[best]):
        return 0.0
    good = np.asarray(scores) <= factor * scores[best]
    low = high = best
    while low > 0 and good[low - 1]:
        low -= 1
    while high < len(rates) - 1 and good[high + 1]:
        high += 1
    return rates[high] / rates[low]
