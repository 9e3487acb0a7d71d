"""Draws runs: a metric along their steps, medians over seeds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes

from reports.figure_style import (
    INK,
    LOOKS,
    PAPER,
    Look,
    Target,
    canvas,
    legend_above,
    legend_columns,
    look_of,
    plain_log_axis,
    save,
    whole_ticks,
)
from reports.language import _, named
from reports.runs import RunGroup
from reports.units import factor_of, unit_of, words

MOST_POINTS = 180
"""Curves with more points than this are thinned evenly, which no eye sees at this size."""

DECADES = 1e3
"""Values that are further apart than by this factor are drawn on a logarithmic axis."""

FARTHEST = 1e18
"""A logarithmic axis is cut off below so much under its greatest value."""

Drawing = Callable[[Target], None]
Spread = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Frame:
    """Limits of an axis and whether it is logarithmic, the same for panels that are compared."""

    low: float
    high: float
    logarithmic: bool


def medians_with_ranges(values: np.ndarray) -> np.ndarray:
    """Median, least and greatest over the seeds of values [seeds, points], as [3, points].

    A value that is not finite counts as infinitely bad, so that a run that diverged is not left
    out of a median.
    """
    return np.stack([np.median(values, axis=0), values.min(axis=0), values.max(axis=0)])


def worst(metric: str) -> float:
    """What a run that diverged counts as: minus infinity where more is better."""
    return -np.inf if unit_of(metric) == "%" else np.inf


def measured(group: RunGroup, metric: str) -> np.ndarray:
    """Values [seeds, steps] of a metric in its unit; `worst` where they are not finite."""
    values = group.by_seed(metric).to_numpy() * factor_of(metric)
    return np.where(np.isfinite(values), values, worst(metric))


def frame_of(groups: Sequence[RunGroup], metric: str) -> Frame | None:
    """Limits that hold every group's finite values; None where there is none.

    Where a run diverged, what lies far above all that the runs began with is cut off.
    """
    tables = [measured(group, metric) for group in groups if metric in group.metrics]
    values = np.concatenate([table.ravel() for table in tables] or [np.empty(0)])
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    if any(group.diverged(metric) for group in groups):
        starts = np.concatenate([table[:, 0] for table in tables])
        cut = DECADES * np.abs(starts[np.isfinite(starts)]).max(initial=0)
        values = values[np.abs(values) <= cut] if cut else values
    return frame(values)


def frame(values: np.ndarray, padding: float = 0.05) -> Frame:
    """Limits with a margin; logarithmic where positive values are more than `DECADES` apart."""
    positive = values[values > 0]
    if values.min() >= 0 and positive.size > 0.8 * values.size:
        low, high = positive.min(), positive.max()
        if high > DECADES * low:
            low = max(low, high / FARTHEST)
            margin = (high / low) ** padding
            return Frame(low / margin, high * margin, True)
    low, high = values.min(), values.max()
    margin = padding * (high - low) or padding * abs(high) or 1.0
    return Frame(low - margin, high + margin, False)


def learning_curves(
    groups: Sequence[RunGroup],
    metric: str,
    labels: Sequence[str],
    limits: Frame | None = None,
    spread: Spread = medians_with_ranges,
) -> Drawing:
    """Medians over seeds with their spread; a dotted line where a direct solve gives a floor."""

    def draw(target: Target) -> None:
        within = limits or frame_of(groups, metric)
        passes = all(group.steps_an_epoch for group in groups)
        unit = unit_of(metric)
        told = f"{named(words(metric))}, {unit}" if unit == "%" else named(words(metric))
        rows = len(groups) // legend_columns(labels) - 1
        with canvas(_("epoch") if passes else _("step"), told, max(0, rows)) as (figure, axes):
            if within:
                axes.set_ylim(within.low, within.high)
                if within.logarithmic:
                    plain_log_axis(axes)
            for group, look, label in zip(groups, looks_of(groups), labels, strict=True):
                _curve(axes, group, metric, look, label, passes, spread)
            _floor(axes, groups)
            if passes:
                whole_ticks(axes)
            legend_above(axes)
            save(figure, target)

    return draw


def looks_of(groups: Sequence[RunGroup]) -> list[Look]:
    """A look for each group; a second variant of an optimizer takes one that is free."""
    used: list[Look] = []
    for group in groups:
        look = look_of(group.optimizer)
        free = [other for other in LOOKS[3:] + LOOKS if other not in used]
        used.append(look if look not in used or not free else free[0])
    return used


def _curve(
    axes: Axes, group: RunGroup, metric: str, look: Look, label: str, passes: bool, spread: Spread
) -> None:
    values = measured(group, metric)
    steps = group.by_seed(metric).columns.to_numpy()
    along = steps / group.steps_an_epoch if passes else steps
    keep = np.unique(np.linspace(0, len(along) - 1, MOST_POINTS).round().astype(int))
    middle, low, high = spread(values[:, keep])
    many = len(keep) > 60
    if group.diverged(metric):
        label = _("{label} (diverged)", label=label)
    axes.plot(
        along[keep], np.where(np.isfinite(middle), middle, np.nan), color=look.colour,
        linestyle=look.dash, marker=look.marker, label=label,
        markevery=max(1, len(keep) // 10) if many else max(1, len(keep) // 12),
    )  # fmt: skip
    _band(axes, along[keep], low, high, look)
    _end_of_diverged(axes, along[keep], middle, look)


def _band(axes: Axes, along: np.ndarray, low: np.ndarray, high: np.ndarray, look: Look) -> None:
    """The spread over seeds, to the edge of the axes where it has no end."""
    bottom, top = axes.get_ylim()
    low, high = np.maximum(low, min(bottom, top)), np.minimum(high, max(bottom, top))
    shown = np.isfinite(low) & np.isfinite(high)
    if shown.any() and (high - low)[shown].max() > 0:
        axes.fill_between(along, low, high, where=shown, color=look.colour, alpha=0.22, linewidth=0)


def _end_of_diverged(axes: Axes, along: np.ndarray, middle: np.ndarray, look: Look) -> None:
    """A cross where the median is last within the axes, for one that leaves them or ends."""
    bottom, top = axes.get_ylim()
    inside = np.isfinite(middle) & (middle >= bottom) & (middle <= top)
    if inside.any() and not inside[-1]:
        last = np.flatnonzero(inside)[-1]
        axes.plot(along[last], middle[last], "X", ms=9, mfc=look.colour, mec=PAPER, zorder=5)


def _floor(axes: Axes, groups: Sequence[RunGroup]) -> None:
    floors = [g.by_seed("least_squares_loss") for g in groups if "least_squares_loss" in g.metrics]
    if floors:
        axes.axhline(
            float(floors[0].iloc[0, -1]), color=INK, linestyle=":", linewidth=1.1,
            label=_("least squares, solved directly"),
        )  # fmt: skip
