"""The network: the rules of exercises 5 and 6 on Fashion-MNIST, and what was done to the images."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from functools import partial

from reports.blocks import Block, Figure, FigureRow, Notice, Paragraph, Pieces, Section, Table, say
from reports.figures import cnn_panels
from reports.language import N_, _, named
from reports.number import Numbers, slug
from reports.results import Results
from reports.runs import RunGroup, groups_of
from reports.sections.experiment import experiment_section, listed
from reports.sections.origin import data_of
from reports.sections.side_by_side import beside
from reports.sections.tables import missing_section, run_table
from reports.tidy import Missing
from reports.units import capital

TITLE = N_("The network on Fashion-MNIST")
TREATMENTS = "cnn_treatments"
IN_PAPER = ("cnn-side-by-side",)
"""The tables that the paper has room for; the page has all."""


def section(results: Results, numbers: Numbers) -> Section:
    """Protocol, curves, every run, the treatments."""
    blocks = partial(_blocks, results, numbers)
    what = _("The experiment on the network")
    found = experiment_section("cnn", _(TITLE), what, results, blocks)
    narrow = tuple(b for b in found.blocks if not isinstance(b, Table) or b.id in IN_PAPER)
    return dataclasses.replace(found, paper=narrow)


def _blocks(
    results: Results, numbers: Numbers, groups: Sequence[RunGroup], data: str
) -> Iterator[Block]:
    yield Paragraph(
        say(
            "A small convolutional network tells ten kinds of garments apart: {cnn.epochs} epochs "
            "at batch size {cnn.batch}, the losses taken over the whole set after each. Curves are "
            "of one run a rule, with the rate that the assignment prints or the rule's default; "
            "the table has every run."
        )
    )
    figures = tuple(
        Figure(name, _title(metric), _finding(some, metric), data)
        for name, metric, some in cnn_panels(groups)
    )
    if figures:
        yield FigureRow(figures)
    caption = say("Every run of the network, after the last epoch.")
    yield run_table("cnn-results", caption, data, groups, results, numbers)
    yield from beside(results, groups, "fair_fashion_mnist", data)
    yield _treatments(results, numbers)


def _title(metric: str) -> str:
    return capital(_("{metric} of the network", metric=named(metric.replace("_", " "))))


def _finding(groups: Sequence[RunGroup], metric: str) -> Pieces:
    ends = listed(groups, lambda group: f"{group.name}.{slug(metric)}.median")
    return say("After the last epoch: {ends}.", ends=ends)


def _treatments(results: Results, numbers: Numbers) -> Block:
    read = results.runs_of(TREATMENTS)
    if isinstance(read, Missing):
        return missing_section(read, _("Adagrad on other images and another width"))
    groups = groups_of(results, TREATMENTS)
    if not groups:
        return Notice(_("Missing"), say("No run of the treatments is in the results."))
    caption = say(
        "Adagrad at the printed rate, on augmented and on fewer images, and with a narrower "
        "network."
    )
    data = data_of(results, groups)
    return run_table("cnn-treatments", caption, data, groups, results, numbers)
