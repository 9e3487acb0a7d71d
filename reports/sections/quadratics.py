"""Exercise two's quadratics: paths and objectives on f1, on f2 as printed, on the true rotation."""

from __future__ import annotations

from reports.blocks import (
    Column,
    Figure,
    FigureRow,
    Paragraph,
    Pieces,
    Ref,
    Section,
    Table,
    say,
    text,
)
from reports.figures import trajectory_figure
from reports.number import Numbers
from reports.results import Missing, Results
from reports.runs import RunGroup, group_runs
from reports.sections.origin import NO_DATA, data_line
from reports.sections.tables import missing_section, unreadable_notices

TITLE = "The two quadratics"


def section(results: Results, numbers: Numbers) -> Section:
    """Paths over contour lines, and the objective where each ended."""
    read = results.runs["quadratics"]
    if isinstance(read, Missing):
        return Section("quadratics", TITLE, (missing_section(read, "The runs on the quadratics"),))
    groups = group_runs(read)
    data = data_line(results, NO_DATA)
    functions = list(dict.fromkeys(group.variant for group in groups))
    words = say(
        "Adagrad scales each coordinate by itself, so turning the problem changes what it does; "
        "gradient descent only turns with it. The assignment's second function is the first one "
        "turned and, as printed, also made steeper; the true rotation is shown beside it, from the "
        "turned start."
    )
    paths = tuple(
        Figure(
            trajectory_figure(function),
            f"Paths on {function}",
            _ends([group for group in groups if group.variant == function]),
            data,
        )
        for function in functions
    )
    adagrad = [group for group in groups if group.optimizer == "adagrad"]
    blocks = [
        *unreadable_notices(results, "quadratics"),
        Paragraph(words),
        FigureRow((*paths, *_objective(adagrad, data))),
        _table(groups, data, numbers),
    ]
    return Section("quadratics", TITLE, tuple(blocks))


def _ends(groups: list[RunGroup]) -> Pieces:
    pieces = say("The objective ends at ")
    for at, group in enumerate(groups):
        pieces += say(
            "{joint}{end} ({who})",
            joint=", " if at else "",
            end=Ref(f"{group.name}.objective.end"),
            who=group.title,
        )
    return (*pieces, *text("."))


def _objective(groups: list[RunGroup], data: str) -> list[Figure]:
    if not groups:
        return []
    pieces = say("Adagrad's objective after the last step: ")
    for at, group in enumerate(groups):
        pieces += say(
            "{joint}{end} on {function}",
            joint=", " if at else "",
            end=Ref(f"{group.name}.objective.end"),
            function=group.variant,
        )
    return [Figure("quadratics-objective", "Adagrad's objective", (*pieces, *text(".")), data)]


def _table(groups: list[RunGroup], data: str, numbers: Numbers) -> Table:
    columns = (
        Column("Run", 1.7),
        Column("Learning rate", 1.0, numeric=True),
        Column("Steps", 0.8, numeric=True),
        Column("Objective at the start", 1.2, numeric=True),
        Column("Objective at the end", 1.2, numeric=True),
    )
    rows = tuple(
        (
            text(f"{group.title} on {group.variant}"),
            _known(f"{group.name}.hyper.lr", numbers),
            _known(f"{group.name}.steps", numbers),
            _known(f"{group.name}.objective.start", numbers),
            _known(f"{group.name}.objective.end", numbers),
        )
        for group in groups
    )
    caption = text("The objective before the first step and after the last.")
    return Table("quadratics-results", caption, data, columns, rows)


def _known(name: str, numbers: Numbers) -> Pieces:
    return (Ref(name),) if name in numbers else text("not recorded")
