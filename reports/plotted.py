"""What a figure's axes show, as data: for the plots that a reader of the page can explore.

Read off the axes that were drawn, so that a plot has its figure's lines and no others.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.colors import to_hex
from matplotlib.contour import QuadContourSet
from matplotlib.lines import Line2D

from reports.svg_paths import thinned

MOST_POINTS = 90
"""Points of a line that a plot has: half of its figure's, since every one is a value to read."""

FEWEST_POINTS = 3
"""A figure none of whose lines has so many points says no more when explored."""

CONTOUR_GRAIN = 0.002
"""How far a level line may move, as a part of the axes."""


def plot_file(folder: Path, name: str) -> Path:
    """Where the data of a figure's plot lie."""
    return folder / f"{name}.plot.json"


def write_plot(axes: Axes, looks: dict[str, int], path: Path) -> None:
    """Write what the axes show as data; nothing where there is nothing to explore.

    `looks`: colour -> place among the report's looks.
    """
    plot = plot_of(axes, looks)
    if plot is not None:
        text = json.dumps(plot, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")


def plot_of(axes: Axes, looks: dict[str, int]) -> dict[str, Any] | None:
    """Axes and series as data: {x, y, series, levels, floor}.

    x, y: title, log, domain. series: label, look, x, y and, where they have a band, low and high;
    of a path `at`, the steps of its points.
    levels: points of level lines. floor: label and value of a line straight across, if any.
    """
    lines = [line for line in axes.get_lines() if not str(line.get_label()).startswith("_")]
    drawn = [line for line in lines if _along_both(axes, line)]
    if any(line.get_linestyle() == "None" for line in drawn):
        return None
    if max((np.size(line.get_xdata()) for line in drawn), default=0) < FEWEST_POINTS:
        return None
    levels = _levels(axes)
    bands = [band for band in axes.collections if isinstance(band, FillBetweenPolyCollection)]
    plot = {
        "x": _axis(axes.get_xlabel(), axes.get_xscale(), axes.get_xlim()),
        "y": _axis(axes.get_ylabel(), axes.get_yscale(), axes.get_ylim()),
        "step": any(line.get_drawstyle().startswith("steps") for line in drawn),
        "paths": bool(levels) or any(_turns(line) for line in drawn),
        "series": [_series(line, bands, looks) for line in drawn],
        "levels": levels,
    }
    floors = [line for line in lines if line not in drawn]
    if floors:
        plot["floor"] = [str(floors[0].get_label()), _short(np.ravel(floors[0].get_ydata())[0])]
    return plot


def _along_both(axes: Axes, line: Line2D) -> bool:
    """Whether a line lies in the data's plane; one straight across the axes does not."""
    return bool(line.get_transform().contains_branch_seperately(axes.transData)[0])


def _turns(line: Line2D) -> bool:
    """Whether a line goes back and forth, so that x is no axis to walk along."""
    return bool((np.diff(np.asarray(line.get_xdata(), dtype=float)) < 0).any())


def _axis(title: str, scale: str, limits: tuple[float, float]) -> dict[str, Any]:
    return {"title": title, "log": scale == "log", "domain": [_short(each) for each in limits]}


def _series(
    line: Line2D, bands: list[FillBetweenPolyCollection], looks: dict[str, int]
) -> dict[str, Any]:
    x, y = (np.asarray(each, dtype=float) for each in line.get_data())
    keep = _kept(len(x), _turns(line))
    colour = to_hex(cast(str, line.get_color()))  # a name or a code, as `Look` gives it
    found: dict[str, Any] = {
        "label": " ".join(str(line.get_label()).split()),
        "look": looks.get(colour, 0),
        "x": [_short(each) for each in x[keep]],
        "y": [_short(each) for each in y[keep]],
    }
    if _turns(line):
        found["at"] = keep.tolist()
    ends = [_ends(band) for band in bands if _face(band) == colour]
    if ends:
        low, high = ({**ends[0][side]} for side in (0, 1))
        found["low"] = [_short(low.get(each, math.nan)) for each in x[keep]]
        found["high"] = [_short(high.get(each, math.nan)) for each in x[keep]]
    return found


def _face(band: FillBetweenPolyCollection) -> str:
    return to_hex(np.asarray(band.get_facecolor())[0])


def _kept(count: int, path: bool) -> np.ndarray:
    """Which points of a line a plot has; of a path all the first ones, which leap the farthest."""
    first = min(count, MOST_POINTS // 2 if path else 0)
    rest = np.linspace(first, count - 1, MOST_POINTS - first).round().astype(int)
    return np.unique(np.concatenate([np.arange(first), np.clip(rest, 0, count - 1)]))


def _ends(band: FillBetweenPolyCollection) -> tuple[dict[float, float], dict[float, float]]:
    """Lower and upper end of a band by place on the x axis.

    Its outline goes along one end, over a point at each side, and back along the other.
    """
    low: dict[float, float] = {}
    high: dict[float, float] = {}
    for outline in band.get_paths():
        corners = np.asarray(outline.vertices)
        count = (len(corners) - 2) // 2
        one = corners[1 : count + 1]
        other = corners[count + 2 : 2 * count + 2][::-1]
        low |= {float(x): float(y) for x, y in np.minimum(one, other)}
        high |= {float(x): float(y) for x, y in np.maximum(one, other)}
    return low, high


def _levels(axes: Axes) -> list[list[list[float | None]]]:
    """The level lines, thinned, each a list of points."""
    across, up = np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())
    found = []
    for contours in axes.collections:
        if isinstance(contours, QuadContourSet):
            for path in contours.get_paths():
                begins = np.flatnonzero(path.codes == path.MOVETO)[1:]
                for line in np.split(np.asarray(path.vertices), begins):
                    points = thinned(line / [across, up], CONTOUR_GRAIN) * [across, up]
                    found.append([[_short(x), _short(y)] for x, y in points])
    return found


def _short(value: float) -> float | None:
    """Four significant digits, as the report writes numbers; None for what is not finite."""
    if not math.isfinite(value):
        return None
    short = float(f"{value:.4g}")
    return int(short) if short.is_integer() else short
