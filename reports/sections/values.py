"""Tables of what stands for the documents' tables: of runs, and of the points of an analysis."""

from __future__ import annotations

import math

from reports.blocks import Column, Interval, Pieces, Ref, Table, say, say_plural, text
from reports.exhibit_numbers import epochs_between, point_names
from reports.exhibits import Cells, Ends
from reports.language import _, in_writing, named
from reports.number import Numbers, slug
from reports.runs import RunGroup
from reports.sections.tables import range_notes
from reports.units import capital, words


def ends_table(name: str, exhibit: Ends, data: str, numbers: Numbers) -> Table:
    """One row a run: a metric at its start, some epochs and its end, or several at the end."""
    metrics, groups = exhibit.metrics, exhibit.groups
    epochs: list[int] = []
    if exhibit.by_epochs and all(group.steps_of(metrics[0]) > 1 for group in groups):
        found = [set(epochs_between(group, metrics[0])) for group in groups]
        epochs = sorted(set.union(*found))
        between = [_("Epoch {epoch}", epoch=in_writing(f"{epoch:,}")) for epoch in epochs]
        heads = [_("First"), *between, _("Last")]
        rows = tuple(_along(group, metrics[0], epochs, numbers) for group in groups)
    else:
        heads = [named(words(metric)) for metric in metrics]
        rows = tuple(
            (_run(group), *(_last(group, metric) for metric in metrics)) for group in groups
        )
    columns = (Column(_("Run"), 1.6), *(Column(head, 1.0, numeric=True) for head in heads))
    measured = capital(", ".join(named(words(metric)) for metric in metrics))
    caption = say("{metrics}: median over seeds.", metrics=measured)
    notes = [
        say("Under the last value stands the {interval.level} bootstrap interval of the median."),
        *range_notes([f"{group.name}.seeds" for group in groups], numbers),
        *_lost(exhibit, numbers),
    ]
    several = any(len(group.seeds) > 1 for group in groups)
    return Table(name, caption, data, columns, rows, tuple(notes if several else notes[1:]))


def _run(group: RunGroup) -> Pieces:
    return text(f"{named(group.title)}, {named(group.variant)}")


def _last(group: RunGroup, metric: str) -> Pieces:
    if metric not in group.metrics:
        return say("not measured")
    return (Interval(f"{group.name}.{slug(metric)}"),)


def _along(group: RunGroup, metric: str, epochs: list[int], numbers: Numbers) -> tuple[Pieces, ...]:
    name = f"{group.name}.{slug(metric)}"
    between = [f"{name}.at-epoch-{epoch}" for epoch in epochs]
    return (
        _run(group),
        (Ref(f"{name}.start"),),
        *((Ref(one),) if one in numbers else say("not measured") for one in between),
        (Interval(name),),
    )


def _lost(exhibit: Ends, numbers: Numbers) -> list[Pieces]:
    """A note for each run that diverged."""
    notes = []
    for group in exhibit.groups:
        for metric in exhibit.metrics:
            name = f"{group.name}.{slug(metric)}.diverged"
            if f"{name}.seeds" in numbers:
                notes.append(
                    say_plural(
                        "{run} diverged on {lost} of {seeds} seed, first at step {step}.",
                        "{run} diverged on {lost} of {seeds} seeds, first at step {step}.",
                        len(group.seeds),
                        run=_run(group), lost=Ref(f"{name}.seeds"),
                        seeds=Ref(f"{group.name}.seeds"), step=Ref(f"{name}.step"),
                    )
                )  # fmt: skip
                break
    return notes


def points_table(name: str, exhibit: Cells, data: str) -> Table:
    """One row a point, its series in front where there are several; a column a measure.

    Where there is one measure, the series are the columns.
    """
    series = exhibit.series
    metrics = list(dict.fromkeys(one.metric for one in series))
    titles = list(dict.fromkeys(one.title for one in series))
    across = len(metrics) == 1 and 1 < len(titles) <= MOST_COLUMNS
    cells: dict[str, dict[str, Pieces]] = {}
    for one in series:
        for point, number, value in zip(one.points, point_names(one), one.values, strict=True):
            alone = across or len(titles) == 1
            row = (point or one.title) if alone else f"{one.title}: {point}".removesuffix(": ")
            cells.setdefault(row, {})[one.title if across else one.metric] = (
                (Ref(number),) if math.isfinite(value) else _beyond(value)
            )
    heads = titles if across else metrics
    rows = tuple(
        (text(named(row)), *(found.get(head, say("none")) for head in heads))
        for row, found in cells.items()
    )
    columns = (
        Column(named(words(series[0].x_name)) or _("Point"), 1.6),
        *(Column(named(words(head)), 1.0, numeric=True) for head in heads),
    )
    shown = capital(named(exhibit.figure))
    if across:
        shown = f"{shown}, {named(words(metrics[0]))}"
    caption = say("{shown}.", shown=shown)
    return Table(name, caption, data, columns, rows)


def _beyond(value: float) -> Pieces:
    """What is measured where there is no finite number."""
    if math.isnan(value):
        return say("none")
    return say("infinite") if value > 0 else say("minus infinite")


MOST_COLUMNS = 6
"""Series side by side in a table; more of them are rows."""
