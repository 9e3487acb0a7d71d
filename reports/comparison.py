"""The comparison of all rules as the report reads it: its numbers and its figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from reports.figure_style import Target, canvas, legend_above, look_of, plain_log_axis, save
from reports.language import N_, _, how, named
from reports.number import Number, Numbers, number, slug
from reports.tidy import Missing

SOURCE = "results/comparison.json"
VARIANTS = ("chosen rate", "tuned")
CLOCKS = ("epochs", "seconds")
DRAWN = ("sgd", "adagrad", "adam", "rmsprop", "momentum")
"""The rules whose curves are drawn: more than these cannot be told apart; all are in the file."""

INFINITY = "infinity"


def value_of(written: Any) -> float:
    """A number of the summary, which writes infinity as a word."""
    return math.inf if written == INFINITY else float(written)


def prefix(problem: str, rule: str, variant: str) -> str:
    """The first part of the names of a rule's numbers."""
    return f"comparison.{slug(problem)}.{slug(rule)}.{slug(variant)}"


def of_comparison(comparison: dict[str, Any] | Missing) -> Numbers:
    """Every number of the tables on the comparison."""
    if isinstance(comparison, Missing):
        return {}
    numbers: Numbers = {}
    settings = comparison["comparison"]
    for key in ("level", "significance"):
        name = f"comparison.{key}"
        told = how("its key {key}", key=name)
        share = round(100 * settings[key], 6)
        whole = int(share) if share == int(share) else share  # 95 %, as the other intervals say
        numbers[name] = number(whole, "%", SOURCE, told)
    numbers["comparison.near-best"] = number(
        settings["near_best"], "", SOURCE, how("its key {key}", key="comparison.near_best")
    )
    for name, problem in comparison["problems"].items():
        numbers |= _of_problem(name, problem)
    for clock in ("epochs", "seconds"):
        profiles = comparison["profiles"][VARIANTS[0]][clock]
        for rule, ratios in profiles.items():
            values = [value_of(each) for each in ratios]
            for part, count in (
                ("fastest", sum(each == 1.0 for each in values)),
                ("solved", sum(math.isfinite(each) for each in values)),
                ("instances", len(values)),
            ):
                told = how(PARTS[part], rule=rule, clock=clock)
                numbers[f"comparison.profile.{clock}.{slug(rule)}.{part}"] = number(
                    count, "", SOURCE, told
                )
    return numbers


PARTS = {
    "fastest": N_("instances on which {rule} is fastest, by {clock}"),
    "solved": N_("instances on which {rule} reaches the target, by {clock}"),
    "instances": N_("instances of {rule} in all, by {clock}"),
}


def _of_problem(name: str, problem: dict[str, Any]) -> Numbers:
    first, numbers = f"comparison.{slug(name)}", {}
    protocol = problem["protocol"]
    for key in ("trials", "tuned_trials", "seeds", "epochs", "batch"):
        told = how("the protocol's {key} of {problem}", key=key, problem=name)
        numbers[f"{first}.{slug(key)}"] = number(protocol[key], "", SOURCE, told)
    told = how("the protocol's {key} of {problem}", key="rates.points", problem=name)
    numbers[f"{first}.points"] = number(protocol["rates"]["points"], "", SOURCE, told)
    unit = "%" if problem["target"]["metric"].endswith("accuracy") else "loss"
    target = problem["target"]["value"] * (100 if unit == "%" else 1)
    numbers[f"{first}.target"] = number(
        target, unit, SOURCE, how("target of {problem}", problem=name)
    )
    for rule, entry in problem["rules"].items():
        search, own = entry["search"], f"{first}.{slug(rule)}.search"
        numbers[f"{own}.diverged"] = number(
            search["diverged"], "", SOURCE, how("trials that diverged")
        )
        beyond = search["below_grid"] + search["above_grid"]
        numbers[f"{own}.beyond"] = number(beyond, "", SOURCE, how("rates tried beyond the grid"))
        width = search["width_of_good_rates"]
        numbers[f"{own}.width"] = number(width, "", SOURCE, how("width of the range of good rates"))
        for variant in VARIANTS:
            numbers |= _of_retrained(
                prefix(name, rule, variant), entry[variant], shown_metrics(problem)
            )
            rank = problem[variant]["ranks"][rule]
            told = how("mean rank of {rule} over the seeds, {variant}", rule=rule, variant=variant)
            numbers[f"{prefix(name, rule, variant)}.rank"] = number(rank, "", SOURCE, told)
    for variant in VARIANTS:
        for at, test in enumerate(problem[variant]["pairs"]):
            told = how(
                "p of {first} against {second} by Holm, {variant}",
                first=test["first"], second=test["second"], variant=variant,
            )  # fmt: skip
            numbers[f"{first}.pair.{at}.{slug(variant)}.adjusted"] = number(
                test["adjusted"], "", SOURCE, told
            )
    return numbers


def _of_retrained(name: str, entry: dict[str, Any], shown: tuple[str, ...]) -> Numbers:
    """What the tables show of a retrained rule: the rest stands in the file alone."""
    numbers: Numbers = {
        f"{name}.lr": number(entry["hyperparameters"]["lr"], "", SOURCE, how("the rate chosen"))
    }
    for metric in shown:
        unit, factor = ("%", 100) if metric.endswith("accuracy") else ("loss", 1)
        for part, sentence in FINAL.items():
            value = factor * value_of(entry["final"][metric][part])
            told = how(sentence, metric=metric)
            numbers[f"{name}.{slug(metric)}.{part}"] = _finite(value, unit, told)
    best = value_of(entry["best"][shown[0]]["median"])
    told = how("median over the seeds of the best {metric} at any epoch's end", metric=shown[0])
    numbers[f"{name}.best"] = _finite(best, "loss", told)
    for clock, unit in (("epochs", ""), ("seconds", "s")):
        value = value_of(entry[f"{clock}_to_target"]["median"])
        told = how("median over the seeds of the {clock} to the target", clock=clock)
        numbers[f"{name}.{clock}"] = _finite(value, unit, told)
    return numbers


FINAL = {
    "median": N_("median of the final {metric} over the seeds"),
    "low": N_("lower end of the interval of the median of the final {metric} over the seeds"),
    "high": N_("upper end of the interval of the median of the final {metric} over the seeds"),
}


def shown_metrics(problem: dict[str, Any]) -> tuple[str, ...]:
    """The metrics that the table of a problem shows: the one it ranks by, and the test accuracy."""
    measured = next(iter(problem["rules"].values()))[VARIANTS[0]]["final"]
    return (problem["rank_by"], *(m for m in ("test_accuracy",) if m in measured))


def _finite(value: float, unit: str, told: str) -> Number:
    if math.isfinite(value):
        return number(value, unit, SOURCE, told)
    reason = how("infinite: half the seeds or more diverge or miss")
    return Number(None, unit, SOURCE, told, reason)


def plans(
    comparison: dict[str, Any] | Missing, titles: Mapping[str, str]
) -> list[tuple[str, Callable[[Target], None]]]:
    """The figures, rules by their `titles`: sensitivity to the rate by problem, and profiles."""
    if isinstance(comparison, Missing):
        return []
    found = [
        (sensitivity_figure(name), _sensitivity(problem, titles))
        for name, problem in comparison["problems"].items()
    ]
    return [*found, *((f"comparison-profile-{c}", _profile(comparison, c, titles)) for c in CLOCKS)]


def sensitivity_figure(problem: str) -> str:
    """The name of the figure of a problem's losses against the rate."""
    return f"comparison-rates-{slug(problem)}"


def _sensitivity(problem: dict[str, Any], titles: Mapping[str, str]) -> Callable[[Target], None]:
    """Validation score against the rate; a curve ends where its rule diverges."""

    def draw(target: Target) -> None:
        with canvas(_("learning rate"), _("validation loss"), 1) as (figure, axes):
            starts = []
            for rule in (name for name in DRAWN if name in problem["rules"]):
                search = problem["rules"][rule]["search"]
                scores = np.array([value_of(score) for score in search["scores"]])
                shown, look = np.isfinite(scores), _look(rule)
                starts.append(scores[shown].min(initial=np.inf))
                axes.plot(
                    np.array(search["rates"])[shown], scores[shown], color=look.colour,
                    linestyle=look.dash, marker=look.marker, label=named(titles.get(rule, rule)),
                )  # fmt: skip
            plain_log_axis(axes, "x")
            low = min(starts)
            # What lies above has no more to say than that it is bad.
            if math.isfinite(low):
                axes.set_ylim(low / 1.05, 10 * low)
            plain_log_axis(axes)
            legend_above(axes)
            save(figure, target)

    return draw


FACTORS = {
    "epochs": N_("factor on the fewest epochs to the target"),
    "seconds": N_("factor on the fewest seconds to the target"),
}


def _profile(
    comparison: dict[str, Any], clock: str, titles: Mapping[str, str]
) -> Callable[[Target], None]:
    """The part of all instances on which a rule is within a factor of the fastest."""

    def draw(target: Target) -> None:
        with canvas(_(FACTORS[clock]), _("part of the instances"), 1) as (figure, axes):
            profiles = comparison["profiles"][VARIANTS[0]][clock]
            for rule in (name for name in DRAWN if name in profiles):
                ratios = np.array([value_of(each) for each in profiles[rule]])
                reached, look = ratios[np.isfinite(ratios)], _look(rule)
                across = np.concatenate([[1.0], reached, [1e3]])
                up = np.concatenate([[0], np.arange(1, len(reached) + 1), [len(reached)]])
                axes.step(
                    across, up / len(ratios), where="post", color=look.colour,
                    linestyle=look.dash, label=named(titles.get(rule, rule)),
                )  # fmt: skip
            axes.set_xlim(1, 30)
            plain_log_axis(axes, "x")
            axes.set_ylim(0, 1.02)
            legend_above(axes)
            save(figure, target)

    return draw


def _look(rule: str) -> Any:
    return look_of(rule, taken=max(0, DRAWN.index(rule) - 3))
