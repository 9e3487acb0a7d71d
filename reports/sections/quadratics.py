"""Exercise two's quadratics: paths and objectives on f1, on f2 as printed, on the true rotation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from reports.blocks import (
    Block,
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
from reports.results import Results
from reports.runs import RunGroup
from reports.sections.experiment import experiment_section, listed

TITLE = "The two quadratics"


def section(results: Results, numbers: Numbers) -> Section:
    """Paths over contour lines, and the objective where each ended."""
    blocks = partial(_blocks, numbers)
    return experiment_section("quadratics", TITLE, "The runs on the quadratics", results, blocks)


def _blocks(numbers: Numbers, groups: Sequence[RunGroup], data: str) -> Iterator[Block]:
    words = (
        "Adagrad scales each coordinate by itself, so turning the problem changes what it does; "
        "gradient descent only turns with it. The assignment's second function is the first one "
        "turned and, as printed, also made steeper; the true rotation is shown beside it, from the "
        "turned start."
    )
    yield Paragraph(say(words))
    functions = dict.fromkeys(group.variant for group in groups)
    paths = tuple(
        Figure(
            trajectory_figure(function),
            f"Paths on {function}",
            _ends("The objective ends at ", [g for g in groups if g.variant == function]),
            data,
        )
        for function in functions
    )
    adagrad = [group for group in groups if group.optimizer == "adagrad"]
    yield FigureRow((*paths, *_objective(adagrad, data)))
    yield _table(groups, data, numbers)


def _ends(begun: str, groups: Sequence[RunGroup]) -> Pieces:
    ends = listed(groups, lambda group: f"{group.name}.objective.median")
    return (*text(begun), *ends, *text("."))


def _objective(groups: Sequence[RunGroup], data: str) -> list[Figure]:
    if not groups:
        return []
    ends = listed(
        groups, lambda group: f"{group.name}.objective.median", lambda group: group.variant
    )
    told = (*text("Adagrad's objective after the last step: "), *ends, *text("."))
    return [Figure("quadratics-objective", "Adagrad's objective", told, data)]


def _table(groups: Sequence[RunGroup], data: str, numbers: Numbers) -> Table:
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
            _known(f"{group.name}.objective.median", numbers),
        )
        for group in groups
    )
    caption = text("The objective before the first step and after the last.")
    return Table("quadratics-results", caption, data, columns, rows, small=True)


def _known(name: str, numbers: Numbers) -> Pieces:
    return (Ref(name),) if name in numbers else text("not recorded")
