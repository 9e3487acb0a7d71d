"""What stands for each figure and table of the documents: panels to draw, and tables.

An exhibit is of runs or of an analysis. Which form it takes follows from the rows alone: a metric
along steps is a curve, two coordinates a path, named points are dots, several measures of named
points a table.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from reports.language import how, named
from reports.results import Results
from reports.runs import DIVERGED_AT, RunGroup, groups_of
from reports.series import Series, series_of
from reports.tidy import Missing
from reports.units import words

MOST_LINES = 5
"""Lines in one panel; there are as many looks."""

COORDINATES = (("x1", "x2"), ("x", "y"), ("w1", "w2"))
"""Pairs of metrics that are one path in the plane."""

AS_TABLE = ("table", "log")
"""Items of a document whose counterpart is a table too, where it has not too many rows."""

MOST_CELLS = 60
MOST_ROWS = 25
MOST_DRAWN = 30
"""Of more runs than this a table says where they end, since no one reads so many lines."""

FEWEST_DOTS = 8
"""So many named values, or fewer, are read rather than seen."""

FEWEST_PLACES = 3
"""Lines through so few places are none."""


@dataclasses.dataclass(frozen=True)
class Curves:
    """One panel: a metric of runs along their steps. `all_groups` share its limits."""

    metric: str
    groups: tuple[RunGroup, ...]
    panel: str
    all_groups: tuple[RunGroup, ...]


@dataclasses.dataclass(frozen=True)
class Paths:
    """One panel: paths of runs in the plane."""

    coordinates: tuple[str, str]
    groups: tuple[RunGroup, ...]
    panel: str


@dataclasses.dataclass(frozen=True)
class Ends:
    """A table of runs: what the metrics were at the start, at some epochs and at the end."""

    metrics: tuple[str, ...]
    groups: tuple[RunGroup, ...]

    @property
    def by_epochs(self) -> bool:
        """Whether it says more than the end: one metric, of not too many runs."""
        return len(self.metrics) == 1 and len(self.groups) <= MOST_DRAWN


@dataclasses.dataclass(frozen=True)
class Lines:
    """One panel of an analysis' figure: lines over an axis."""

    figure: str
    series: tuple[Series, ...]
    panel: str


@dataclasses.dataclass(frozen=True)
class Dots:
    """One panel of an analysis' figure: named points."""

    figure: str
    series: tuple[Series, ...]
    panel: str


@dataclasses.dataclass(frozen=True)
class Cells:
    """A table of an analysis' figure: a row a point, a column a measure."""

    figure: str
    series: tuple[Series, ...]


Exhibit = Curves | Paths | Ends | Lines | Dots | Cells


DRAWN = (Curves, Paths, Lines, Dots)
IN_PAPER = 2
"""Figures of a numbered figure or table that the paper shows; the page has all of every entry."""

_NUMBERED = re.compile(r"(figure|table) \d+")


@dataclasses.dataclass(frozen=True)
class Shown:
    """An exhibit under its name, or why a result has none; `paper` where the paper has it too."""

    name: str
    exhibit: Exhibit | Missing
    paper: bool = True


@dataclasses.dataclass(frozen=True)
class Stand:
    """One figure, table or the like of a document, and what stands for it.

    before: places where some of its results are shown already.
    """

    entry: dict[str, Any]
    shown: tuple[Shown, ...]
    before: tuple[str, ...]


@functools.lru_cache
def stands_of(results: Results) -> tuple[Stand, ...]:
    """Every entry of the counterparts in order, each result shown where it is first named."""
    if isinstance(results.counterparts, Missing):
        return ()
    places: dict[Any, str] = {}
    stands = []
    for at, entry in enumerate(results.counterparts):
        shown: list[Shown] = []
        before: dict[str, None] = {}
        for exhibit in exhibits(results, entry):
            earlier = places.setdefault(_identity(exhibit), place(entry))
            if earlier != place(entry) and not isinstance(exhibit, Missing):
                before[earlier] = None
            elif exhibit not in [one.exhibit for one in shown]:
                drawn = sum(isinstance(one.exhibit, DRAWN) for one in shown)
                name = f"{entry['document']}-{at}-{len(shown)}"
                shown.append(Shown(name, exhibit, numbered(entry) and drawn < IN_PAPER))
        stands.append(Stand(entry, tuple(shown), tuple(before)))
    return tuple(stands)


def numbered(entry: dict[str, Any]) -> bool:
    """Whether an entry is one of the document's own numbered figures and tables."""
    return _NUMBERED.fullmatch(entry["item"]) is not None


def place(entry: dict[str, Any]) -> str:
    """Section and item, as a reader of the document looks them up."""
    section = entry["section"]
    return f"{'section ' if section[:1].isdigit() else ''}{section}, {entry['item']}"


def section_word(section: str) -> str:
    """A section for readers: a number as it stands, a title in their language."""
    return section if re.fullmatch(r"[\d.]+", section) else named(section)


def _identity(exhibit: Exhibit | Missing) -> Any:
    if isinstance(exhibit, Missing):
        return exhibit
    members = exhibit.groups if isinstance(exhibit, Curves | Paths | Ends) else exhibit.series
    what = getattr(exhibit, "metric", None) or getattr(exhibit, "metrics", None)
    return type(exhibit), what, tuple(member.name for member in members)


def exhibits(results: Results, entry: dict[str, Any]) -> Iterator[Exhibit | Missing]:
    """The exhibits of an entry, in the order of its results."""
    seen: set[tuple[str, str]] = set()
    for part in entry["results"]:
        key = (part["kind"], part["name"])
        if part["status"] != "there":
            yield Missing(part["reason"])
        elif part["kind"] == "analyses":
            yield from _of_analysis(results, part["name"], part["figure"], entry["item"])
        elif key not in seen:
            seen.add(key)
            parts = [p for p in entry["results"] if (p["kind"], p["name"]) == key]
            yield from _of_runs(results, part["name"], parts, entry["item"])


def _of_runs(
    results: Results, experiment: str, parts: list[dict[str, Any]], item: str
) -> Iterator[Exhibit | Missing]:
    """All that an entry names of one experiment, joined by metric."""
    groups = groups_of(results, experiment)
    if not groups:
        read = results.runs_of(experiment)
        nothing = Missing(how("the experiment {experiment} has no runs", experiment=experiment))
        yield read if isinstance(read, Missing) else nothing
        return
    wanted: dict[str, tuple[RunGroup, ...]] = {}
    for part in parts:
        if part["status"] == "there":
            found = tuple(group for group in groups if _is_of(group, part))
            earlier = wanted.get(part["metric"], ())
            wanted[part["metric"]] = tuple(g for g in groups if g in (*earlier, *found))
    for metric in [metric for metric, some in wanted.items() if not some]:
        del wanted[metric]
        yield Missing(
            how(
                "no run of {experiment} that is asked for has the metric '{metric}'",
                experiment=experiment, metric=metric,
            )
        )  # fmt: skip
    wanted.pop(DIVERGED_AT, None)
    for pair in COORDINATES:
        if set(pair) <= set(wanted):
            members = {group.name for metric in pair for group in wanted[metric]}
            both = [group for group in groups if group.name in members]
            yield from (Paths(pair, some, panel) for panel, some in panels(both))
            wanted = {metric: some for metric, some in wanted.items() if metric not in pair}
    single = {m: g for m, g in wanted.items() if all(group.steps_of(m) < 2 for group in g)}
    curves = {metric: some for metric, some in wanted.items() if metric not in single}
    if single:
        yield Ends(tuple(single), _joined(single))
    for metric, some in curves.items():
        if item.startswith(AS_TABLE) or len(some) > MOST_DRAWN:
            yield Ends((metric,), some)
        if len(some) > MOST_DRAWN:
            continue
        yield from (Curves(metric, part, panel, some) for panel, part in panels(some))


def _is_of(group: RunGroup, part: dict[str, Any]) -> bool:
    return (
        part["optimizer"] in (None, group.optimizer)
        and part["variant"] in (None, group.variant)
        and part["metric"] in group.metrics
    )


def _joined(wanted: dict[str, tuple[RunGroup, ...]]) -> tuple[RunGroup, ...]:
    return tuple({group.name: group for some in wanted.values() for group in some}.values())


def panels(groups: Sequence[RunGroup]) -> list[tuple[str, tuple[RunGroup, ...]]]:
    """The groups in panels of few lines, with their titles.

    By optimizer or by variant, unless that leaves most panels with few lines: then in order.
    """
    if len(groups) <= MOST_LINES:
        return [("", tuple(groups))]
    in_order = _cut("", groups)
    splits = []
    for key in ("title", "variant"):
        parts: dict[str, list[RunGroup]] = {}
        for group in groups:
            parts.setdefault(getattr(group, key), []).append(group)
        splits.append([piece for title, part in parts.items() for piece in _cut(title, part)])
    best = min(splits, key=len)
    return best if len(best) <= 1.5 * len(in_order) else in_order


def _cut(title: str, members: Sequence[Any]) -> list[tuple[str, tuple[Any, ...]]]:
    """The members in order, as evenly as can be, at most `MOST_LINES` together."""
    count = -(-len(members) // MOST_LINES)
    ends = [round(at * len(members) / count) for at in range(count + 1)]
    pieces = [tuple(members[a:b]) for a, b in itertools.pairwise(ends)]
    if count == 1:
        return [(title, pieces[0])]
    return [(f"{title}, part {at}".strip(" ,"), piece) for at, piece in enumerate(pieces, 1)]


def labels_of(groups: Sequence[RunGroup]) -> list[str]:
    """What tells the groups of a panel apart for readers: optimizer or variant, or both."""
    if len({group.title for group in groups}) == len(groups):
        found = [group.title for group in groups]
    elif len({group.title for group in groups}) == 1:
        found = [group.variant for group in groups]
    else:
        found = [f"{group.title}, {group.variant}" for group in groups]
    if len(set(found)) < len(found):
        found = [f"{label}, {group.dataset}" for label, group in zip(found, groups, strict=True)]
    return list(map(named, found))


def _of_analysis(
    results: Results, analysis: str, figure: str, item: str
) -> Iterator[Exhibit | Missing]:
    series = series_of(results, analysis, figure)
    if isinstance(series, Missing):
        yield series
        return
    named = [one for one in series if one.named]
    metrics = {one.metric for one in named}
    count = sum(len(one.values) for one in named)
    asked = len(metrics) > 1 or item.startswith(AS_TABLE)
    if named and (count <= FEWEST_DOTS or (count <= MOST_CELLS and asked)):
        yield Cells(figure, tuple(named))
    else:
        yield from (Dots(figure, some, panel) for panel, some in series_panels(named))
    along = [one for one in series if not one.named]
    most = MOST_ROWS if item.startswith(AS_TABLE) else FEWEST_PLACES
    if along and max(len(one.x) for one in along) <= most:
        yield Cells(figure, tuple(along))
    else:
        yield from (Lines(figure, some, panel) for panel, some in series_panels(along))


def series_panels(series: Sequence[Series]) -> list[tuple[str, tuple[Series, ...]]]:
    """Series in panels of few lines: those of one metric, unit and axis together."""
    alike = len({(one.unit, one.x_name) for one in series}) == 1
    comparable = alike and (len({one.metric for one in series}) == 1 or series[0].unit)
    if comparable and len(series) <= MOST_LINES:
        return [("", tuple(series))]
    parts: dict[tuple[str, str, str], list[Series]] = {}
    for one in series:
        parts.setdefault((one.metric, one.unit, one.x_name), []).append(one)
    several = len(parts) > 1
    return [
        piece
        for (metric, *_), part in parts.items()
        for piece in _cut(words(metric) if several else "", part)
    ]


def series_labels(series: Sequence[Series]) -> list[str]:
    """What tells the series of a panel apart for readers: titles, or metrics, or both."""
    if len({one.title for one in series}) == len(series):
        found = [one.title for one in series]
    elif len({one.title for one in series}) == 1:
        found = [words(one.metric) for one in series]
    else:
        found = [f"{one.title}, {words(one.metric)}" for one in series]
    return list(map(named, found))
