"""Reads the result files; what cannot be read is `Missing`, with the reason, and never a guess."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.language import how
from reports.mathematics import refused_latex, refused_mathml
from reports.tidy import Missing, RunTable, SeriesTable, read_runs, read_series

RULE_KEYS = {
    "name": str, "title": str, "paper": str, "latex": str, "mathml": str, "state": list,
    "cost": dict | None, "zero_gradient": str, "defaults": dict, "checks": list,
}  # fmt: skip
CHECK_KEYS = {"check": str, "against": str, "passed": bool, "tolerance": int | float}
COUNTERPART_KEYS = {
    "document": str, "section": str, "item": str, "what": str, "status": str, "results": list,
}  # fmt: skip
PART_KEYS = {
    "kind": str, "name": str, "optimizer": str | None, "variant": str | None,
    "metric": str | None, "figure": str | None, "datasets": list, "files": list,
    "seeds": int | None, "scale": str, "status": str, "reason": str,
}  # fmt: skip
VERDICT_KEYS = ("id", "statement", "place", "finding", "evidence", "measured", "explanation")

MANIFEST = "data/manifest.json"
PROOFS = "proofs/verdicts.json"
CLAIMS = "claims/ledger.json"
PROVENANCE = "provenance.json"
COMPARISON = "comparison.json"
RULES = "optim/rules.json"
COUNTERPARTS = "counterparts.json"
BENCHES = ("linear_engine", "data_scaling", "grading", "growth")


@dataclasses.dataclass(frozen=True, eq=False)
class Results:
    """Everything the report is made from; read once, and the same as itself alone.

    runs: experiment -> its run tables, or why there are none; likewise the analyses.
    unreadable: run tables that could not be read, or that no job made although they were wanted.
    counterparts: the figures and tables of the documents, with the results that stand for them.
    benchmarks: what `make bench` measured, by bench.
    """

    manifest: list[dict[str, Any]] | Missing
    runs: dict[str, list[RunTable] | Missing]
    proofs: list[dict[str, Any]] | Missing
    claims: list[dict[str, Any]] | Missing
    provenance: dict[str, Any] | Missing
    rules: list[dict[str, Any]] | Missing
    analyses: dict[str, SeriesTable | Missing]
    counterparts: list[dict[str, Any]] | Missing
    comparison: dict[str, Any] | Missing
    unreadable: tuple[Missing, ...] = ()
    benchmarks: Mapping[str, dict[str, Any] | Missing] = dataclasses.field(default_factory=dict)

    def runs_of(self, experiment: str) -> list[RunTable] | Missing:
        """The tables of an experiment, or why there are none."""
        return self.runs.get(experiment, _why_no_runs(experiment))


WITH_SECTION = ("rcv1", "airfoil", "quadratics", "cnn", "cnn_treatments")
"""Experiments with a section of their own, which says why where they are missing."""

SUMMARISED = "fair_"
"""Experiments of that prefix are trials, of which the report reads a summary alone."""


def read_results(root: Path) -> Results:
    """Read every result file below `root` (the folder `results/`)."""
    provenance = read_provenance(root)
    not_made = _not_made(provenance)
    counterparts = _read_counterparts(root)
    runs: dict[str, list[RunTable] | Missing] = {}
    unreadable: list[Missing] = []
    for experiment in _experiments(root, provenance, counterparts):
        tables = [read_runs(root, path) for path in run_files(root, experiment)]
        lost = [table for table in tables if isinstance(table, Missing)]
        lost += [why for name, why in not_made.items() if name.startswith(f"runs/{experiment}/")]
        readable = [table for table in tables if isinstance(table, RunTable)]
        unreadable += lost
        runs[experiment] = readable or _why_no_runs(experiment, lost)
    return Results(
        manifest=_read_manifest(root),
        runs=runs,
        proofs=_read_verdicts(root, PROOFS),
        claims=_read_verdicts(root, CLAIMS),
        provenance=provenance,
        rules=_read_rules(root),
        unreadable=tuple(unreadable),
        analyses={
            name: not_made.get(path) or read_series(root, root / path)
            for name in _named("analyses", root, provenance, counterparts)
            for path in [f"analyses/{name}.parquet"]
        },
        counterparts=counterparts,
        comparison=not_made.get(COMPARISON) or _read_comparison(root),
        benchmarks={name: _read_object(root, f"benchmarks/{name}.json") for name in BENCHES},
    )


def _experiments(root: Path, *named: Any) -> list[str]:
    names = [*WITH_SECTION, *_named("runs", root, *named)]
    return [name for name in dict.fromkeys(names) if not name.startswith(SUMMARISED)]


def _named(
    kind: str, root: Path, provenance: dict[str, Any] | Missing,
    counterparts: list[dict[str, Any]] | Missing,
) -> list[str]:  # fmt: skip
    """Experiments ("runs") or "analyses" whose tables are there or ought to be, by name.

    Where the provenance lists this run's tables, those alone and what the counterparts name.
    """
    listed = _tables(provenance)
    if listed is None:
        listed = [path.relative_to(root).as_posix() for path in root.glob(f"{kind}/**/*.parquet")]
    parts = [Path(path).parts for path in listed]
    names = {Path(part[1]).stem for part in parts if part[0] == kind and len(part) > 1}
    for entry in [] if isinstance(counterparts, Missing) else counterparts:
        names |= {part["name"] for part in entry["results"] if part["kind"] == kind}
    return sorted(names)


def _tables(provenance: dict[str, Any] | Missing) -> list[str] | None:
    """The tables of this run, relative to the results; None where nothing lists them."""
    listed = None if isinstance(provenance, Missing) else provenance.get("tables")
    return listed if isinstance(listed, list) else None


def _not_made(provenance: dict[str, Any] | Missing) -> dict[str, Missing]:
    """Results that this run wanted and no job made, with why; by path below the results."""
    told = {} if isinstance(provenance, Missing) else provenance.get("missing")
    if not isinstance(told, dict):
        return {}
    return {
        name: Missing(how("results/{name} was not made: {why}", name=name, why=why))
        for name, why in told.items()
    }


def run_files(root: Path, experiment: str) -> list[Path]:
    """The experiment's Parquet files in alphabetical order.

    Only those that the provenance names, where it names any: a table of an optimizer that is no
    longer configured may still lie there.
    """
    found = sorted((root / "runs" / experiment).glob("*.parquet"))
    listed = _tables(read_provenance(root))
    if listed is None:
        return found
    return [path for path in found if path.relative_to(root).as_posix() in listed]


def _why_no_runs(experiment: str, lost: Sequence[Missing] = ()) -> Missing:
    reasons = "; ".join(missing.reason for missing in lost)
    nothing = how("there is no file in results/runs/{experiment}/", experiment=experiment)
    return Missing(reasons or nothing)


def _read_json(root: Path, name: str) -> Any:
    """The file's JSON value, or `Missing`."""
    try:
        return json.loads((root / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Missing(how("results/{name} does not exist", name=name))
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        return Missing(how("results/{name} is not JSON: {problem}", name=name, problem=problem))


def _read_manifest(root: Path) -> list[dict[str, Any]] | Missing:
    read = _read_json(root, MANIFEST)
    if isinstance(read, Missing):
        return read
    if not isinstance(read, dict) or not all(isinstance(entry, dict) for entry in read.values()):
        return Missing(how("results/{name} is not an object of datasets by name", name=MANIFEST))
    return [{**entry, "name": name} for name, entry in sorted(read.items())]


def _read_verdicts(root: Path, name: str) -> list[dict[str, Any]] | Missing:
    read = _read_json(root, name)
    if isinstance(read, Missing):
        return read
    if not isinstance(read, list) or not read:
        return Missing(how("results/{name} holds no verdict", name=name))
    for row in read:
        absent = [key for key in VERDICT_KEYS if not isinstance(row, dict) or key not in row]
        if absent:
            reason = how(
                'results/{name}: a verdict lacks the key "{key}"', name=name, key=absent[0]
            )
            return Missing(reason)
        if not isinstance(row["measured"], dict):
            reason = how(
                "results/{name}: {verdict} has measured values that are no object",
                name=name, verdict=row["id"],
            )  # fmt: skip
            return Missing(reason)
    return read


def _read_comparison(root: Path) -> dict[str, Any] | Missing:
    read = _read_json(root, COMPARISON)
    if isinstance(read, Missing):
        return read
    if not isinstance(read, dict) or not {"comparison", "problems", "profiles"} <= set(read):
        return Missing(how("results/{name} is no summary of a comparison", name=COMPARISON))
    return read


def _read_object(root: Path, name: str) -> dict[str, Any] | Missing:
    read = _read_json(root, name)
    if isinstance(read, Missing | dict):
        return read
    return Missing(how("results/{name} is not a JSON object", name=name))


def _read_counterparts(root: Path) -> list[dict[str, Any]] | Missing:
    read = _read_json(root, COUNTERPARTS)
    if isinstance(read, Missing):
        return read
    if not isinstance(read, list) or not read:
        return Missing(how("results/{name} holds no entry", name=COUNTERPARTS))
    for entry in read:
        wrong = _wrong_key(entry, COUNTERPART_KEYS)
        wrong = wrong or "".join(_wrong_key(part, PART_KEYS) for part in entry["results"])
        if wrong:
            reason = how(
                'results/{name}: an entry lacks a proper "{key}"', name=COUNTERPARTS, key=wrong
            )
            return Missing(reason)
    return read


def read_provenance(root: Path) -> dict[str, Any] | Missing:
    """Commit, versions, machine, date and the tables of this run."""
    return _read_object(root, PROVENANCE)


def _read_rules(root: Path) -> list[dict[str, Any]] | Missing:
    read = _read_json(root, RULES)
    if isinstance(read, Missing):
        return read
    if not isinstance(read, list) or not read:
        return Missing(how("results/{name} holds no rule", name=RULES))
    for rule in read:
        wrong = _wrong_key(rule, RULE_KEYS)
        if wrong:
            reason = how('results/{name}: a rule lacks a proper "{key}"', name=RULES, key=wrong)
            return Missing(reason)
        for check in rule["checks"]:
            wrong = _wrong_key(check, CHECK_KEYS)
            if wrong:
                reason = how(
                    'results/{name}: a check of {rule} lacks "{key}"',
                    name=RULES, rule=rule["name"], key=wrong,
                )  # fmt: skip
                return Missing(reason)
        refused = refused_mathml(rule["mathml"]) or refused_latex(rule["latex"])
        if refused:
            reason = how(
                "results/{name}: the formula of {rule} has {refused}",
                name=RULES, rule=rule["name"], refused=refused,
            )  # fmt: skip
            return Missing(reason)
    return read


def _wrong_key(entry: Any, keys: dict[str, Any]) -> str:
    """The first key that is absent or of another type; "" where all are there."""
    if not isinstance(entry, dict):
        return next(iter(keys))
    return next((k for k, kind in keys.items() if not isinstance(entry.get(k, ...), kind)), "")
