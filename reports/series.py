"""The figures of analyses: their points by series, and how they are drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from reports.curves import MOST_POINTS, Drawing, frame
from reports.figure_style import (
    GRID,
    INK,
    LOOKS,
    Target,
    canvas,
    legend_above,
    legend_columns,
    plain_log_axis,
    save,
)
from reports.language import how, named
from reports.number import slug
from reports.results import Results
from reports.runs import unique
from reports.tidy import Missing, Size
from reports.units import words


@dataclasses.dataclass(frozen=True, eq=False)
class Series:
    """One line, bar group or column: what was measured along x, or at named points.

    name: first part of the names of its numbers. x: NaN where the points have names only.
    """

    name: str
    source: str
    title: str
    metric: str
    unit: str
    x_name: str
    x: np.ndarray
    labels: tuple[str, ...]
    values: np.ndarray
    size: Size

    @property
    def named(self) -> bool:
        """Whether its points have names instead of places on an axis."""
        return bool(np.isnan(self.x).any())

    @property
    def points(self) -> tuple[str, ...]:
        """What each point is called: its label, or its place on the axis."""
        if not self.named and not any(self.labels):
            return tuple(f"{x:g}" for x in self.x)
        return self.labels


def series_of(results: Results, analysis: str, figure: str) -> list[Series] | Missing:
    """The series of one figure of an analysis, in the order in which they were written."""
    table = results.analyses.get(analysis, _absent(analysis))
    if isinstance(table, Missing):
        return table
    rows = table.rows[table.rows["figure"] == figure]
    found: dict[str, Series] = {}
    for key, part in rows.groupby(
        ["series", "metric", "unit", "x_name"], observed=True, sort=False
    ):
        title, metric, unit, x_name = map(str, key)
        parts = ("analysis", analysis, figure, title, metric)
        name = unique(".".join(map(slug, parts)), found)
        found[name] = Series(
            name, table.source, title, metric, unit, x_name, part["x"].to_numpy(),
            tuple(map(str, part["label"])), part["value"].to_numpy(), table.size,
        )  # fmt: skip
    if not found:
        reason = how("results/{name} has no figure '{figure}'", name=table.source, figure=figure)
        return Missing(reason)
    return list(found.values())


def _absent(analysis: str) -> Missing:
    return Missing(how("there is no results/analyses/{analysis}", analysis=analysis))


def lines(series: Sequence[Series], labels: Sequence[str]) -> Drawing:
    """Lines over x; a series of one point is a mark."""

    def draw(target: Target) -> None:
        rows = len(series) // legend_columns(labels) - 1
        with canvas(_x_title(series), _axis_title(series), max(0, rows)) as (figure, axes):
            for one, look, label in zip(series, LOOKS, labels, strict=False):
                keep = _thinned(one.x.size)
                axes.plot(
                    one.x[keep], np.where(np.isfinite(one.values[keep]), one.values[keep], np.nan),
                    color=look.colour, linestyle=look.dash, marker=look.marker, label=label,
                    markevery=max(1, keep.size // 10),
                )  # fmt: skip
            _scale(axes, series)
            legend_above(axes)
            save(figure, target)

    return draw


def _thinned(size: int) -> np.ndarray:
    return np.unique(np.linspace(0, size - 1, MOST_POINTS).round().astype(int))


def _axis_title(series: Sequence[Series]) -> str:
    metrics = dict.fromkeys(words(one.metric) for one in series)
    unit = series[0].unit
    told = next(iter(metrics)) if len(metrics) == 1 else "value"
    return named(f"{told}, {unit}" if unit and unit != told else told)


def _x_title(series: Sequence[Series]) -> str:
    return named(words(series[0].x_name))


def _scale(axes: Axes, series: Sequence[Series]) -> None:
    """Limits and logarithms that fit all values."""
    values = np.concatenate([one.values for one in series])
    values = values[np.isfinite(values)]
    if values.size:
        within = frame(values)
        axes.set_ylim(within.low, within.high)
        if within.logarithmic:
            plain_log_axis(axes)
    if any(geometric(one.x) for one in series):
        plain_log_axis(axes, "x")


def geometric(x: np.ndarray) -> bool:
    """Whether places on an axis are spread by factors rather than by differences."""
    if x.size < 3 or not (x > 0).all() or x.max() <= 8 * x.min():
        return False
    apart, factors = np.diff(x), np.diff(np.log(x))
    return bool(np.ptp(factors) < np.ptp(apart) / np.abs(apart).mean())


def dots(series: Sequence[Series], labels: Sequence[str]) -> Drawing:
    """Named points, one a row, a mark a series; stems from zero where the axis has one."""

    def draw(target: Target) -> None:
        names = list(dict.fromkeys(point for one in series for point in one.points))
        place = {point: -at for at, point in enumerate(names)}
        extra = max(0, len(names) - 12) + len(series) // legend_columns(labels)
        with canvas(_axis_title(series), "", extra) as (figure, axes):
            values = np.concatenate([one.values for one in series])
            values = values[np.isfinite(values)]
            logarithmic = values.size and frame(values).logarithmic
            gap = 0.5 / len(series)
            for at, (one, look, label) in enumerate(zip(series, LOOKS, labels, strict=False)):
                shift = gap * ((len(series) - 1) / 2 - at)
                rows = np.array([place[point] for point in one.points]) + shift
                axes.plot(
                    one.values, rows, look.marker, color=look.colour, ms=6, label=label, zorder=3
                )
                if not logarithmic:
                    axes.hlines(rows, 0, one.values, color=look.colour, lw=1.2, zorder=2)
            axes.set_yticks(list(place.values()), [_shortened(named(point)) for point in names])
            axes.set_ylim(0.7 - len(names), 0.7)
            axes.grid(visible=False, axis="y")
            if logarithmic:
                plain_log_axis(axes, "x")
                axes.grid(visible=True, axis="x", color=GRID)
            elif values.size and values.min() < 0 < values.max():
                axes.axvline(0, color=INK, lw=0.7)
            if len(series) > 1:
                legend_above(axes)
            save(figure, target)

    return draw


def _shortened(label: str, most: int = 34) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"
