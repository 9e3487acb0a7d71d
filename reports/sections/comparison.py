"""All rules compared fairly: searched alike, chosen on validation, retrained on fresh seeds."""

from __future__ import annotations

import dataclasses
from typing import Any

from reports.blocks import (
    Block,
    Cite,
    Column,
    Figure,
    FigureRow,
    Interval,
    Paragraph,
    Piece,
    Pieces,
    Ref,
    Section,
    Table,
    say,
    text,
)
from reports.comparison import (
    CLOCKS,
    DRAWN,
    INFINITY,
    VARIANTS,
    prefix,
    sensitivity_figure,
    shown_metrics,
)
from reports.language import N_, _, named
from reports.number import Numbers, slug
from reports.results import Results
from reports.runs import optimizer_titles
from reports.sections.origin import data_line, dataset_title
from reports.sections.tables import missing_section
from reports.tidy import Missing

TITLE = N_("Every rule, compared fairly")
DATASETS = {"fair_rcv1": "rcv1", "fair_airfoil": "airfoil", "fair_fashion_mnist": "fashion-mnist"}
_WORDS = {
    "train_loss": N_("Training loss"), "test_loss": N_("Test loss"),
    "test_accuracy": N_("Test accuracy"), "train_accuracy": N_("Training accuracy"),
}  # fmt: skip


def _measure(metric: str) -> str:
    return _(_WORDS[metric])


def section(results: Results, numbers: Numbers) -> Section:  # noqa: ARG001
    """Protocol, a table and a figure a problem, planned pairs, profiles."""
    read = results.comparison
    if isinstance(read, Missing):
        absent = missing_section(read, _("The comparison of all rules"))
        return Section("comparison", _(TITLE), (absent,))
    protocol = say(
        "Every rule has the same number of trials, on a training set without its validation rows, "
        "and is chosen by its score on these alone; then it is trained on all training rows, from "
        "fresh seeds whose first weights and sample orders all rules share. A run that diverged "
        "counts as infinitely bad and a target that was missed as never reached: neither leaves a "
        "median, an interval, a rank or a test. Intervals are {comparison.level} bootstrap "
        "intervals. A choice rests on one search seed, so that its luck is part of what is "
        "compared."
    )
    blocks: list[Block] = [Paragraph((*protocol, Cite("efron1979")))]
    for name, problem in read["problems"].items():
        blocks += _problem(results, name, problem)
    blocks.append(_profiles(results, read))
    paper = tuple(_narrow(b) if isinstance(b, Table) else b for b in blocks)
    return Section("comparison", _(TITLE), tuple(blocks), paper)


ON_THE_PAGE_ALONE = (
    N_("Rate"), N_("Best at any epoch"), N_("Epochs to target"), N_("Seconds to target"),
)  # fmt: skip


def _narrow(table: Table) -> Table:
    """The table as the paper has it: medians without intervals, and fewer columns."""
    left_out = [_(title) for title in ON_THE_PAGE_ALONE]
    kept = [at for at, column in enumerate(table.columns) if column.title not in left_out]
    rows = tuple(tuple(_medians(row[at]) for at in kept) for row in table.rows)
    columns = tuple(table.columns[at] for at in kept)
    return dataclasses.replace(table, columns=columns, rows=rows)


def _medians(cell: Pieces) -> Pieces:
    return tuple(Ref(f"{p.name}.median") if isinstance(p, Interval) else p for p in cell)


def _problem(results: Results, name: str, problem: dict[str, Any]) -> list[Block]:
    data = data_line(results, DATASETS.get(name, name))
    if problem["scale"] != "full":
        data = _("{data}; at reduced size, as there is no GPU", data=data)
    first = f"comparison.{slug(name)}"
    protocol = say(
        "{title}: {epochs} epochs at batch size {batch}. Each rule tries {trials} learning rates, "
        "{points} of them on a grid that is extended where the best is on its edge, and {tuned} "
        "settings of all its hyper-parameters, then trains on {seeds} seeds. The target: "
        "{metric} {target}.",
        title=dataset_title(DATASETS.get(name, name)), epochs=Ref(f"{first}.epochs"),
        batch=Ref(f"{first}.batch"), trials=Ref(f"{first}.trials"), points=Ref(f"{first}.points"),
        tuned=Ref(f"{first}.tuned-trials"), seeds=Ref(f"{first}.seeds"),
        metric=_measure(problem["target"]["metric"]).lower(), target=Ref(f"{first}.target"),
    )  # fmt: skip
    left_out = problem["protocol"]["left_out"]
    listed = "; ".join(f"{_title(results, rule)} ({named(why)})" for rule, why in left_out.items())
    out = [Paragraph(say("Left out: {rules}.", rules=listed))]
    return [
        Paragraph(protocol),
        *(out if left_out else []),
        _table(results, name, problem, data),
        _pairs(results, name, problem, data),
        FigureRow((_sensitivity(results, name, problem, data),)),
    ]


def _table(results: Results, name: str, problem: dict[str, Any], data: str) -> Table:
    metrics = shown_metrics(problem)
    columns = (
        Column(_("Rule"), 1.5),
        Column(_("Rate"), 0.8, numeric=True),
        *(Column(_measure(metric), 1.1, numeric=True) for metric in metrics),
        Column(_("Best at any epoch"), 0.9, numeric=True),
        Column(_("Epochs to target"), 0.7, numeric=True),
        Column(_("Seconds to target"), 0.8, numeric=True),
        Column(_("Rank"), 0.6, numeric=True),
        Column(_("Tuned"), 1.1, numeric=True),
        Column(_("Rank, tuned"), 0.6, numeric=True),
    )
    ranks = problem[VARIANTS[0]]["ranks"]
    rows = tuple(
        _row(results, name, rule, problem, metrics) for rule in sorted(ranks, key=ranks.get)
    )
    caption = say(
        "{title}: every rule with the rate chosen for it, in order of mean rank over the seeds by "
        "final {metric}; tuned, the same loss with all hyper-parameters chosen.",
        title=dataset_title(DATASETS.get(name, name)), metric=_measure(metrics[0]).lower(),
    )  # fmt: skip
    marks = say(
        "L: the leader on validation. +, \N{MINUS SIGN}: better or worse than the leader in a "
        "paired test over the seeds (Wilcoxon), by Holm's correction at "
        "{comparison.significance}; no mark: the test cannot tell. e: the best rate lay on an "
        "edge of the grid, which was extended; d: a trial diverged, D: a retrained seed did."
    )
    notes = ((*marks, Cite("wilcoxon1945"), Cite("holm1979")),)
    return Table(f"comparison-{slug(name)}", caption, data, columns, rows, notes, small=True)


def _row(
    results: Results, name: str, rule: str, problem: dict[str, Any], metrics: tuple[str, ...]
) -> tuple[Pieces, ...]:
    entry, (plain, tuned) = problem["rules"][rule], (prefix(name, rule, v) for v in VARIANTS)
    chosen = entry[VARIANTS[0]]
    marks = _marks(rule, problem)

    def final(variant: str, own: str, metric: str) -> Pieces:
        spread = entry[variant]["final"][metric]
        if INFINITY in (spread["median"], spread["low"]):
            return say("diverged")
        if spread["high"] == INFINITY:
            return say("{middle}, some diverged", middle=Ref(f"{own}.{slug(metric)}.median"))
        return (Interval(f"{own}.{slug(metric)}"),)

    def when(clock: str) -> Pieces:
        missed = chosen[f"{clock}_to_target"]["median"] == INFINITY
        return say("never") if missed else (Ref(f"{plain}.{clock}"),)

    best = chosen["best"][metrics[0]]["median"]
    return (
        text(_title(results, rule) + (f" ({marks})" if marks else "")),
        (Ref(f"{plain}.lr"),),
        *(final(VARIANTS[0], plain, metric) for metric in metrics),
        say("diverged") if best == INFINITY else (Ref(f"{plain}.best"),),
        when("epochs"),
        when("seconds"),
        (Ref(f"{plain}.rank"),),
        final(VARIANTS[1], tuned, metrics[0]),
        (Ref(f"{tuned}.rank"),),
    )


def _marks(rule: str, problem: dict[str, Any]) -> str:
    """The marks of the table's note that apply to a rule."""
    contest, entry = problem[VARIANTS[0]], problem["rules"][rule]
    marks = ["L"] if rule == contest["leader"] else []
    for test in contest["against_leader"]:
        if test["first"] == rule and test["better"]:
            marks.append("+" if test["better"] == rule else "\N{MINUS SIGN}")
    search = entry["search"]
    if search["below_grid"] or search["above_grid"]:
        marks.append("e")
    if search["diverged"]:
        marks.append("d")
    if any(entry[variant]["diverged_seeds"] for variant in VARIANTS):
        marks.append("D")
    return ", ".join(marks)


def _pairs(results: Results, name: str, problem: dict[str, Any], data: str) -> Table:
    columns = (
        Column(_("Planned pair"), 2.0),
        Column(_("Better, chosen rate"), 1.2), Column(_("p by Holm"), 0.8, numeric=True),
        Column(_("Better, tuned"), 1.2), Column(_("p by Holm"), 0.8, numeric=True),
    )  # fmt: skip
    rows = []
    for at, test in enumerate(problem[VARIANTS[0]]["pairs"]):
        first, second = _title(results, test["first"]), _title(results, test["second"])
        cells: list[Pieces] = [say("{first} against {second}", first=first, second=second)]
        for variant in VARIANTS:
            better = problem[variant]["pairs"][at]["better"]
            p: Piece = Ref(f"comparison.{slug(name)}.pair.{at}.{slug(variant)}.adjusted")
            cells += [text(_title(results, better)) if better else say("undecided"), (p,)]
        rows.append(tuple(cells))
    title = dataset_title(DATASETS.get(name, name))
    caption = say(
        "{title}: the pairs planned beforehand, one family of tests a column.", title=title
    )
    notes = tuple(
        say(
            "{first} against {second} is not tested: one of them is left out.",
            first=_title(results, first),
            second=_title(results, second),
        )
        for first, second in problem[VARIANTS[0]]["pairs_left_out"]
    )
    return Table(
        f"comparison-pairs-{slug(name)}", caption, data, columns, tuple(rows), notes, small=True
    )


def _sensitivity(results: Results, name: str, problem: dict[str, Any], data: str) -> Figure:
    widths: Pieces = ()
    for rule in (rule for rule in DRAWN if rule in problem["rules"]):
        width = Ref(f"comparison.{slug(name)}.{slug(rule)}.search.width")
        widths += text(", ") if widths else ()
        widths += say("a factor of {width} ({who})", width=width, who=_title(results, rule))
    finding = say(
        "How far the best and the worst rate lie apart that stay within a factor of "
        "{comparison.near-best} of a rule's best score: {widths}. Curves end where a rule "
        "diverges, and are cut at ten times the best.",
        widths=widths,
    )
    title = _(
        "{dataset}: validation loss against the rate",
        dataset=dataset_title(DATASETS.get(name, name)),
    )
    return Figure(sensitivity_figure(name), title, finding, data)


PROFILES = {
    "epochs": N_("Performance profile by epochs to the target"),
    "seconds": N_("Performance profile by seconds to the target"),
}


def _profiles(results: Results, read: dict[str, Any]) -> FigureRow:
    names = [dataset_title(DATASETS.get(name, name)) for name in read["problems"]]
    data = _("Data: {datasets}", datasets=", ".join(names))
    figures = []
    for clock in CLOCKS:
        profiles = read["profiles"][VARIANTS[0]][clock]
        reached: Pieces = ()
        for rule in (rule for rule in DRAWN if rule in profiles):
            own = f"comparison.profile.{clock}.{slug(rule)}"
            reached += text("; ") if reached else ()
            reached += say(
                "{who} is fastest on {fastest} and reaches the target on {solved} of {all}",
                who=_title(results, rule), fastest=Ref(f"{own}.fastest"),
                solved=Ref(f"{own}.solved"), all=Ref(f"{own}.instances"),
            )  # fmt: skip
        finding = say(
            "Of all problems and seeds, {reached}. A rule left out of a problem reaches nothing "
            "there.",
            reached=reached,
        )
        finding += (Cite("dolan2002"),)
        figures.append(Figure(f"comparison-profile-{clock}", _(PROFILES[clock]), finding, data))
    return FigureRow(tuple(figures))


def _title(results: Results, rule: str) -> str:
    """The rule's name for readers."""
    return named(optimizer_titles(results).get(rule, rule))
