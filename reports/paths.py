"""Draws runs on functions of two parameters: their paths in the plane, over level lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from reports.curves import Drawing, looks_of
from reports.figure_style import INK, PAPER, Target, canvas, legend_above, legend_columns, save
from reports.language import _, named
from reports.runs import RunGroup
from reports.units import words

FAR = 3.0
"""A path is drawn until it is so many times as far out as it started."""


def paths(
    groups: Sequence[RunGroup], coordinates: tuple[str, str], labels: Sequence[str]
) -> Drawing:
    """Paths of the first seed in the plane, over level lines where those can be told."""

    def draw(target: Target) -> None:
        rows = len(groups) // legend_columns(labels) - 1
        across_, up_ = (named(words(metric)) for metric in coordinates)
        with canvas(across_, up_, max(0, rows)) as (figure, axes):
            points = [_path(group, coordinates) for group in groups]
            across, up = _box(points)
            axes.set(xlim=across, ylim=up)
            for at, look, label, group in zip(
                points, looks_of(groups), labels, groups, strict=True
            ):
                gone = at.shape[1] < group.steps_of(coordinates[0])
                axes.plot(
                    *at, color=look.colour, linestyle=look.dash, marker=look.marker, zorder=3,
                    markevery=_sparse_marks(at.shape[1]),
                    label=_("{label} (leaves)", label=label) if gone else label,
                )  # fmt: skip
                if gone:
                    axes.plot(*at[:, -1], "X", ms=9, mfc=look.colour, mec=PAPER, zorder=5)
            x, y = points[0][:, 0]
            axes.plot(x, y, "o", ms=7, mfc=PAPER, mec=INK, zorder=4)
            axes.annotate(_("start"), (x, y), xytext=(6, 5), textcoords="offset points")
            _contours(axes, groups, points)
            legend_above(axes)
            save(figure, target)

    return draw


def _path(group: RunGroup, coordinates: tuple[str, str]) -> np.ndarray:
    """Points [2, steps] of the first seed, up to the first that is too far out or not finite."""
    both = np.stack([group.by_seed(metric).iloc[0].to_numpy() for metric in coordinates])
    lost = ~(np.abs(both).max(axis=0) <= FAR * np.abs(both[:, 0]).max())
    return both[:, : lost.argmax()] if lost.any() else both


def _box(points: list[np.ndarray]) -> list[tuple[float, float]]:
    """Limits across and up around all points."""
    limits = []
    for at in range(2):
        values = np.concatenate([path[at] for path in points])
        margin = 0.12 * np.ptp(values) or 1.0
        limits.append((values.min() - margin, values.max() + margin))
    return limits


def _sparse_marks(length: int) -> list[int]:
    return [at for at in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if at < length]


def _contours(axes: Axes, groups: Sequence[RunGroup], points: list[np.ndarray]) -> None:
    """Level lines where the recorded objectives are one quadratic of the recorded points.

    The form is fitted to what the paths recorded; nothing is drawn where it does not fit.
    """
    if not all("objective" in group.metrics for group in groups):
        return
    value = np.concatenate(
        [
            group.by_seed("objective").iloc[0].to_numpy()[: path.shape[1]]
            for group, path in zip(groups, points, strict=True)
        ]
    )
    terms = _terms(*np.hstack(points))
    form, _, rank, _ = np.linalg.lstsq(terms, value, rcond=1e-9)
    off = np.abs(terms @ form - value).max(initial=0)
    if rank < terms.shape[1] or off > 1e-6 * np.abs(value).max(initial=1):
        return
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    across, up = np.meshgrid(np.linspace(left, right, 80), np.linspace(low, high, 80))
    height = (_terms(across.ravel(), up.ravel()) @ form).reshape(across.shape)
    levels = height.min() + np.ptp(height) * np.geomspace(0.002, 0.9, 9)
    axes.contour(across, up, height, levels=levels, colors=INK, linewidths=0.5, alpha=0.35)
    axes.grid(visible=False)


def _terms(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.column_stack([x**2, x * y, y**2])
