"""Tables of runs, shared by the sections on experiments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.blocks import Cite, Code, Column, Interval, Notice, Pieces, Ref, Table, Text, read, say
from reports.intervals import is_range
from reports.language import N_, _, named
from reports.number import Numbers, slug
from reports.results import Results
from reports.runs import RunGroup
from reports.tidy import Missing

MEASURES = {
    "train_loss": N_("Training loss"),
    "test_loss": N_("Test loss"),
    "test_accuracy": N_("Test accuracy"),
}


def run_table(
    name: str,
    caption: Pieces,
    data: str,
    groups: Sequence[RunGroup],
    results: Results,
    numbers: Numbers,
) -> Table:
    """One row a run: what the document printed beside what was measured."""
    shown = [metric for metric in MEASURES if any(metric in group.metrics for group in groups)]
    columns = (
        Column(_("Run"), 1.5),
        Column(_("Document's figure"), 1.1, numeric=True),
        *(Column(_(MEASURES[metric]), 1.1, numeric=True) for metric in shown),
        Column(_("Training time"), 1.0, numeric=True),
    )
    rows = tuple(_row(group, shown, results, numbers) for group in groups)
    notes = [
        (
            *say(
                "Median over seeds, and under it the {interval.level} bootstrap interval. Runs "
                "that share a sample order train together; the time is a run's share."
            ),
            Cite("efron1979"),
        )
    ]
    notes += range_notes([f"{group.name}.seeds" for group in groups], numbers)
    if any(row[1] == say("no claim") for row in rows):
        words = say(
            "The document's figure is what a claim of the ledger expects of the run; the claim "
            "says what kind of figure it is."
        )
        notes.append(words)
    return Table(name, caption, data, columns, rows, tuple(notes))


def range_notes(names: list[str], numbers: Numbers) -> list[Pieces]:
    """Said where there are so few seeds that their interval is their range; once a count."""
    few = {
        numbers[name].value: name
        for name in reversed(names)
        if name in numbers and is_range(int(numbers[name].value or 0))
    }
    return [
        say(
            "With {seeds} seeds the {interval.level} bootstrap interval of a median is their "
            "range, from the least to the greatest.",
            seeds=Ref(name),
        )
        for name in few.values()
    ]


def _row(
    group: RunGroup, metrics: list[str], results: Results, numbers: Numbers
) -> tuple[Pieces, ...]:
    title: Pieces = (Text(f"{named(group.title)}, {named(group.variant)}"),)
    if f"{group.name}.hyper.lr" in numbers:
        rate = Ref(f"{group.name}.hyper.lr")
        title += (Text(", η\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"), rate)
    cells = [title, printed_figure(group, results)]
    for metric in metrics:
        there = metric in group.metrics
        name = f"{group.name}.{slug(metric)}"
        cells.append((Interval(name),) if there else say("not measured"))
    return (*cells, (Interval(f"{group.name}.seconds"),))


def printed_figure(group: RunGroup, results: Results) -> Pieces:
    """What the document printed as the run's final loss: the expected value of the claim on it."""
    if isinstance(results.claims, Missing):
        return say("missing: {reason}", reason=read(results.claims.reason))
    for claim in results.claims:
        if _measures(claim, group) and isinstance(claim["measured"].get("expected"), float):
            return (Ref(f"claims.{slug(claim['id'])}.measured.expected"),)
    return say("no claim")


def _measures(claim: dict[str, Any], group: RunGroup) -> bool:
    """Whether a claim is on the final value of this run."""
    asked = (claim.get("provenance") or {}).get("arguments") or {}
    wanted = {
        "experiment": group.experiment,
        "optimizer": group.optimizer,
        "variant": group.variant,
        "metric": "train_loss",
    }
    return all(asked.get(key) == value for key, value in wanted.items())


def unreadable_notices(results: Results, experiment: str) -> list[Notice]:
    """One notice for each run table of the experiment that is there and cannot be read."""
    return [
        Notice(_("Missing runs"), (read(missing.reason),))
        for missing in results.unreadable
        if f"runs/{experiment}/" in missing.reason
    ]


def missing_section(absent: Missing, what: str) -> Notice:
    """What stands in the place of a whole section."""
    reason = read(absent.reason)
    return Notice(_("Missing"), say("{what}: {reason}.", what=what, reason=reason))


def command(words: str) -> Pieces:
    """A command to type."""
    return (Code(words),)
