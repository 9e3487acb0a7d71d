"""Airfoil: the printed loss beside the measured one, and beside the best that is possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from reports.blocks import Block, Figure, FigureRow, Paragraph, Pieces, Ref, Section, say
from reports.figures import airfoil_panels
from reports.language import N_, _, named
from reports.number import Numbers
from reports.results import Results
from reports.runs import RunGroup
from reports.sections.experiment import experiment_section, listed
from reports.sections.side_by_side import beside
from reports.sections.tables import run_table

TITLE = N_("Airfoil self-noise")


def section(results: Results, numbers: Numbers) -> Section:
    """Protocol, curves and table."""
    blocks = partial(_blocks, results, numbers)
    what = _("The experiment on airfoil")
    return experiment_section("airfoil", _(TITLE), what, results, blocks)


def _blocks(
    results: Results, numbers: Numbers, groups: Sequence[RunGroup], data: str
) -> Iterator[Block]:
    yield Paragraph(
        say(
            "Linear regression on standardised columns: {airfoil.epochs} epochs, batch size "
            "{airfoil.batch}, the mean of half squared errors over the training set after each."
        )
    )
    yield FigureRow(
        tuple(
            Figure(name, _title(panel), _finding(some), data)
            for name, panel, some in airfoil_panels(groups)
        )
    )
    caption = say("What the document printed beside what was measured after the last epoch.")
    yield run_table("airfoil-results", caption, data, groups, results, numbers)
    yield from beside(results, groups, "fair_airfoil", data)


def _title(panel: str) -> str:
    return _("Training loss, {panel}", panel=named(panel)) if panel else _("Training loss")


def _finding(groups: Sequence[RunGroup]) -> Pieces:
    ends = listed(groups, lambda group: f"{group.name}.train-loss.median")
    floor = [group for group in groups if "least_squares_loss" in group.metrics]
    if not floor:
        return say("Final training losses: {ends}.", ends=ends)
    best = Ref(f"{floor[0].name}.least-squares-loss.median")
    return say(
        "Final training losses: {ends}; least squares, solved directly, gives {best}.",
        ends=ends, best=best,
    )  # fmt: skip
