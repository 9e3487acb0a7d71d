"""Draws every figure from the run tables: NAME.svg for the page, NAME.pdf for the paper."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from reports import intervals
from reports.figure_style import (
    INK,
    LOOKS,
    PAPER,
    Look,
    canvas,
    legend_above,
    look_of,
    plain_log_axis,
    save,
    whole_ticks,
)
from reports.number import slug
from reports.results import Results
from reports.runs import PRINTED, RunGroup, contests, group_runs

MOST_POINTS = 240
"""Curves with more points than this are thinned evenly, which no eye sees at this size."""


def draw_figures(results: Results, folder: Path) -> list[str]:
    """Draw all figures that the results allow; returns their names and lists them in index.json."""
    rcv1 = group_runs(results.runs["rcv1"])
    airfoil = group_runs(results.runs["airfoil"])
    quadratics = group_runs(results.runs["quadratics"])
    plans = [*_rcv1_plans(rcv1), *_airfoil_plans(airfoil), *_quadratic_plans(quadratics)]
    for name, draw in plans:
        draw(folder, name)
    names = [name for name, _ in plans]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.json").write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")
    return names


def drawn_figures(folder: Path) -> list[str]:
    """The names of the figures that `draw_figures` left in `folder`."""
    return json.loads((folder / "index.json").read_text(encoding="utf-8"))


Plan = tuple[str, Callable[[Path, str], None]]


def printed(groups: list[RunGroup]) -> list[RunGroup]:
    """The groups run as the document printed them."""
    return [group for group in groups if group.variant == PRINTED]


def contest_figure(contest_name: str) -> str:
    """The name of the figure of a contest."""
    return slug(contest_name)


def _rcv1_plans(groups: list[RunGroup]) -> list[Plan]:
    plans: list[Plan] = []
    limits = _shared_limits(groups, "train_loss")
    for contest in contests(groups):
        pair = [contest.sgd, contest.adagrad]
        others = [g for g in printed(groups) if g.optimizer not in ("sgd", "adagrad")]
        shown = pair + (others if contest.rate is None else [])
        plans.append((contest_figure(contest.name), _learning_curves(shown, "train_loss", limits)))
    for metric in ("test_loss", "step_loss_moving_average"):
        shown = [group for group in printed(groups) if metric in group.metrics]
        if shown:
            plans.append((f"rcv1-{slug(metric)}", _learning_curves(shown, metric, None)))
    return plans


def _airfoil_plans(groups: list[RunGroup]) -> list[Plan]:
    shown = [group for group in groups if "train_loss" in group.metrics]
    if not shown:
        return []
    return [("airfoil-train-loss", _learning_curves(shown, "train_loss", None))]


def _shared_limits(groups: list[RunGroup], metric: str) -> tuple[float, float] | None:
    values = [g.by_seed(metric).to_numpy() for g in groups if metric in g.metrics]
    shown = np.concatenate([v[np.isfinite(v) & (v > 0)] for v in values] or [np.empty(0)])
    if not shown.size:
        return None
    low, high = shown.min(), shown.max()
    return low / 1.15, high * 1.15


_Y_LABELS = {
    "train_loss": "loss over the training set",
    "test_loss": "loss over the test set",
    "step_loss_moving_average": "moving average of single losses",
}


def _learning_curves(
    groups: list[RunGroup], metric: str, limits: tuple[float, float] | None
) -> Callable[[Path, str], None]:
    """Medians over seeds with their intervals; a dotted line where a direct solve gives a floor."""

    def draw(folder: Path, name: str) -> None:
        with canvas("epoch", _Y_LABELS[metric]) as (figure, axes):
            looks = _looks(groups)
            for group, look in zip(groups, looks, strict=True):
                _curve(axes, group, metric, look)
            _floor(axes, groups)
            if limits:
                axes.set_ylim(*limits)
            plain_log_axis(axes)
            whole_ticks(axes)
            legend_above(axes)
            save(figure, folder, name)

    return draw


def _looks(groups: list[RunGroup]) -> list[Look]:
    """A look for each group; a second variant of an optimizer takes one that is free."""
    used: list[Look] = []
    for group in groups:
        look = look_of(group.optimizer)
        free = [other for other in LOOKS[3:] + LOOKS if other not in used]
        used.append(look if look not in used or not free else free[0])
    return used


def _curve(axes: Axes, group: RunGroup, metric: str, look: Look) -> None:
    table = group.by_seed(metric)
    epochs = _epoch_axis(group, metric, table.columns.to_numpy())
    keep = np.unique(np.linspace(0, len(epochs) - 1, MOST_POINTS).round().astype(int))
    middle, low, high = intervals.medians_with_intervals(table.to_numpy()[:, keep])
    many = len(keep) > 60
    axes.plot(
        epochs[keep], middle, color=look.colour, linestyle=look.dash, marker=look.marker,
        markevery=max(1, len(keep) // 10) if many else 2, label=curve_label(group),
    )  # fmt: skip
    if np.isfinite(low).all():
        axes.fill_between(epochs[keep], low, high, color=look.colour, alpha=0.22, linewidth=0)


def _epoch_axis(group: RunGroup, metric: str, steps: np.ndarray) -> np.ndarray:
    """Steps in units of an epoch, by the last step and epoch of the full-set losses."""
    ends = group.rows[group.rows["metric"] == "train_loss"]
    last = ends["step"].max() if not ends.empty else 0
    if not last:
        return group.epochs(metric).astype(float)
    return steps * ends["epoch"].max() / last


def curve_label(group: RunGroup) -> str:
    """What the legend calls a group: the optimizer and its learning rate."""
    rate = group.hyperparameters.get("lr")
    return group.title if rate is None else f"{group.title}, η = {rate:g}"


def _floor(axes: Axes, groups: list[RunGroup]) -> None:
    floors = [g.by_seed("least_squares_loss") for g in groups if "least_squares_loss" in g.metrics]
    if floors:
        axes.axhline(
            float(floors[0].iloc[0, -1]), color=INK, linestyle=":", linewidth=1.1,
            label="least squares, solved directly",
        )  # fmt: skip


def _quadratic_plans(groups: list[RunGroup]) -> list[Plan]:
    functions = list(dict.fromkeys(group.variant for group in groups))
    adagrad = [group for group in groups if group.optimizer == "adagrad"]
    plans: list[Plan] = [
        (trajectory_figure(function), _trajectories([g for g in groups if g.variant == function]))
        for function in functions
    ]
    if adagrad:
        plans.append(("quadratics-objective", _objectives(adagrad)))
    return plans


def trajectory_figure(function: str) -> str:
    """The name of the figure of the paths on a quadratic."""
    return f"quadratics-path-{slug(function)}"


def _trajectories(groups: list[RunGroup]) -> Callable[[Path, str], None]:
    """Paths over contour lines of the quadratic that the recorded points themselves determine."""

    def draw(folder: Path, name: str) -> None:
        with canvas("x₁", "x₂") as (figure, axes):
            for group, look in zip(groups, _looks(groups), strict=True):
                x1, x2 = (group.by_seed(metric).iloc[0].to_numpy() for metric in ("x1", "x2"))
                axes.plot(
                    x1, x2, color=look.colour, linestyle=look.dash, marker=look.marker,
                    markevery=_sparse_marks(len(x1)), label=curve_label(group), zorder=3,
                )  # fmt: skip
            start = [groups[0].by_seed(metric).iloc[0, 0] for metric in ("x1", "x2")]
            axes.plot(*start, "o", ms=7, mfc=PAPER, mec=INK, zorder=4)
            axes.annotate("start", start, xytext=(6, 5), textcoords="offset points")
            axes.plot(0, 0, "*", ms=9, color=INK, zorder=4)
            _contours(axes, groups[0])
            legend_above(axes)
            save(figure, folder, name)

    return draw


def _sparse_marks(length: int) -> list[int]:
    return [at for at in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if at < length]


def _contours(axes: Axes, group: RunGroup) -> None:
    """Level lines of the form a x₁² + b x₁x₂ + c x₂² fitted to the group's recorded values."""
    x1, x2, value = (
        group.by_seed(metric).iloc[0].to_numpy() for metric in ("x1", "x2", "objective")
    )
    form = np.linalg.lstsq(np.column_stack([x1**2, x1 * x2, x2**2]), value, rcond=None)[0]
    axes.margins(0.12)
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    across, up = np.meshgrid(np.linspace(left, right, 80), np.linspace(low, high, 80))
    height = form[0] * across**2 + form[1] * across * up + form[2] * up**2
    levels = height.max() * np.geomspace(0.002, 0.9, 9)
    axes.contour(across, up, height, levels=levels, colors=INK, linewidths=0.5, alpha=0.35)
    axes.grid(visible=False)


def _objectives(groups: list[RunGroup]) -> Callable[[Path, str], None]:
    def draw(folder: Path, name: str) -> None:
        with canvas("step", "objective") as (figure, axes):
            for group, look in zip(groups, LOOKS, strict=False):
                path = group.by_seed("objective")
                axes.plot(
                    path.columns, np.median(path, axis=0), color=look.colour, linestyle=look.dash,
                    marker=look.marker, markevery=25, label=group.variant,
                )  # fmt: skip
            plain_log_axis(axes)
            legend_above(axes)
            save(figure, folder, name)

    return draw
