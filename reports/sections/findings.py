"""What a figure's caption and alternative text say: from which value to which, for every line."""

from __future__ import annotations

from reports.blocks import Pieces, Ref, Text, say, say_plural, text
from reports.exhibit_numbers import point_names
from reports.exhibits import Curves, Dots, Lines, Paths, labels_of, series_labels
from reports.language import _, named
from reports.number import Numbers, slug
from reports.runs import RunGroup
from reports.series import Series
from reports.units import capital, words

Drawn = Curves | Paths | Lines | Dots


def title_of(exhibit: Drawn) -> str:
    """What is drawn, and which panel of it."""
    if isinstance(exhibit, Curves):
        what = named(words(exhibit.metric))
    elif isinstance(exhibit, Paths):
        what = _("paths")
    else:
        what = named(exhibit.figure)
    return capital(f"{what}, {named(exhibit.panel)}" if exhibit.panel else what)


def finding_of(exhibit: Drawn, numbers: Numbers, most: int | None = None) -> Pieces:
    """One sentence with a clause for each line, and one on the runs that diverged.

    most: where there are more clauses, so many and nothing else.
    """
    if isinstance(exhibit, Curves):
        clauses = [
            _from_to(label, f"{group.name}.{slug(exhibit.metric)}", ("start", "median"))
            for group, label in zip(exhibit.groups, labels_of(exhibit.groups), strict=True)
        ]
        lost = _diverged(exhibit.groups, exhibit.metric, numbers)
        told = _ends(exhibit.groups, _joined(clauses, most))
        return told if _cut(clauses, most) else (*told, *lost)
    if isinstance(exhibit, Paths):
        clauses = [
            _end(label, group, exhibit.coordinates)
            for group, label in zip(exhibit.groups, labels_of(exhibit.groups), strict=True)
        ]
        lost = _diverged(exhibit.groups, exhibit.coordinates[0], numbers)
        told = say("The paths end at {ends}.", ends=_joined(clauses, most))
        return told if _cut(clauses, most) else (*told, *lost)
    clauses = [
        _along(one, label, numbers) if isinstance(exhibit, Lines) else _extremes(one, label)
        for one, label in zip(exhibit.series, series_labels(exhibit.series), strict=True)
    ]
    return say("{ends}.", ends=_joined(clauses, most))


def _cut(clauses: list[Pieces], most: int | None) -> bool:
    return most is not None and len(clauses) > most


def _ends(groups: tuple[RunGroup, ...], ends: Pieces) -> Pieces:
    """What the lines are, and where each began and ended."""
    if all(len(group.seeds) == 1 for group in groups):
        return say("From first to last: {ends}.", ends=ends)
    return say(
        "Median and range over {seeds} seeds, the median from first to last: {ends}.",
        seeds=Ref(f"{groups[0].name}.seeds"), ends=ends,
    )  # fmt: skip


def _joined(clauses: list[Pieces], most: int | None = None) -> Pieces:
    pieces: Pieces = ()
    clauses = [*clauses[:most], text("…")] if _cut(clauses, most) else clauses
    for at, clause in enumerate(clauses):
        pieces += (Text("; "), *clause) if at else clause
    return pieces


def _from_to(label: str, name: str, ends: tuple[str, str]) -> Pieces:
    first, last = (Ref(f"{name}.{end}") for end in ends)
    return (Text(f"{label} "), first, Text(" → "), last)


def _end(label: str, group: RunGroup, coordinates: tuple[str, str]) -> Pieces:
    x, y = (Ref(f"{group.name}.{slug(metric)}.median") for metric in coordinates)
    return (Text("("), x, Text("; "), y, Text(f"), {label}"))


def _diverged(groups: tuple[RunGroup, ...], metric: str, numbers: Numbers) -> Pieces:
    """Which runs diverged, on how many seeds and from which step on."""
    clauses = []
    for group, label in zip(groups, labels_of(groups), strict=True):
        name = f"{group.name}.{slug(metric)}.diverged"
        if f"{name}.seeds" in numbers:
            clauses.append(
                say_plural(
                    "{label} on {lost} of {seeds} seed, first at step {step}",
                    "{label} on {lost} of {seeds} seeds, first at step {step}",
                    len(group.seeds),
                    label=label, lost=Ref(f"{name}.seeds"), seeds=Ref(f"{group.name}.seeds"),
                    step=Ref(f"{name}.step"),
                )
            )  # fmt: skip
    if not clauses:
        return ()
    return (Text(" "), *say("Diverged: {clauses}.", clauses=_joined(clauses)))


def _along(series: Series, label: str, numbers: Numbers) -> Pieces:
    """From first to last, and between which values where the line goes beyond both."""
    told = _from_to(label, series.name, ("first", "last"))
    least, greatest = (numbers.get(f"{series.name}.{part}") for part in ("least", "greatest"))
    ends = (series.values[0], series.values[-1])
    if least is None or greatest is None or least.value is None or greatest.value is None:
        return told
    if least.value >= min(ends) and greatest.value <= max(ends):
        return told
    between = [Ref(f"{series.name}.{part}") for part in ("least", "greatest")]
    return (
        *told, Text(" "),
        *say("(between {least} and {greatest})", least=between[0], greatest=between[1]),
    )  # fmt: skip


def _extremes(series: Series, label: str) -> Pieces:
    """Its least and greatest value with their points; the value itself where there is one."""
    names = point_names(series)
    order = sorted(range(len(names)), key=lambda at: series.values[at])
    least, greatest = order[0], order[-1]
    if len(names) == 1:
        return (Text(f"{label} "), Ref(names[0]), Text(f" ({named(series.points[0])})"))
    return say(
        "{label} from {least} ({a}) to {greatest} ({b})", label=label, least=Ref(names[least]),
        a=named(series.points[least]), greatest=Ref(names[greatest]),
        b=named(series.points[greatest]),
    )  # fmt: skip
