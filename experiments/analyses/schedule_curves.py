"""The learning-rate schedules of `rate_schedules`, and where each rate of them led.

What is drawn is what was trained under: the schedules are read from what the runs say made them.
The range tests are drawn here too, loss against rate, which is how a reader looks for the steepest
fall.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.parquet import made_by, read_frame
from experiments.schedule_choice import described
from experiments.series import points

DATASET = None
RUNS = ("rate_schedules", "range_test")
PROTOCOL = {"steps": {"$ref": "#/$defs/count"}, "averaged": {"$ref": "#/$defs/count"}}

NAME = "schedule_curves"


def analyse(protocol: dict[str, Any], _data: None, results: Path) -> Iterator[pd.DataFrame]:
    """Yield the schedules' factors, their last losses by rate, and range tests by rate."""
    paths = sorted((results / "runs" / "rate_schedules").glob("*.parquet"))
    if paths:
        yield from _factors(made_by(paths[0])["protocol"]["schedules"], protocol["steps"])
    for path in paths:
        yield from _last_losses(read_frame(path))
    for path in sorted((results / "runs" / "range_test").glob("*.parquet")):
        yield from _range_tests(read_frame(path), protocol["averaged"])


def _factors(schedules: dict[str, Any], steps: int) -> Iterator[pd.DataFrame]:
    t = np.arange(1.0, steps + 1)
    for name, description in schedules.items():
        yield points(
            NAME, "learning-rate schedules", name, "factor on the learning rate",
            described(description, steps)(t), x=(t - 1) / steps, x_name="share of the run",
        )  # fmt: skip


def _last_losses(runs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Median over seeds of the excess training loss at the end, by schedule and largest rate."""
    optimizer = runs.optimizer.iloc[0]
    last = runs[(runs.metric == "excess_train_loss") & (runs.epoch == runs.epoch.max())]
    ends = last.groupby("variant", sort=False).value.median()
    given = last.groupby("variant", sort=False).hyperparameters.first()
    rates = given.map(lambda text: json.loads(text)["lr"])
    names = ends.index.str.rsplit(", ", n=1).str[0]
    for name in dict.fromkeys(names):
        chosen = names == name
        yield points(
            NAME, f"excess training loss under each schedule, {optimizer}", name,
            "excess training loss at the end (median)", ends[chosen], x=rates[chosen],
            x_name="largest learning rate",
        )  # fmt: skip


def _range_tests(runs: pd.DataFrame, averaged: int) -> Iterator[pd.DataFrame]:
    """Losses against the rates of each seed's test, as they came and averaged; what each led to."""
    optimizer = runs.optimizer.iloc[0]
    for seed, test in runs[runs.variant.str.endswith("range test")].groupby("seed"):
        by_metric = {name: rows.sort_values("step").value for name, rows in test.groupby("metric")}
        rates, losses = (by_metric[f"range_test_{what}"].to_numpy() for what in ("rate", "loss"))
        means = np.convolve(losses, np.ones(averaged) / averaged, mode="valid")
        for metric, x, values in (
            ("batch loss", rates, losses),
            (f"mean of {averaged} batch losses", rates[averaged - 1 :], means),
        ):
            yield points(
                NAME, f"range test, {optimizer}", f"seed {seed}", metric, values, x=x,
                x_name="learning rate",
            )  # fmt: skip
        yield points(
            NAME, f"range test, {optimizer}", f"seed {seed}", "suggested rate",
            by_metric["suggested_rate"].to_numpy(), labels=["suggested"],
        )  # fmt: skip
    trained = runs[runs.variant.str.endswith("x suggested")]
    last = trained[trained.epoch == trained.epoch.max()]
    for metric in ("train_loss", "test_loss"):
        ends = last[last.metric == metric].groupby("variant", sort=False).value.median()
        multiples = ends.index.str.extract(r", (\S+) x suggested$")[0].astype(float)
        yield points(
            NAME, "trained at multiples of the suggested rate", optimizer,
            f"{metric} at the end (median)", ends, x=multiples.to_numpy(), x_name="multiple",
        )  # fmt: skip
