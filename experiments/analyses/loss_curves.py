"""What loss curves say (announced: the notebook's sections 5.1 to 5.4), told in numbers.

Learning rate against last loss for every optimizer, with the share of its runs that diverged, which
stay in the median as infinities; how fast each got at its best rate; how noisy a curve is; the gap
between training and test; spikes. A rate is best by the median of the last training loss.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.parquet import read_frame
from experiments.series import points

DATASET = None
RUNS = ("airfoil_rates", "batch_sizes", "weight_decay", "instabilities")
PROTOCOL = {
    "targets": {"type": "array", "items": {"$ref": "#/$defs/positive"}, "minItems": 1},
}

NAME = "loss_curves"


def analyse(protocol: Mapping[str, Any], _data: None, results: Path) -> Iterator[pd.DataFrame]:
    """Yield sensitivity to the rate, best rates, epochs to targets, noise, gaps and spikes."""
    best = {}
    for optimizer, runs in _tables("airfoil_rates", results):
        yield from _by_rate(optimizer, runs)
        best[optimizer] = runs[runs.variant == best_variant(runs)]
    yield from _at_the_best(best, protocol["targets"])
    for optimizer, runs in _tables("weight_decay", results):
        yield from _by_decay(optimizer, runs)
    for _, runs in _tables("batch_sizes", results):
        yield from _by_batch(runs)
    for optimizer, runs in _tables("instabilities", results):
        yield from _unstable(optimizer, runs)


def last_losses(runs: pd.DataFrame, metric: str) -> pd.DataFrame:
    """A metric at the last epoch, not-a-number being infinity, with `setting` for each run."""
    last = runs[(runs.metric == metric) & (runs.epoch == runs.epoch.max())]
    return last.assign(value=last.value.fillna(np.inf))


def best_variant(runs: pd.DataFrame) -> str:
    """The variant with the smallest median of the last training loss."""
    medians = last_losses(runs, "train_loss").groupby("variant", sort=False).value.median()
    return str(medians.idxmin())


def epochs_to(runs: pd.DataFrame, target: float) -> float:
    """Median over seeds of the first epoch whose excess training loss is at most `target`."""
    curves = runs[runs.metric == "excess_train_loss"].pivot(
        index="epoch", columns="seed", values="value"
    )
    reached = (curves <= target).to_numpy()
    first = np.where(reached.any(axis=0), reached.argmax(axis=0), np.inf)
    return float(np.median(first))


def _tables(experiment: str, results: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    for path in sorted((results / "runs" / experiment).glob("*.parquet")):
        yield path.stem, read_frame(path)


def _setting(runs: pd.DataFrame, name: str) -> pd.Series:
    """A hyper-parameter by variant, in the table's order."""
    texts = runs.groupby("variant", sort=False).hyperparameters.first()
    return texts.map(lambda text: json.loads(text)[name])


def _by_rate(optimizer: str, runs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    rates = _setting(runs, "lr")
    ends = last_losses(runs, "excess_train_loss").groupby("variant", sort=False).value
    diverged = runs[runs.metric == "diverged_at"].groupby("variant").seed.nunique()
    share = diverged.reindex(rates.index, fill_value=0) / runs.seed.nunique()
    for metric, values in (
        ("excess training loss at the end (median)", ends.median()),
        ("share of runs that diverged", share),
    ):
        yield points(
            NAME, "learning rate too small, right, too large", optimizer, metric,
            values.reindex(rates.index), x=rates, x_name="learning rate",
        )  # fmt: skip


def _at_the_best(best: Mapping[str, pd.DataFrame], targets: list[float]) -> Iterator[pd.DataFrame]:
    columns = {
        "best learning rate": [_setting(runs, "lr").iloc[0] for runs in best.values()],
        "excess training loss at the end (median)": [
            last_losses(runs, "excess_train_loss").value.median() for runs in best.values()
        ],
    }
    for target in targets:
        name = f"epochs to an excess of {target:g} (median)"
        columns[name] = [epochs_to(runs, target) for runs in best.values()]
    for metric, values in columns.items():
        yield points(
            NAME, "optimizers at their best learning rate", "airfoil", metric, values,
            labels=list(best),
        )  # fmt: skip


def _by_decay(optimizer: str, runs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Last losses, accuracy and norms by weight decay, medians over the seeds."""
    decays = _setting(runs, "weight_decay")
    norms = [name for name in runs.metric.unique() if name.startswith("weight_norm")]
    for metric in ("train_loss", "test_loss", "test_accuracy", "generalization_gap", *norms):
        values = last_losses(runs, metric).groupby("variant", sort=False).value.median()
        figure = "weight norms" if metric in norms else "losses"
        yield points(
            NAME, f"{figure} by weight decay", optimizer, f"{metric.replace('_', ' ')} (median)",
            values.reindex(decays.index), x=decays, x_name="weight decay",
        )  # fmt: skip


def _by_batch(runs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Last losses and gaps by batch size, and how a curve's batch losses jump about, by variant."""
    rows: dict[str, list[tuple[float, ...]]] = {}
    for variant, own in runs.groupby("variant", sort=False):
        title, _, rest = str(variant).partition(", batch ")
        if ", warm-up" in rest or "times as long" in rest:
            title = f"{title}, {rest.partition(', ')[2]}"
        ends = [
            own[(own.metric == metric) & (own.step == own.step.max())].value.median()
            for metric in ("train_loss", "test_loss", "generalization_gap")
        ]
        noise = [
            np.abs(np.diff(curve.value, 2)).mean()
            for _, curve in own[own.metric == "mean_batch_loss"].groupby("seed")
        ]
        updates = float(own.step.max())
        rows.setdefault(title, []).append((own.batch.iloc[0], updates, *ends, np.median(noise)))
    metrics = (
        "updates", "train loss at the end (median)", "test loss at the end (median)",
        "generalization gap (median)", "roughness of the curve (median)",
    )  # fmt: skip
    for title, entries in rows.items():
        batches, *columns = zip(*entries, strict=True)
        for metric, values in zip(metrics, columns, strict=True):
            yield points(
                NAME, "batch sizes on RCV1", title, metric, values, x=batches, x_name="batch size"
            )


def _unstable(optimizer: str, runs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Spikes, the last excess loss, where not finite, and Adam's largest sharpness, by variant."""
    variants = list(dict.fromkeys(runs.variant))

    def column(metric: str, of: str) -> list[float]:
        chosen = runs[runs.metric == metric].groupby("variant").value
        return list(chosen.agg(of).reindex(variants))

    # "last" of pandas passes over not-a-numbers, which a diverged run ends in.
    final = runs[(runs.metric == "excess_train_loss") & (runs.step == runs.step.max())]
    ends = final.set_index("variant").value.reindex(variants).fillna(np.inf)
    for metric, values in (
        ("spikes", column("spikes", "max")),
        ("excess training loss at the end", list(ends)),
        ("step from which on not finite", column("diverged_at", "min")),
        ("largest sharpness over its limit", column("sharpness_over_limit", "max")),
    ):
        if not np.isnan(values).all():
            yield points(NAME, "instabilities", optimizer, metric, values, labels=variants)
