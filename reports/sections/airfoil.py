"""Airfoil: the printed loss beside the measured one, and beside the best that is possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from reports.blocks import Block, Figure, FigureRow, Paragraph, Pieces, Ref, Section, say, text
from reports.figures import airfoil_panels
from reports.number import Numbers
from reports.results import Results
from reports.runs import RunGroup
from reports.sections.experiment import experiment_section, listed
from reports.sections.tables import run_table

TITLE = "Airfoil self-noise"


def section(results: Results, numbers: Numbers) -> Section:
    """Protocol, curves and table."""
    blocks = partial(_blocks, results, numbers)
    return experiment_section("airfoil", TITLE, "The experiment on airfoil", results, blocks)


def _blocks(
    results: Results, numbers: Numbers, groups: Sequence[RunGroup], data: str
) -> Iterator[Block]:
    protocol = (
        "Linear regression on standardised columns: {airfoil.epochs} epochs, batch size "
        "{airfoil.batch}, the mean of half squared errors over the training set after each."
    )
    yield Paragraph(say(protocol))
    yield FigureRow(
        tuple(
            Figure(name, f"Training loss{title and f', {title}'}", _finding(some), data)
            for name, title, some in airfoil_panels(groups)
        )
    )
    caption = text("What the document printed beside what was measured after the last epoch.")
    yield run_table("airfoil-results", caption, data, groups, results, numbers)


def _finding(groups: Sequence[RunGroup]) -> Pieces:
    ends = listed(groups, lambda group: f"{group.name}.train-loss.median")
    floor = [group for group in groups if "least_squares_loss" in group.metrics]
    if not floor:
        return (*say("Final training losses: "), *ends, *text("."))
    best = Ref(f"{floor[0].name}.least-squares-loss.median")
    return (
        *say("Final training losses: "),
        *ends,
        *say("; least squares, solved directly, gives {best}.", best=best),
    )
