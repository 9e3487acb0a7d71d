"""The numbers of what stands for the documents' figures and tables."""

from __future__ import annotations

import numpy as np

from reports.curves import measured
from reports.exhibits import Curves, Ends, Exhibit, Lines, Paths, stands_of
from reports.language import N_, how
from reports.number import Numbers, number, slug
from reports.results import Results
from reports.run_numbers import of_metrics
from reports.runs import RunGroup, unique
from reports.series import Series
from reports.tidy import Missing
from reports.units import unit_of


def of_exhibits(results: Results) -> Numbers:
    """Every number that the captions and tables of the counterparts show."""
    numbers: Numbers = {}
    for stand in stands_of(results):
        for shown in stand.shown:
            if not isinstance(shown.exhibit, Missing):
                numbers |= _of_exhibit(shown.exhibit)
    return numbers


def _of_exhibit(exhibit: Exhibit) -> Numbers:
    numbers: Numbers = {}
    if isinstance(exhibit, Curves | Paths | Ends):
        for group in exhibit.groups:
            metrics = [m for m in metrics_of(exhibit) if m in group.metrics]
            numbers |= of_metrics(group, metrics)
            if isinstance(exhibit, Ends) and exhibit.by_epochs:
                numbers |= _at_epochs(group, exhibit.metrics[0])
    elif isinstance(exhibit, Lines):
        for series in exhibit.series:
            numbers |= of_line(series)
    else:
        for series in exhibit.series:
            numbers |= of_points(series)
    return numbers


def metrics_of(exhibit: Curves | Paths | Ends) -> tuple[str, ...]:
    """The metrics that an exhibit of runs shows."""
    if isinstance(exhibit, Curves):
        return (exhibit.metric,)
    return exhibit.coordinates if isinstance(exhibit, Paths) else exhibit.metrics


def epochs_between(group: RunGroup, metric: str) -> dict[int, int]:
    """A quarter, a half and three quarters of the epochs, where measured: epoch -> step."""
    ends = group.steps_an_epoch
    if not ends:
        return {}
    steps = group.by_seed(metric).columns.to_numpy()
    at = {round(step / ends): int(step) for step in steps if step % ends == 0}
    last = max(at, default=0)
    wanted = [last * part // 4 for part in (1, 2, 3)] if last >= 8 else []
    return {epoch: at[epoch] for epoch in wanted if epoch in at}


def _at_epochs(group: RunGroup, metric: str) -> Numbers:
    numbers: Numbers = {}
    columns = group.by_seed(metric).columns.to_numpy()
    values = measured(group, metric)
    for epoch, step in epochs_between(group, metric).items():
        told = how(
            "median over {seeds} seeds of {metric} after epoch {epoch}, {run}",
            seeds=len(values), metric=metric, epoch=epoch,
            run=f"{group.optimizer}, {group.variant}",
        )  # fmt: skip
        middle = float(np.median(values[:, columns == step]))
        numbers[f"{group.name}.{slug(metric)}.at-epoch-{epoch}"] = number(
            middle, unit_of(metric), f"results/{group.source}", told
        )
    return numbers


def of_line(series: Series) -> Numbers:
    """First, last, least and greatest value of a line."""
    found = {"first": series.values[0], "last": series.values[-1]}
    finite = series.values[np.isfinite(series.values)]
    if finite.size:
        found |= {"least": finite.min(), "greatest": finite.max()}
    return {
        f"{series.name}.{part}": number(
            float(value), series.unit, f"results/{series.source}",
            how(ENDS[part], metric=series.metric, series=series.title),
        )
        for part, value in found.items()
    }  # fmt: skip


ENDS = {
    "first": N_("first value of {metric}, {series}"),
    "last": N_("last value of {metric}, {series}"),
    "least": N_("least value of {metric}, {series}"),
    "greatest": N_("greatest value of {metric}, {series}"),
}


OF_POINT = N_("value of {metric} (point {point}), {series}")
OF_SERIES = N_("value of {metric}, {series}")


def point_names(series: Series) -> list[str]:
    """The names of the numbers of a series' points, in order."""
    names: dict[str, None] = {}
    for point in series.points:
        names[unique(f"{series.name}.at-{slug(point)}", names)] = None
    return list(names)


def of_points(series: Series) -> Numbers:
    """Every value of a series."""
    source = f"results/{series.source}"
    return {
        name: number(
            float(value),
            series.unit,
            source,
            how(
                OF_POINT if point else OF_SERIES,
                metric=series.metric,
                point=point,
                series=series.title,
            ),
        )
        for name, point, value in zip(
            point_names(series), series.points, series.values, strict=True
        )
    }
