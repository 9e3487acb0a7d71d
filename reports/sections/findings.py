"""What a figure's caption and alternative text say: from which value to which, for every line."""

from __future__ import annotations

from reports.blocks import Pieces, Ref, Text, say, text
from reports.exhibit_numbers import point_names
from reports.exhibits import Curves, Dots, Lines, Paths, labels_of, series_labels
from reports.number import Numbers, slug
from reports.runs import RunGroup
from reports.series import Series
from reports.units import capital, words

Drawn = Curves | Paths | Lines | Dots


def title_of(exhibit: Drawn) -> str:
    """What is drawn, and which panel of it."""
    if isinstance(exhibit, Curves):
        what = words(exhibit.metric)
    elif isinstance(exhibit, Paths):
        what = "paths"
    else:
        what = exhibit.figure
    return capital(f"{what}, {exhibit.panel}" if exhibit.panel else what)


def finding_of(exhibit: Drawn, numbers: Numbers) -> Pieces:
    """One sentence with a clause for each line, and one on the runs that diverged."""
    if isinstance(exhibit, Curves):
        clauses = [
            _from_to(label, f"{group.name}.{slug(exhibit.metric)}", ("start", "median"))
            for group, label in zip(exhibit.groups, labels_of(exhibit.groups), strict=True)
        ]
        lost = _diverged(exhibit.groups, exhibit.metric, numbers)
        return (*_begun(exhibit.groups), *_joined(clauses), *text("."), *lost)
    if isinstance(exhibit, Paths):
        clauses = [
            _end(label, group, exhibit.coordinates)
            for group, label in zip(exhibit.groups, labels_of(exhibit.groups), strict=True)
        ]
        lost = _diverged(exhibit.groups, exhibit.coordinates[0], numbers)
        return (*text("The paths end at "), *_joined(clauses), *text("."), *lost)
    told = zip(exhibit.series, series_labels(exhibit.series), strict=True)
    clauses = [
        _along(one, label, numbers) if isinstance(exhibit, Lines) else _extremes(one, label)
        for one, label in told
    ]
    return (*_joined(clauses), *text("."))


def _begun(groups: tuple[RunGroup, ...]) -> Pieces:
    """What the lines are."""
    if all(len(group.seeds) == 1 for group in groups):
        return text("From first to last: ")
    words_ = "Median and range over {seeds} seeds, the median from first to last: "
    return say(words_, seeds=Ref(f"{groups[0].name}.seeds"))


def _joined(clauses: list[Pieces]) -> Pieces:
    pieces: Pieces = ()
    for at, clause in enumerate(clauses):
        pieces += (Text("; "), *clause) if at else clause
    return pieces


def _from_to(label: str, name: str, ends: tuple[str, str]) -> Pieces:
    first, last = (Ref(f"{name}.{end}") for end in ends)
    return say("{label} {first} → {last}", label=label, first=first, last=last)


def _end(label: str, group: RunGroup, coordinates: tuple[str, str]) -> Pieces:
    x, y = (Ref(f"{group.name}.{slug(metric)}.median") for metric in coordinates)
    return say("({x}, {y}), {label}", x=x, y=y, label=label)


def _diverged(groups: tuple[RunGroup, ...], metric: str, numbers: Numbers) -> Pieces:
    """Which runs diverged, on how many seeds and from which step on."""
    clauses = []
    for group, label in zip(groups, labels_of(groups), strict=True):
        name = f"{group.name}.{slug(metric)}.diverged"
        if f"{name}.seeds" in numbers:
            words_ = "{label} on {lost} of {seeds} seeds, first at step {step}"
            seeds = Ref(f"{group.name}.seeds")
            lost, step = Ref(f"{name}.seeds"), Ref(f"{name}.step")
            clauses.append(say(words_, label=label, lost=lost, seeds=seeds, step=step))
    if not clauses:
        return ()
    return (*text(" Diverged: "), *_joined(clauses), *text("."))


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
    return (*told, *say(" (between {least} and {greatest})", least=between[0], greatest=between[1]))


def _extremes(series: Series, label: str) -> Pieces:
    """Its least and greatest value with their points; the value itself where there is one."""
    names = point_names(series)
    order = sorted(range(len(names)), key=lambda at: series.values[at])
    least, greatest = order[0], order[-1]
    if len(names) == 1:
        return say("{label} {value} ({at})", label=label, value=Ref(names[0]), at=series.points[0])
    return say(
        "{label} from {least} ({a}) to {greatest} ({b})", label=label, least=Ref(names[least]),
        a=series.points[least], greatest=Ref(names[greatest]), b=series.points[greatest],
    )  # fmt: skip
