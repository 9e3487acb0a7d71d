"""Draws every figure from the tables: NAME.svg for the page, NAME.pdf for the paper."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from reports import comparison, curves, paths, series
from reports.curves import Drawing, Frame, learning_curves
from reports.exhibits import (
    Curves,
    Dots,
    Exhibit,
    Lines,
    Paths,
    labels_of,
    panels,
    series_labels,
    stands_of,
)
from reports.figure_style import Target
from reports.interactive import write_shared
from reports.intervals import medians_with_intervals
from reports.language import ENGLISH, in_writing, language, named, using
from reports.number import slug
from reports.results import Results, read_results
from reports.runs import PRINTED, RunGroup, contests, groups_of, optimizer_titles
from reports.tidy import Missing

Plan = tuple[str, Drawing]


def draw_figures(
    root: Path, folder: Path, processes: int = 1, in_language: str = ENGLISH
) -> list[str]:
    """Draw all figures that the results below `root` allow, in the language of that code.

    Returns their names and lists them in index.json. Each of several processes reads the results
    for itself and draws its share.
    """
    if processes == 1:
        shares = [_draw_share(root, folder, in_language, 0, 1)]
    else:
        # A fresh interpreter: a fork would inherit the locks of threads that it does not have.
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            share = partial(_draw_share, root, folder, in_language, processes=processes)
            shares = list(pool.map(share, range(processes)))
    names = shares[0]
    folder.mkdir(parents=True, exist_ok=True)
    write_shared(folder)
    (folder / "index.json").write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")
    return names


def _draw_share(
    root: Path, folder: Path, in_language: str, share: int, processes: int
) -> list[str]:
    """Draw every so-manieth figure; returns the names of all."""
    with using(language(in_language)):
        targets = _targets(read_results(root), folder)
        for target, draw in targets[share::processes]:
            draw(target)
    return [target.name for target, _draw in targets]


def _targets(results: Results, folder: Path) -> list[tuple[Target, Drawing]]:
    """Every figure with what draws it, in order."""
    plans: list[Plan] = [
        *_rcv1_plans(groups_of(results, "rcv1")),
        *_airfoil_plans(groups_of(results, "airfoil")),
        *_quadratic_plans(groups_of(results, "quadratics")),
        *_cnn_plans(groups_of(results, "cnn")),
        *comparison.plans(results.comparison, optimizer_titles(results)),
    ]
    targets = [(Target(folder, name), draw) for name, draw in plans]
    return targets + _exhibit_targets(results, folder)


def drawn_figures(folder: Path) -> list[str]:
    """The names of the figures that `draw_figures` left in `folder`."""
    return json.loads((folder / "index.json").read_text(encoding="utf-8"))


def printed(groups: Sequence[RunGroup]) -> list[RunGroup]:
    """The groups run as the document printed them."""
    return [group for group in groups if group.variant == PRINTED]


def contest_figure(contest_name: str) -> str:
    """The name of the figure of a contest."""
    return slug(contest_name)


def curve_label(group: RunGroup) -> str:
    """What the legend calls a group: the optimizer and its learning rate."""
    rate, title = group.hyperparameters.get("lr"), named(group.title)
    return title if rate is None else f"{title}, η = {in_writing(f'{rate:g}')}"


def _rcv1_plans(groups: Sequence[RunGroup]) -> list[Plan]:
    plans: list[Plan] = []
    found = contests(groups)
    compared = [group for contest in found for group in (contest.sgd, contest.adagrad)]
    limits = _logarithmic(compared, "train_loss")
    for contest in found:
        pair = [contest.sgd, contest.adagrad]
        plans.append((contest_figure(contest.name), _compared(pair, "train_loss", limits)))
    for metric in ("test_loss", "step_loss_moving_average"):
        shown = more_curves(groups, metric)
        if shown:
            plans.append((f"rcv1-{slug(metric)}", _compared(shown, metric, None)))
    return plans


def more_curves(groups: Sequence[RunGroup], metric: str) -> list[RunGroup]:
    """SGD and Adagrad as printed, where they were measured by the metric."""
    both = [group for group in printed(groups) if group.optimizer in ("sgd", "adagrad")]
    return [group for group in both if metric in group.metrics]


def airfoil_panels(groups: Sequence[RunGroup]) -> list[tuple[str, str, tuple[RunGroup, ...]]]:
    """The panels of the training losses on airfoil: name of the figure, title, groups."""
    shown = [group for group in groups if "train_loss" in group.metrics]
    return [
        (f"airfoil-train-loss-{at}" if at else "airfoil-train-loss", title, some)
        for at, (title, some) in enumerate(panels(shown) if shown else [])
    ]


def _airfoil_plans(groups: Sequence[RunGroup]) -> list[Plan]:
    limits = _logarithmic(groups, "train_loss")
    return [
        (name, _compared(some, "train_loss", limits)) for name, _, some in airfoil_panels(groups)
    ]


CNN_METRICS = ("train_loss", "test_loss", "test_accuracy")
CNN_RULES = ("sgd", "adagrad", "adam", "rmsprop", "momentum")
"""The rules that exercise 5 compares."""

ADAGRADS_RATE = "Adagrad's rate"
"""The variant of SGD that is run at the rate that the document prints for Adagrad."""


def cnn_panels(groups: Sequence[RunGroup]) -> list[tuple[str, str, tuple[RunGroup, ...]]]:
    """Name, metric and groups of each panel: one run of each rule.

    The printed one, else the one at Adagrad's printed rate, else the first.
    """
    chosen = []
    for rule in CNN_RULES:
        own = [group for group in groups if group.optimizer == rule]
        preferred = [group for group in own if group.variant in (PRINTED, ADAGRADS_RATE)]
        chosen += (preferred or own)[:1]
    return [
        (f"cnn-{slug(metric)}", metric, some)
        for metric in CNN_METRICS
        if (some := tuple(group for group in chosen if metric in group.metrics))
    ]


def _cnn_plans(groups: Sequence[RunGroup]) -> list[Plan]:
    return [
        (name, learning_curves(some, metric, [curve_label(group) for group in some]))
        for name, metric, some in cnn_panels(groups)
    ]


def _compared(groups: Sequence[RunGroup], metric: str, limits: Frame | None) -> Drawing:
    """Learning curves on a logarithmic axis, with intervals."""
    limits = limits or _logarithmic(groups, metric)
    labels = [curve_label(group) for group in groups]
    if len(set(labels)) < len(labels):
        labels = labels_of(groups)
    return learning_curves(groups, metric, labels, limits, medians_with_intervals)


def _logarithmic(groups: Sequence[RunGroup], metric: str) -> Frame | None:
    """Limits that hold all positive values of losses, the axis logarithmic."""
    within = curves.frame_of(groups, metric)
    tables = [curves.measured(g, metric).ravel() for g in groups if metric in g.metrics]
    values = np.concatenate(tables or [np.empty(0)])
    positive = values[np.isfinite(values) & (values > 0)]
    if within is None or not positive.size:
        return None
    return Frame(positive.min() / 1.15, min(positive.max(), within.high) * 1.15, True)


def trajectory_figure(function: str) -> str:
    """The name of the figure of the paths on a quadratic."""
    return f"quadratics-path-{slug(function)}"


def _quadratic_plans(groups: Sequence[RunGroup]) -> list[Plan]:
    plans: list[Plan] = []
    for function in dict.fromkeys(group.variant for group in groups):
        some = [group for group in groups if group.variant == function]
        labels = [curve_label(group) for group in some]
        plans.append((trajectory_figure(function), paths.paths(some, ("x1", "x2"), labels)))
    adagrad = [group for group in groups if group.optimizer == "adagrad"]
    if adagrad:
        labels = [named(group.variant) for group in adagrad]
        plans.append(("quadratics-objective", learning_curves(adagrad, "objective", labels)))
    return plans


def _exhibit_targets(results: Results, folder: Path) -> list[tuple[Target, Drawing]]:
    """What stands for the documents' figures."""
    return [
        (Target(folder, shown.name), drawing)
        for stand in stands_of(results)
        for shown in stand.shown
        if (drawing := _drawing(shown.exhibit)) is not None
    ]


def _drawing(exhibit: Exhibit | Missing) -> Drawing | None:
    if isinstance(exhibit, Curves):
        return partial(_draw_curves, exhibit)
    if isinstance(exhibit, Paths):
        return paths.paths(exhibit.groups, exhibit.coordinates, labels_of(exhibit.groups))
    if isinstance(exhibit, Lines):
        return series.lines(exhibit.series, series_labels(exhibit.series))
    if isinstance(exhibit, Dots):
        return series.dots(exhibit.series, series_labels(exhibit.series))
    return None


def _draw_curves(exhibit: Curves, target: Target) -> None:
    """A panel of curves; its limits are found when it is drawn, since that takes as long."""
    limits = curves.frame_of(exhibit.all_groups, exhibit.metric)
    learning_curves(exhibit.groups, exhibit.metric, labels_of(exhibit.groups), limits)(target)
