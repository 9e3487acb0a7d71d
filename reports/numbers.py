"""Collects `numbers.json`: every number of the report, once, with where it is from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports import intervals
from reports.benchmarks import of_benchmarks
from reports.comparison import of_comparison
from reports.exhibit_numbers import of_exhibits
from reports.language import N_, how
from reports.number import Number, Numbers, merge, number, slug
from reports.results import CLAIMS, MANIFEST, PROOFS, PROVENANCE, WITH_SECTION, Results
from reports.rule_numbers import of_rules
from reports.run_numbers import is_number, of_group, spread
from reports.runs import Contest, RunGroup, contests, groups_of
from reports.tidy import Missing

NOT_TOLD = frozenset({"step_loss"})
"""Losses of single samples, whose last is of no interest."""

FINDINGS = (
    N_("refuted"), N_("reproduced with a caveat"), N_("reproduced"), N_("not checkable"),
)  # fmt: skip
LONGEST_LIST = 24
"""Lists of a verdict's measured values are shown up to this length."""


def collect(results: Results) -> Numbers:
    """Every number that the report may show, by name."""
    parts = [_of_intervals(), _of_data(results), _of_provenance(results), _of_totals(results)]
    for experiment in WITH_SECTION:
        groups = groups_of(results, experiment)
        parts += [of_group(group, set(group.metrics) - NOT_TOLD) for group in groups]
        parts.append(_of_protocol(experiment, groups))
        parts += [_of_contest(contest) for contest in contests(groups)]
    parts.append({k: n for k, n in of_exhibits(results).items() if not any(k in p for p in parts)})
    parts.append(of_rules(results))
    parts.append(of_comparison(results.comparison))
    parts.append(of_benchmarks(results))
    for kind, source, verdicts in sources_of_verdicts(results):
        if not isinstance(verdicts, Missing):
            parts += [_of_verdict(kind, source, verdict) for verdict in verdicts]
    return merge(parts)


def sources_of_verdicts(
    results: Results,
) -> list[tuple[str, str, list[dict[str, Any]] | Missing]]:
    """(first part of the names, file, verdicts) of claims and of proofs."""
    return [("claims", CLAIMS, results.claims), ("proofs", PROOFS, results.proofs)]


def _of_intervals() -> Numbers:
    source = "reports/intervals.py"
    return {
        "interval.level": Number(
            round(100 * intervals.LEVEL), "%", source, how("confidence level of every interval")
        ),
        "interval.resamples": Number(
            intervals.RESAMPLES, "", source, how("bootstrap resamples of every interval")
        ),
    }


def _of_data(results: Results) -> Numbers:
    if isinstance(results.manifest, Missing):
        return {}
    numbers: Numbers = {}
    for dataset in results.manifest:
        prefix, source = f"data.{slug(dataset['name'])}", f"results/{MANIFEST}"
        for key, sentence in COUNTED.items():
            for split, count in sorted((dataset.get(key) or {}).items()):
                told = how(sentence, split=split)
                numbers[f"{prefix}.{key}.{slug(split)}"] = number(count, "", source, told)
        if isinstance(dataset.get("features"), int):
            numbers[f"{prefix}.features"] = number(
                dataset["features"], "", source, how("features of a row")
            )
    return numbers


COUNTED = {
    "rows": N_("rows of the {split} split"),
    "nonzeros": N_("non-zero values of the {split} split"),
}


def _of_provenance(results: Results) -> Numbers:
    if isinstance(results.provenance, Missing):
        return {}
    source, numbers = f"results/{PROVENANCE}", {}
    for key, value in sorted(results.provenance.items()):
        name = f"provenance.{slug(key)}"
        if is_number(value):
            numbers[name] = number(value, "", source, how("its key {key}", key=key))
        elif isinstance(value, list):
            numbers[name] = number(len(value), "", source, how("counted, its key {key}", key=key))
    return numbers


def _of_totals(results: Results) -> Numbers:
    """How many of the documents' claims came out each way, and how many statements of ours."""
    numbers: Numbers = {}
    for finding in ("all", *FINDINGS):
        told = how("claims counted, {finding}", finding=finding)
        numbers[f"verdicts.{slug(finding)}"] = _count(results.claims, CLAIMS, told, finding)
        for name, (title, part) in parts_of_ledger(results.claims).items():
            told = how("claims counted, {part}, {finding}", part=title, finding=finding)
            numbers[f"{name}.{slug(finding)}"] = _count(part, CLAIMS, told, finding)
    told = how("statements counted")
    numbers["statements.all"] = _count(results.proofs, PROOFS, told, "all")
    return numbers


def parts_of_ledger(
    claims: list[dict[str, Any]] | Missing,
) -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """The claims of each document and of each kind: first part of names -> (title, claims)."""
    parts: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for key, of in (("document", document_of), ("kind", kind_of)):
        for claim in [] if isinstance(claims, Missing) else claims:
            title = of(claim)
            if title:
                parts.setdefault(f"verdicts.{key}.{slug(title)}", (title, []))[1].append(claim)
    return parts


def document_of(verdict: dict[str, Any]) -> str:
    """The document that a verdict is on."""
    where = verdict["place"] if isinstance(verdict["place"], dict) else {}
    return str(where.get("document", ""))


def kind_of(verdict: dict[str, Any]) -> str:
    """The kind of a claim, "" where none is told."""
    return str((verdict.get("provenance") or {}).get("kind", ""))


def _count(read: list[dict[str, Any]] | Missing, path: str, told: str, finding: str) -> Number:
    source = f"results/{path}"
    if isinstance(read, Missing):
        return Number(None, "", source, told, read.reason)
    return Number(sum(finding in ("all", row["finding"]) for row in read), "", source, told)


def _of_protocol(experiment: str, groups: Sequence[RunGroup]) -> Numbers:
    """Epochs, updates and samples an update, where all runs of the experiment agree."""
    numbers: Numbers = {}
    for group in groups:
        if "train_loss" not in group.metrics:
            continue
        steps = group.by_seed("train_loss").columns
        if len(steps) < 2:
            continue
        epochs = int(group.epochs("train_loss")[-1])
        source = f"results/{group.source}"
        found = {
            "epochs": number(epochs, "", source, how("last epoch of train_loss")),
            "updates": number(int(steps[-1]), "", source, how("last step of train_loss")),
        }
        batches = group.rows["batch"].dropna().unique()
        if len(batches) == 1:
            found["batch"] = number(int(batches[0]), "", source, how("the column batch"))
        for key, value in found.items():
            name = f"{experiment}.{key}"
            if name in numbers and numbers[name].value != value.value:
                reason = how("the runs of this experiment differ in it")
                value = Number(None, value.unit, value.source, value.computed, reason)
            numbers[name] = value
    return numbers


def _of_contest(contest: Contest) -> Numbers:
    """SGD's final training loss less Adagrad's, seed by seed; their ratio the same way."""
    sgd = contest.sgd.by_seed("train_loss")
    adagrad = contest.adagrad.by_seed("train_loss")
    both = sgd.index.intersection(adagrad.index)
    source = f"results/{contest.sgd.source} and results/{contest.adagrad.source}"
    if both.empty:
        reason, told = how("no seed was run by both"), how("final train_loss, SGD less Adagrad")
        return {f"{contest.name}.gap.median": Number(None, "loss", source, told, reason)}
    first = sgd.loc[both].iloc[:, -1].to_numpy()
    second = adagrad.loc[both].iloc[:, -1].to_numpy()
    what = how("the final train_loss of SGD less that of Adagrad, seed by seed")
    numbers = spread(f"{contest.name}.gap", first - second, "loss", source, what)
    what = how("the final train_loss of SGD over that of Adagrad, seed by seed")
    numbers |= spread(f"{contest.name}.ratio", first / second, "ratio", source, what)
    numbers[f"{contest.name}.seeds"] = number(len(both), "", source, how("seeds run by both"))
    if contest.rate is not None:
        numbers[f"{contest.name}.rate"] = number(
            contest.rate, "", source, how("learning rate of both, from their hyper-parameters")
        )
    return numbers


def _of_verdict(kind: str, file: str, verdict: dict[str, Any]) -> Numbers:
    """Every number in a verdict's measured values, tolerance, trials and provenance."""
    prefix, source = f"{kind}.{slug(verdict['id'])}", f"results/{file}"
    numbers: Numbers = {}
    for part, sentence in PARTS.items():
        for path, value in leaves(verdict.get(part) or {}):
            if is_number(value):
                name = ".".join([prefix, part, *map(slug, path)])
                told = how(sentence, path=" / ".join(path), verdict=verdict["id"])
                numbers[name] = number(value, "", source, told)
    for key, sentence in OWN.items():
        if is_number(verdict.get(key)):
            told = how(sentence, verdict=verdict["id"])
            numbers[f"{prefix}.{key}"] = number(verdict[key], "", source, told)
    return numbers


PARTS = {
    "measured": N_("measured {path} of {verdict}"),
    "provenance": N_("provenance {path} of {verdict}"),
}
OWN = {"tolerance": N_("tolerance of {verdict}"), "trials": N_("trials of {verdict}")}


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """(path, value) of everything in a JSON value that is neither object nor list, in order.

    Of a list longer than `LONGEST_LIST` only the head.
    """
    if isinstance(value, dict):
        inner = [leaves(item, (*path, str(key))) for key, item in value.items()]
    elif isinstance(value, list):
        inner = [leaves(item, (*path, str(at))) for at, item in enumerate(value[:LONGEST_LIST])]
    else:
        return [(path, value)]
    return [leaf for part in inner for leaf in part]
