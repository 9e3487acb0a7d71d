"""Airfoil: the printed loss beside the measured one, and beside the best that is possible."""

from __future__ import annotations

from reports.blocks import Figure, FigureRow, Paragraph, Ref, Section, say, text
from reports.number import Numbers
from reports.results import Missing, Results
from reports.runs import RunGroup, group_runs
from reports.sections.origin import data_line
from reports.sections.tables import missing_section, run_table, unreadable_notices

TITLE = "Airfoil self-noise"


def section(results: Results, numbers: Numbers) -> Section:
    """Protocol, curve and table."""
    read = results.runs["airfoil"]
    if isinstance(read, Missing):
        return Section("airfoil", TITLE, (missing_section(read, "The experiment on airfoil"),))
    groups = group_runs(read)
    data = data_line(results, groups[0].dataset)
    protocol = say(
        "Linear regression on standardised columns: {airfoil.epochs} epochs, batch size "
        "{airfoil.batch}, the mean of half squared errors over the training set after each."
    )
    floor = [group for group in groups if "least_squares_loss" in group.metrics]
    finding = say("Final training losses: ")
    for at, group in enumerate(groups):
        finding += say(
            "{joint}{loss} ({who})",
            joint=", " if at else "",
            loss=Ref(f"{group.name}.train-loss.median"),
            who=group.title,
        )
    finding += _floor(floor)
    figure = Figure("airfoil-train-loss", "Training loss", finding, data)
    caption = text("What the document printed beside what was measured after the last epoch.")
    blocks = [
        *unreadable_notices(results, "airfoil"),
        Paragraph(protocol),
        FigureRow((figure,)),
        run_table("airfoil-results", caption, data, groups, results, numbers),
    ]
    return Section("airfoil", TITLE, tuple(blocks))


def _floor(groups: list[RunGroup]) -> tuple:
    if not groups:
        return text(".")
    name = f"{groups[0].name}.least-squares-loss.median"
    return say("; least squares, solved directly, gives {best}.", best=Ref(name))
