"""Charts of a figure's data by Altair, and Vega, which draws them in the page once a reader asks.

The page has each chart once; a figure brings its lines (`reports.plotted`). Both are made with the
figures, since bundling Vega takes seconds.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

_SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down")
"""The marks of the report's looks, as Vega calls them."""


CHARTS, LIBRARY = "charts.json", "vega.js"


def write_shared(folder: Path) -> None:
    """Write what all plots of a page share beside its figures: the charts, and what draws them."""
    (folder / CHARTS).write_text(json.dumps(charts()) + "\n", encoding="utf-8")
    (folder / LIBRARY).write_text(library(), encoding="utf-8")


def read_shared(folder: Path) -> tuple[Any, str]:
    """The charts and the library that `write_shared` wrote."""
    charts = json.loads((folder / CHARTS).read_text(encoding="utf-8"))
    return charts, (folder / LIBRARY).read_text(encoding="utf-8")


_LABEL = (
    "datum.value && (abs(datum.value) < 1e-3 || abs(datum.value) >= 1e5)"
    " ? format(datum.value, '~e') : format(datum.value, '~r')"
)
"""How Vega writes the numbers of an axis: as the figures do."""


@functools.lru_cache(maxsize=1)
def charts() -> dict[str, Any]:
    """Altair's charts, `lines` over an axis and `paths` in a plane, as Vega-Lite specifications.

    Axes, scales and data are the figure's: its script fills them in.
    """
    import altair as alt

    rows, levels, cursor = (alt.NamedData(name=name) for name in ("rows", "levels", "cursor"))
    x, y = alt.X("x:Q"), alt.Y("y:Q")
    colour = alt.Color("series:N", legend=None)
    shape = alt.Shape("series:N", legend=None, scale=alt.Scale(range=list(_SHAPES)))
    dash = alt.StrokeDash("series:N", legend=None)
    drawn = alt.Chart(rows)
    line = drawn.mark_line(clip=True, strokeWidth=2, strokeJoin="round").encode(
        x=x, y=y, color=colour, strokeDash=dash
    )
    marks = drawn.mark_point(clip=True, filled=True, size=28, opacity=1).encode(
        x=x, y=y, color=colour, shape=shape
    )
    band = drawn.mark_area(clip=True, opacity=0.22).encode(
        x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour
    )
    here = (
        alt.Chart(cursor)
        .mark_point(clip=True, filled=True, size=90, opacity=1)
        .encode(x=x, y=y, color=colour, shape=shape)
    )
    rule = alt.Chart(cursor).mark_rule(clip=True, color="var(--ink)", opacity=0.5).encode(x=x)
    level = (
        alt.Chart(levels)
        .mark_line(clip=True, strokeWidth=0.6, color="var(--ink)", opacity=0.45)
        .encode(x=x, y=y, detail="line:N", order="at:Q")
    )
    kinds = {
        "lines": alt.layer(band, line, marks.transform_filter("datum.marked"), rule, here),
        "paths": alt.layer(
            level, line.encode(order="at:Q"), marks.transform_filter("datum.marked"), here
        ),
    }
    return {
        kind: _plain(chart.properties(width="container", height=270))
        for kind, chart in kinds.items()
    }


def _plain(chart: Any) -> dict[str, Any]:
    """The chart as JSON in the page's colours, without what the page fills in."""
    ink = {f"{part}Color": "var(--ink)" for part in ("label", "title", "domain", "tick")}
    styled = (
        chart.configure(background="transparent", font="system-ui, sans-serif", aria=False)
        .configure_axis(
            gridColor="var(--grid)",
            labelExpr=_LABEL, labelFontSize=12, titleFontSize=12, titleFontWeight="normal",
            tickCount=6, labelOverlap=True, **ink,
        )
        .configure_view(stroke=None)
        .to_dict(validate=True)
    )  # fmt: skip
    return {key: value for key, value in styled.items() if key != "datasets"}


@functools.lru_cache(maxsize=1)
def library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, which defines `vegaEmbed`."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub has no default
    return bundle
