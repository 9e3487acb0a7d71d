"""SGD and Adagrad as the documents ran them, beside the same two fairly tuned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reports.blocks import Column, Interval, Pieces, Ref, Table, say, text
from reports.comparison import INFINITY, VARIANTS, prefix
from reports.language import _, named
from reports.number import slug
from reports.results import Results
from reports.runs import PRINTED, RunGroup, optimizer_titles
from reports.sections.tables import MEASURES
from reports.tidy import Missing

ALWAYS = ("sgd", "adagrad")
"""The rules that are compared even where the documents print no run of one of them."""

THEIRS = (PRINTED, "the book's rate", "the book's rho")
"""The variants with what the documents, or the book that they follow, print."""


def beside(
    results: Results, groups: Sequence[RunGroup], problem: str, data: str
) -> Iterator[Table]:
    """One table with a row a rule; none where the comparison or the printed runs are missing."""
    read = results.comparison
    found = {} if isinstance(read, Missing) else read["problems"].get(problem) or {}
    if not found:
        return
    theirs = {group.optimizer: group for group in groups if group.variant in THEIRS}
    rules = [rule for rule in dict.fromkeys([*ALWAYS, *theirs]) if rule in found["rules"]]
    rows = [_row(results, problem, found, rule, theirs.get(rule)) for rule in rules]
    metric = found["rank_by"]
    columns = (
        Column(_("Rule"), 1.2),
        Column(_("Document's rate"), 0.9, numeric=True),
        Column(_("At that rate"), 1.1, numeric=True),
        Column(_("Rate chosen"), 0.9, numeric=True),
        Column(_("At the rate chosen"), 1.1, numeric=True),
        Column(_("All tuned"), 1.1, numeric=True),
    )
    epochs = f"comparison.{slug(problem)}.epochs"
    caption = say(
        "As printed and fairly tuned, side by side: {metric} after the last epoch.",
        metric=_(MEASURES[metric]).lower() if metric in MEASURES else named(metric),
    )
    experiment = groups[0].experiment
    note = say(
        "As printed: {own} epochs at the document's rate. Tuned: {epochs} epochs at the rate that "
        "was best on validation rows, then with all hyper-parameters chosen so.",
        own=Ref(f"{experiment}.epochs"), epochs=Ref(epochs),
    )  # fmt: skip
    yield Table(f"{experiment}-side-by-side", caption, data, columns, tuple(rows), (note,))


def _row(
    results: Results, problem: str, found: dict[str, Any], rule: str, group: RunGroup | None
) -> tuple[Pieces, ...]:
    metric = found["rank_by"]
    chosen, tuned = (prefix(problem, rule, variant) for variant in VARIANTS)
    return (
        text(named(optimizer_titles(results).get(rule, rule))),
        *_printed(group, metric),
        (Ref(f"{chosen}.lr"),),
        _final(found["rules"][rule][VARIANTS[0]], chosen, metric),
        _final(found["rules"][rule][VARIANTS[1]], tuned, metric),
    )


def _printed(group: RunGroup | None, metric: str) -> tuple[Pieces, Pieces]:
    """Rate and final value of the printed run, where the documents run the rule."""
    if group is None:
        return say("not printed"), say("not printed")
    there = metric in group.metrics
    return (
        (Ref(f"{group.name}.hyper.lr"),) if "lr" in group.hyperparameters else say("none"),
        (Interval(f"{group.name}.{slug(metric)}"),) if there else say("not measured"),
    )


def _final(entry: dict[str, Any], name: str, metric: str) -> Pieces:
    if INFINITY in (entry["final"][metric]["median"], entry["final"][metric]["high"]):
        return say("diverged on some seeds")
    return (Interval(f"{name}.{slug(metric)}"),)
