"""How figures look: one size, one palette that colour-blind readers tell apart, no dates inside."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, ScalarFormatter

from reports.language import in_writing
from reports.plotted import plot_file, write_plot

SIZE = (4.6, 3.2)
"""Width and height in inches on the page; small, so that its text is readable on a telephone."""

PAPER_SIZE = (3.9, 2.4)
"""Width and height in inches on paper, where two stand side by side."""

_LINE = 0.17
"""Height of a line of text in inches."""

LONGEST_LABEL = 36
"""Letters that a line of a legend has room for on paper; a longer label goes on below."""

INK, GRID, PAPER = "#1f2328", "#d8dadd", "#fffffe"


@dataclasses.dataclass(frozen=True)
class Look:
    """A series is told by colour, dash and marker at once."""

    colour: str
    dash: str | tuple[float, tuple[float, ...]]
    marker: str


# Okabe and Ito's palette (2008), the darker of its colours.
LOOKS = (
    Look("#0072b2", "-", "o"),
    Look("#d55e00", (0, (5, 1.5)), "s"),
    Look("#007a5a", (0, (1, 1.2)), "^"),
    Look("#9e3d78", (0, (6, 1.5, 1, 1.5)), "D"),
    Look("#6b5900", (0, (3, 3)), "v"),
)
_PLACES = {look.colour: at for at, look in enumerate(LOOKS)}
_FIRST = {"sgd": 0, "adagrad": 1, "adagrad_eps_inside": 1, "adam": 2}

# What the page replaces by a custom property, so that figures follow its colour scheme.
PROPERTIES = {
    INK: "--ink",
    GRID: "--grid",
    PAPER: "--paper",
    **{look.colour: f"--series-{at}" for at, look in enumerate(LOOKS)},
}

_SETTINGS: dict[Any, Any] = {
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "regrad",
    "pdf.fonttype": 3,  # As outlines of the letters used: subsetting a font takes half the time.
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "legend.fontsize": 8.5,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.facecolor": "none",
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.7,
    "lines.markersize": 4,
    "legend.frameon": False,
    "legend.labelcolor": INK,
}


def look_of(optimizer: str, taken: int = 0) -> Look:
    """The look of an optimizer; unknown ones take the next free place after the known."""
    return LOOKS[_FIRST.get(optimizer, (3 + taken) % len(LOOKS))]


@contextlib.contextmanager
def canvas(xlabel: str, ylabel: str, lines: int = 0) -> Iterator[tuple[Figure, Axes]]:
    """One pair of labelled axes in the report's style, higher for so many lines more of text."""
    with mpl.rc_context(_SETTINGS):
        size = (SIZE[0], SIZE[1] + _LINE * lines)
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        axes.set_axisbelow(True)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(_Decimals())
        yield figure, axes


class _Decimals(ScalarFormatter):
    """Matplotlib's own tick labels, with the language's decimal mark."""

    def __call__(self, value: float, position: int | None = None) -> str:
        return in_writing(super().__call__(value, position))

    def get_offset(self) -> str:
        return in_writing(super().get_offset())


def plain_log_axis(axes: Axes, which: Literal["x", "y"] = "y") -> None:
    """A logarithmic axis whose tick labels are ordinary text and not drawn glyphs."""
    axes.set(**{f"{which}scale": "log"})
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_formatter(FuncFormatter(_tick))
    low, high = axes.get_ylim() if which == "y" else axes.get_xlim()
    if high / low < 8:
        axis.set_minor_formatter(FuncFormatter(_tick))
    elif high / low < 60:
        axis.set_minor_formatter(FuncFormatter(_one_two_five))
    else:
        axis.set_minor_formatter(NullFormatter())


def whole_ticks(axes: Axes) -> None:
    """An x axis marked at whole numbers only."""
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _tick(value: float, _position: object) -> str:
    if value < 1e-3 or value >= 1e5:
        return "10" + f"{math.log10(value):.0f}".translate(_RAISED)
    return in_writing(f"{value:g}")


def _one_two_five(value: float, _position: object) -> str:
    text = f"{value:g}"
    return in_writing(text) if text.strip("0.")[:1] in "125" else ""


def legend_above(axes: Axes) -> None:
    """A legend over the axes, where it hides nothing."""
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles, [textwrap.fill(label, LONGEST_LABEL) for label in labels],
        loc="lower left", bbox_to_anchor=(0, 1), ncols=legend_columns(labels), borderaxespad=0.2,
        handlelength=3.2, columnspacing=1.4,
    )  # fmt: skip


def legend_columns(labels: Sequence[str]) -> int:
    """Two columns where all labels are short enough for that."""
    return 2 if max(map(len, labels), default=0) < 20 else 1


@dataclasses.dataclass(frozen=True)
class Target:
    """Where a figure goes: NAME.svg, as the page has it, and NAME.pdf, as the paper has it."""

    folder: Path
    name: str


def save(figure: Figure, target: Target) -> None:
    """Write the files without dates or program names, so that two are identical."""
    folder, name = target.folder, target.name
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_SETTINGS):
        nothing = {"Date": None, "Creator": None, "Type": None, "Format": None}
        _lay_out(figure)
        figure.savefig(folder / f"{name}.svg", metadata=nothing)
        write_plot(figure.axes[0], _PLACES, plot_file(folder, name))
        width, height = figure.get_size_inches()
        # A long legend is as high on paper as on the page.
        low = PAPER_SIZE[1] if height == SIZE[1] else height
        figure.set_size_inches(width * PAPER_SIZE[0] / SIZE[0], low)
        _lay_out(figure)
        absent = {"CreationDate": None, "Creator": None, "Producer": None}
        figure.savefig(folder / f"{name}.pdf", metadata=absent)


def _lay_out(figure: Figure) -> None:
    """Place axes and legend once: `savefig` by itself does it twice, and draws twice for it."""
    engine = ConstrainedLayoutEngine()
    figure.set_layout_engine(engine)
    engine.execute(figure)
    figure.set_layout_engine("none")
