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
)
from reports.figures import trajectory_figure
from reports.language import N_, _, named
from reports.number import Numbers
from reports.results import Results
from reports.runs import RunGroup
from reports.sections.experiment import experiment_section, listed

TITLE = N_("The two quadratics")


def section(results: Results, numbers: Numbers) -> Section:
    """Paths over contour lines, and the objective where each ended."""
    blocks = partial(_blocks, numbers)
    what = _("The runs on the quadratics")
    return experiment_section("quadratics", _(TITLE), what, results, blocks)


def _blocks(numbers: Numbers, groups: Sequence[RunGroup], data: str) -> Iterator[Block]:
    yield Paragraph(
        say(
            "Adagrad scales each coordinate by itself, so turning the problem changes what it "
            "does; gradient descent only turns with it. The assignment's second function is the "
            "first one turned and, as printed, also made steeper; the true rotation is shown "
            "beside it, from the turned start."
        )
    )
    functions = dict.fromkeys(group.variant for group in groups)
    paths = tuple(
        Figure(
            trajectory_figure(function),
            _("Paths on {function}", function=named(function)),
            _ends([group for group in groups if group.variant == function]),
            data,
        )
        for function in functions
    )
    adagrad = [group for group in groups if group.optimizer == "adagrad"]
    yield FigureRow((*paths, *_objective(adagrad, data)))
    yield _table(groups, data, numbers)


def _ends(groups: Sequence[RunGroup]) -> Pieces:
    ends = listed(groups, lambda group: f"{group.name}.objective.median")
    return say("The objective ends at {ends}.", ends=ends)


def _objective(groups: Sequence[RunGroup], data: str) -> list[Figure]:
    if not groups:
        return []
    ends = listed(
        groups, lambda group: f"{group.name}.objective.median", lambda group: group.variant
    )
    told = say("Adagrad's objective after the last step: {ends}.", ends=ends)
    return [Figure("quadratics-objective", _("Adagrad's objective"), told, data)]


def _table(groups: Sequence[RunGroup], data: str, numbers: Numbers) -> Table:
    columns = (
        Column(_("Run"), 1.7),
        Column(_("Learning rate"), 1.0, numeric=True),
        Column(_("Steps"), 0.8, numeric=True),
        Column(_("Objective at the start"), 1.2, numeric=True),
        Column(_("Objective at the end"), 1.2, numeric=True),
    )
    rows = tuple(
        (
            say("{rule} on {function}", rule=named(group.title), function=named(group.variant)),
            _known(f"{group.name}.hyper.lr", numbers),
            _known(f"{group.name}.steps", numbers),
            _known(f"{group.name}.objective.start", numbers),
            _known(f"{group.name}.objective.median", numbers),
        )
        for group in groups
    )
    caption = say("The objective before the first step and after the last.")
    return Table("quadratics-results", caption, data, columns, rows, small=True)


def _known(name: str, numbers: Numbers) -> Pieces:
    return (Ref(name),) if name in numbers else say("not recorded")
