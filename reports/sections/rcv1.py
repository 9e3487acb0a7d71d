"""RCV1: SGD against Adagrad as printed and at one learning rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from reports.blocks import (
    Block,
    Column,
    Figure,
    FigureRow,
    Interval,
    Paragraph,
    Pieces,
    Ref,
    Section,
    Table,
    Text,
    say,
    text,
)
from reports.figures import contest_figure, more_curves
from reports.language import N_, _, in_writing
from reports.number import Numbers, slug
from reports.results import Results
from reports.runs import Contest, RunGroup, contests
from reports.sections.experiment import experiment_section, listed
from reports.sections.side_by_side import beside
from reports.sections.summary import outcome
from reports.sections.tables import range_notes, run_table

TITLE = N_("RCV1: SGD against Adagrad")


def section(results: Results, numbers: Numbers) -> Section:
    """Protocol, learning curves, results, contests."""
    blocks = partial(_blocks, results, numbers)
    what = _("The experiment on RCV1")
    return experiment_section("rcv1", _(TITLE), what, results, blocks)


def _blocks(
    results: Results, numbers: Numbers, groups: Sequence[RunGroup], data: str
) -> Iterator[Block]:
    found = contests(groups)
    protocol = say(
        "Logistic regression on sparse documents, one pass after another over the training set in "
        "an order drawn anew for each epoch: {rcv1.epochs} epochs, batch size {rcv1.batch}, "
        "{rcv1.updates} updates a run. Every run shares the order of the runs with the same seed. "
        "The loss is taken over the whole set at each epoch's end, not over single samples as in "
        "the assignment, because a single sample's loss says little about an epoch."
    )
    yield Paragraph(protocol)
    yield from _curves(found, data, numbers)
    caption = say("What the document printed beside what was measured after the last epoch.")
    yield run_table("rcv1-results", caption, data, groups, results, numbers)
    yield from _contest_table(found, data, numbers)
    yield from beside(results, groups, "fair_rcv1", data)
    yield from _more_curves(groups, data)


def _curves(found: list[Contest], data: str, numbers: Numbers) -> list[FigureRow]:
    figures = tuple(
        Figure(contest_figure(c.name), _protocol(c, numbers), _finding(c, numbers), data)
        for c in found
    )
    return [FigureRow(figures)] if figures else []


def _protocol(contest: Contest, numbers: Numbers) -> str:
    if contest.rate is None:
        return _("Training loss, learning rates as printed")
    rate = in_writing(f"{numbers[f'{contest.name}.rate'].value:g}")
    return _("Training loss, learning rate {rate} for both", rate=rate)


_LOWER = {
    "adagrad": N_("Adagrad ends below SGD"),
    "sgd": N_("SGD ends below Adagrad"),
    "neither": N_("SGD and Adagrad end where their difference cannot be told from zero"),
    "unknown": N_("SGD or Adagrad has no final loss"),
}


def _finding(contest: Contest, numbers: Numbers) -> Pieces:
    found = say(
        "{lower}: {adagrad} for Adagrad and {sgd} for SGD. Lines are medians over seeds, bands "
        "{interval.level} intervals.",
        lower=_(_LOWER[outcome(contest, numbers)]),
        adagrad=Ref(f"{contest.adagrad.name}.train-loss.median"),
        sgd=Ref(f"{contest.sgd.name}.train-loss.median"),
    )
    for note in range_notes([f"{contest.name}.seeds"], numbers):
        found += (Text(" "), *note)
    return found


def _contest_table(found: list[Contest], data: str, numbers: Numbers) -> list[Table]:
    if not found:
        return []
    columns = (
        Column(_("Protocol"), 1.6),
        Column(_("SGD"), 1.0, numeric=True),
        Column(_("Adagrad"), 1.0, numeric=True),
        Column(_("SGD less Adagrad"), 1.2, numeric=True),
        Column(_("SGD over Adagrad"), 1.2, numeric=True),
        Column(_("Lower loss"), 1.0),
    )
    rows = tuple(_contest_row(contest, numbers) for contest in found)
    caption = say("Final training loss of SGD and Adagrad, seed against the same seed.")
    notes = tuple(range_notes([f"{contest.name}.seeds" for contest in found], numbers))
    return [Table("rcv1-contests", caption, data, columns, rows, notes)]


_WINNER = {
    "adagrad": N_("Adagrad"), "sgd": N_("SGD"), "neither": N_("undecided"),
    "unknown": N_("unknown"),
}  # fmt: skip


def _contest_row(contest: Contest, numbers: Numbers) -> tuple[Pieces, ...]:
    if contest.rate is None:
        protocol = say("learning rates as printed")
    else:
        protocol = say("η = {rate} for both", rate=Ref(f"{contest.name}.rate"))
    return (
        protocol,
        (Interval(f"{contest.sgd.name}.train-loss"),),
        (Interval(f"{contest.adagrad.name}.train-loss"),),
        (Interval(f"{contest.name}.gap"),),
        (Interval(f"{contest.name}.ratio"),),
        text(_(_WINNER[outcome(contest, numbers)])),
    )


_MORE = {
    "test_loss": (
        N_("Test loss, learning rates as printed"),
        N_("On documents that no run trained on, the runs end at {ends}."),
    ),
    "step_loss_moving_average": (
        N_("Moving average of single-sample losses"),
        N_("By what the assignment plots, taken before each update, the runs end at {ends}."),
    ),
}


def _more_curves(groups: Sequence[RunGroup], data: str) -> list[FigureRow]:
    figures = []
    for metric, (title, what) in _MORE.items():
        shown = more_curves(groups, metric)
        if not shown:
            continue
        ends = listed(shown, partial(_end, metric))
        finding = say(what, ends=ends)
        figures.append(Figure(f"rcv1-{slug(metric)}", _(title), finding, data))
    return [FigureRow(tuple(figures))] if figures else []


def _end(metric: str, group: RunGroup) -> str:
    return f"{group.name}.{slug(metric)}.median"
