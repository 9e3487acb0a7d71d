"""Figures in the page: fewer characters, and every line where it was."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from reports.plotted import MOST_POINTS, plot_of
from reports.svg import Drawings
from reports.svg_paths import FINEST, compact, is_segment, moved, thinned

LOOKS = {"#0072b2": 0, "#d55e00": 1}


def test_lines_are_told_by_steps_without_idle_letters() -> None:
    assert compact("M 10 20 L 10 30.04 L 25.5 30 L 30.25 25") == "M10 20v10h15.5l4.7-5"
    assert compact("M 0 0 L 1 2 L 3 -4 z") == "M0 0l1 2 2-6z"
    assert compact("M 0 0 C 1 1 2 2 3 0.5") == "M0 0c1 1 2 2 3 .5"


def test_rounding_does_not_add_up_along_a_line() -> None:
    x = np.arange(300) * 1.04
    wave = 40 * np.sin(x)
    outline = compact("M " + " L ".join(f"{a:.4f} {b:.4f}" for a, b in zip(x, wave, strict=True)))
    steps = re.findall(r"([lhv])?((?:-?[\d.]+)(?:[ -][\d.]+)?)", outline.partition("l")[2])
    assert steps
    numbers = [float(each) for each in re.findall(r"-?\d*\.?\d+", "l" + outline.partition("l")[2])]
    # Steps in tenths from rounded places: their sum is the last place, not off by 300 roundings.
    assert sum(numbers[::2]) == pytest.approx(x[-1] - x[0], abs=0.11)


def test_no_point_that_is_left_out_lay_further_from_the_line_than_the_grain() -> None:
    x = np.linspace(0, 300, 500)
    points = np.column_stack([x, 50 * np.cos(x / 40)])
    kept = thinned(points)
    assert len(kept) < 0.2 * len(points)
    assert np.abs(np.interp(x, *kept.T) - points[:, 1]).max() <= FINEST * 1.7
    corner = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    np.testing.assert_array_equal(thinned(corner), corner)


def test_a_segment_is_one_line_and_may_be_moved() -> None:
    assert is_segment("M 0 0 L 0 3.5 ")
    assert is_segment(moved("M 0 0 L 0 3.5", 10, 20))
    assert not is_segment("M 0 0 L 0 3.5 L 1 1")
    assert compact(moved("M 0 0 L 0 3.5", 10, 20)) == "M10 20v3.5"


def test_figures_of_a_page_share_styles_and_marks(tmp_path: Path) -> None:
    drawings, pages = Drawings(), []
    for name in ("one", "two"):
        figure = Figure(figsize=(3, 2))
        figure.add_subplot().plot([1, 2, 3], [3, 1, 2], "o-", color="#0072b2")
        with mpl.rc_context({"svg.fonttype": "none"}):
            figure.savefig(tmp_path / f"{name}.svg")
        pages.append(drawings.inline(tmp_path / f"{name}.svg", name, "A <title>", "A finding."))
    assert 'aria-labelledby="one-title one-desc"' in pages[0]
    assert "A &lt;title&gt;" in pages[0]
    assert pages[0].count("<use") == pages[1].count("<use") == 3
    assert "style=" not in pages[0]
    assert len(drawings.marks) == 1
    assert "stroke:var(--series-0)" in drawings.style()
    assert pages[0].replace("one-", "two-") == pages[1]


def axes():
    figure = Figure()
    return figure.add_subplot()


def test_a_plot_has_the_lines_the_bands_and_the_limits_of_its_figure() -> None:
    drawn = axes()
    x, middle = np.arange(5), np.array([5.0, 4, 3, 2, 1])
    drawn.plot(x, middle, color="#d55e00", label="Adagrad")
    drawn.fill_between(x, middle - 0.5, middle + 0.25, color="#d55e00")
    drawn.axhline(0.5, label="floor")
    drawn.set(xlabel="epoch", ylabel="loss", yscale="log", ylim=(0.1, 10))
    plot = plot_of(drawn, LOOKS)
    assert plot is not None
    (line,) = plot["series"]
    assert (line["label"], line["look"], line["x"]) == ("Adagrad", 1, [0, 1, 2, 3, 4])
    assert (line["y"], line["low"], line["high"]) == (
        [5, 4, 3, 2, 1], [4.5, 3.5, 2.5, 1.5, 0.5], [5.25, 4.25, 3.25, 2.25, 1.25],
    )  # fmt: skip
    assert plot["y"] == {"title": "loss", "log": True, "domain": [0.1, 10]}
    assert plot["floor"] == ["floor", 0.5]
    assert not plot["paths"]


def test_a_line_that_turns_back_is_a_path_and_long_ones_are_thinned() -> None:
    drawn = axes()
    turn = np.linspace(0, 6, 1000)
    drawn.plot(np.cos(turn), np.sin(turn), color="#0072b2", label="SGD")
    plot = plot_of(drawn, LOOKS)
    assert plot is not None
    assert plot["paths"]
    steps = plot["series"][0]["at"]
    assert len(steps) == len(plot["series"][0]["x"]) == MOST_POINTS
    assert steps[:40] == list(range(40))
    assert steps[-1] == 999


def test_a_figure_of_single_points_or_named_rows_has_no_plot() -> None:
    single, rows = axes(), axes()
    single.plot([1, 2], [1, 2], label="SGD")
    rows.plot([1, 2, 3], [0, -1, -2], "o", label="SGD")
    assert plot_of(single, LOOKS) is None
    assert plot_of(rows, LOOKS) is None
