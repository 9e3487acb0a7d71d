"""Stability limits of SGD, momentum and Nesterov's on x^2 + 10 y^2, and runs on either side.

The notebook draws its paths (section 2.3) at rates of which it does not say that they are stable.
The limits come from the eigenvalues of one step (`experiments.stability`) and from closed forms;
the measured growth is that of the runs of `bowl_paths`, and beside the saddle of `saddle_escape`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.parquet import made_by, read_frame
from experiments.runs.bowl_paths import CURVATURES
from experiments.runs.saddle_escape import ESCAPED
from experiments.series import points
from experiments.stability import growth, largest_stable_rate
from optim.registry import rule

DATASET = None
RUNS = ("bowl_paths", "saddle_escape")
PROTOCOL = {
    "momentum": {"$ref": "#/$defs/positive"},
    "largest_rate": {"$ref": "#/$defs/positive"},
    "rates": {"$ref": "#/$defs/count"},
}

LINEAR = ("sgd", "momentum", "nesterov", "nesterov_lookahead")
PRINTED = "Nesterov, formula as printed"
"""Momentum that takes its gradient at the weights less beta times the velocity (section 2.3)."""


def analyse(protocol: Mapping[str, Any], _data: None, results: Path) -> Iterator[pd.DataFrame]:
    """Yield growth by learning rate, the limits, and what the runs did beside theirs."""
    beta = protocol["momentum"]
    rates = np.linspace(0, protocol["largest_rate"], protocol["rates"] + 1)[1:]
    methods = [(name, name, 0.0) for name in LINEAR] + [(PRINTED, "momentum", beta)]
    limits = []
    for title, name, ahead in methods:
        given = {} if name == "sgd" else {"momentum": beta}
        chosen = rule(name)
        grown = [
            growth(chosen, chosen.hyperparameters(lr=rate, **given), CURVATURES, ahead)
            for rate in rates
        ]
        limits.append(
            largest_stable_rate(chosen, chosen.hyperparameters(**given), CURVATURES.max(), ahead)
        )
        yield points(
            "stability_limits", "growth a step by learning rate", title, "growth a step", grown,
            x=rates, x_name="learning rate",
        )  # fmt: skip
    titles = [title for title, _, _ in methods]
    closed = [closed_form(title, beta, CURVATURES.max()) for title in titles]
    for metric, values in (("from eigenvalues", limits), ("closed form", closed)):
        yield points(
            "stability_limits", "largest stable learning rate", "x^2 + 10 y^2", metric, values,
            labels=titles,
        )  # fmt: skip
    for name in LINEAR:
        yield from _beside_the_limit(name, results)
        yield from _beside_the_saddle(name, results)


def closed_form(method: str, momentum: float, curvature: float) -> float:
    """The largest stable learning rate on one curvature, where every root of a step is within one.

    2 / curvature, times 1 + momentum, and divided by 1 + 2 momentum for Nesterov's. That look-ahead
    as printed leaves the root's constant term at momentum (1 - curvature): stable only where that
    is within one, and then up to 2 (1 + momentum (1 - curvature)) / curvature.
    """
    if method == "sgd":
        return 2 / curvature
    if method == PRINTED:
        constant = momentum * (1 - curvature)
        return max(0.0, 2 * (1 + constant) / curvature) if abs(constant) <= 1 else 0.0
    limit = 2 * (1 + momentum) / curvature
    return limit if method == "momentum" else limit / (1 + 2 * momentum)


def _beside_the_limit(optimizer: str, results: Path) -> Iterator[pd.DataFrame]:
    """What each run's objective did a step, over its second half, beside what eigenvalues say."""
    chosen, labels, rows = rule(optimizer), [], []
    for variant, hyperparameters, ahead, runs in _variants("bowl_paths", optimizer, results):
        without_rate = {key: value for key, value in hyperparameters.items() if key != "lr"}
        limit = largest_stable_rate(chosen, without_rate, CURVATURES.max(), ahead)
        objective = runs[runs.metric == "objective"].sort_values("step").value.to_numpy()
        expected = growth(chosen, hyperparameters, CURVATURES, ahead)
        labels.append(variant)
        share = hyperparameters["lr"] / limit if limit else np.inf
        if ahead not in (0.0, hyperparameters.get("momentum")):
            share = np.nan  # a look-ahead that goes with the rate has no limit while it is held
        rows.append((share, expected, measured_growth(objective)))
    metrics = ("learning rate over its limit", "growth from eigenvalues", "growth measured")
    yield from _labelled("runs beside their limit", optimizer, metrics, rows, labels)


def measured_growth(objective: np.ndarray) -> float:
    """Growth a step of the distance behind an objective [T + 1] of second degree, while finite.

    From the largest of the second quarter to that of the last, so that a turn is no fall.
    """
    objective = objective[np.isfinite(objective)]
    quarter = (objective.size - 1) // 4
    early, late = objective[quarter : 2 * quarter].max(), objective[3 * quarter : 4 * quarter].max()
    return float(np.exp(np.log(late / early) / (4 * quarter)))


def _beside_the_saddle(optimizer: str, results: Path) -> Iterator[pd.DataFrame]:
    """Steps until a run left the saddle, beside those of exponential growth from its start."""
    labels, rows = [], []
    for variant, hyperparameters, _, runs in _variants("saddle_escape", optimizer, results):
        start = runs[(runs.metric == "y") & (runs.step == 0)].value.iloc[0]
        escapes = runs[runs.metric == "escape_step"].value
        grown = growth(rule(optimizer), hyperparameters, [-1.0])
        expected = np.log(ESCAPED / start) / np.log(grown) if start else np.inf
        labels.append(variant)
        rows.append((grown, expected, float(np.median(escapes))))
    metrics = (
        "growth a step from eigenvalues",
        "steps to escape from growth without noise",
        "steps to escape measured (median)",
    )
    yield from _labelled("leaving the saddle", optimizer, metrics, rows, labels)


def _labelled(
    figure: str,
    series: str,
    metrics: tuple[str, ...],
    rows: Sequence[tuple[float, ...]],
    labels: list[str],
) -> Iterator[pd.DataFrame]:
    """The columns of a table with a row a label; none where there is no row."""
    for number, metric in enumerate(metrics if rows else ()):
        values = [row[number] for row in rows]
        yield points("stability_limits", figure, series, metric, values, labels=labels)


def _variants(
    experiment: str, optimizer: str, results: Path
) -> Iterator[tuple[str, dict[str, float], float, pd.DataFrame]]:
    """An optimizer's runs by variant, its hyper-parameters and look-ahead; none where not run."""
    path = results / "runs" / experiment / f"{optimizer}.parquet"
    if not path.exists():
        return
    protocol = made_by(path)["protocol"]
    ahead = protocol.get("look_ahead", {}).get(optimizer, {})
    for variant, runs in read_frame(path).groupby("variant", sort=False):
        hyperparameters = json.loads(runs.hyperparameters.iloc[0])
        yield str(variant), hyperparameters, ahead.get(variant, 0.0), runs
