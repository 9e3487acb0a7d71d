"""Reads the result files; what cannot be read is `Missing`, with the reason, and never a guess."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from reports.mathematics import refused_latex, refused_mathml

RUN_COLUMNS = (
    "experiment", "dataset", "optimizer", "variant", "hyperparameters", "seed",
    "epoch", "step", "metric", "value", "seconds", "device", "batch",
)  # fmt: skip
RUN_KEY = ("dataset", "optimizer", "variant", "hyperparameters", "seed", "metric", "step")
RULE_KEYS = {
    "name": str, "title": str, "paper": str, "latex": str, "mathml": str, "state": list,
    "cost": dict | None, "zero_gradient": str, "defaults": dict, "checks": list,
}  # fmt: skip
CHECK_KEYS = {"check": str, "against": str, "passed": bool, "tolerance": int | float}
VERDICT_KEYS = ("id", "statement", "place", "finding", "evidence", "measured", "explanation")

MANIFEST = "data/manifest.json"
PROOFS = "proofs/verdicts.json"
CLAIMS = "claims/ledger.json"
PROVENANCE = "provenance.json"
RULES = "optim/rules.json"


@dataclasses.dataclass(frozen=True)
class Missing:
    """A result that is not there. `reason` is shown in its place."""

    reason: str


@dataclasses.dataclass(frozen=True)
class RunTable:
    """The runs of one experiment and one optimizer; `source` is relative to the results."""

    source: str
    rows: pd.DataFrame


@dataclasses.dataclass(frozen=True)
class Results:
    """Everything the report is made from.

    runs: experiment -> its run tables, or why there are none.
    unreadable: run tables that exist and could not be read.
    """

    manifest: list[dict[str, Any]] | Missing
    runs: dict[str, list[RunTable] | Missing]
    proofs: list[dict[str, Any]] | Missing
    claims: list[dict[str, Any]] | Missing
    provenance: dict[str, Any] | Missing
    rules: list[dict[str, Any]] | Missing
    unreadable: tuple[Missing, ...] = ()


EXPERIMENTS = ("rcv1", "airfoil", "quadratics")


def read_results(root: Path) -> Results:
    """Read every result file below `root` (the folder `results/`)."""
    runs: dict[str, list[RunTable] | Missing] = {}
    unreadable: list[Missing] = []
    for experiment in EXPERIMENTS:
        tables = [read_runs(root, path) for path in run_files(root, experiment)]
        unreadable += [table for table in tables if isinstance(table, Missing)]
        readable = [table for table in tables if isinstance(table, RunTable)]
        runs[experiment] = readable or _why_no_runs(experiment, tables)
    return Results(
        manifest=_read_manifest(root),
        runs=runs,
        proofs=_read_verdicts(root, PROOFS),
        claims=_read_verdicts(root, CLAIMS),
        provenance=_read_provenance(root),
        rules=_read_rules(root),
        unreadable=tuple(unreadable),
    )


def run_files(root: Path, experiment: str) -> list[Path]:
    """The experiment's Parquet files in alphabetical order.

    Only those that the provenance names, where it names any: a table of an optimizer that is no
    longer configured may still lie there.
    """
    found = sorted((root / "runs" / experiment).glob("*.parquet"))
    provenance = _read_provenance(root)
    named = None if isinstance(provenance, Missing) else provenance.get("tables")
    if not isinstance(named, list):
        return found
    return [path for path in found if path.relative_to(root).as_posix() in named]


def read_runs(root: Path, path: Path) -> RunTable | Missing:
    """One tidy table, its columns checked."""
    source = path.relative_to(root).as_posix()
    try:
        rows = pd.read_parquet(path)
    except (OSError, pa.ArrowException) as problem:
        return Missing(f"results/{source} is not readable as Parquet ({type(problem).__name__})")
    absent = [column for column in RUN_COLUMNS if column not in rows.columns]
    if absent:
        return Missing(f"results/{source} lacks the column {', '.join(absent)}")
    if rows.empty:
        return Missing(f"results/{source} holds no row")
    if rows.duplicated(list(RUN_KEY)).any():
        return Missing(f"results/{source} measures the same {', '.join(RUN_KEY)} twice")
    odd = [text for text in rows["hyperparameters"].unique() if not _is_object(text)]
    if odd:
        return Missing(f"results/{source} has hyper-parameters that are no JSON object: {odd[0]!r}")
    return RunTable(source, rows)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (json.JSONDecodeError, TypeError):
        return False


def _why_no_runs(experiment: str, tables: list[Any]) -> Missing:
    reasons = [table.reason for table in tables if isinstance(table, Missing)]
    return Missing("; ".join(reasons) or f"there is no file in results/runs/{experiment}/")


def _read_json(root: Path, name: str) -> Any:
    """The file's JSON value, or `Missing`."""
    try:
        return json.loads((root / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Missing(f"results/{name} does not exist")
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        return Missing(f"results/{name} is not JSON: {problem}")


def _read_manifest(root: Path) -> list[dict[str, Any]] | Missing:
    read = _read_json(root, MANIFEST)
    if isinstance(read, Missing):
        return read
    if not isinstance(read, dict) or not all(isinstance(entry, dict) for entry in read.values()):
        return Missing(f"results/{MANIFEST} is not an object of datasets by name")
    return [{**entry, "name": name} for name, entry in sorted(read.items())]


def _read_verdicts(root: Path, name: str) -> list[dict[str, Any]] | Missing:
    read = _read_json(root, name)
    if isinstance(read, Missing):
        return read
    if not isinstance(read, list) or not read:
        return Missing(f"results/{name} holds no verdict")
    for row in read:
        absent = [key for key in VERDICT_KEYS if not isinstance(row, dict) or key not in row]
        if absent:
            return Missing(f'results/{name}: a verdict lacks the key "{absent[0]}"')
        if not isinstance(row["measured"], dict):
            return Missing(f"results/{name}: {row['id']} has measured values that are no object")
    return read


def _read_provenance(root: Path) -> dict[str, Any] | Missing:
    read = _read_json(root, PROVENANCE)
    if isinstance(read, Missing | dict):
        return read
    return Missing(f"results/{PROVENANCE} is not a JSON object")


def _read_rules(root: Path) -> list[dict[str, Any]] | Missing:
    read = _read_json(root, RULES)
    if isinstance(read, Missing):
        return read
    if not isinstance(read, list) or not read:
        return Missing(f"results/{RULES} holds no rule")
    for rule in read:
        wrong = _wrong_key(rule, RULE_KEYS)
        if wrong:
            return Missing(f'results/{RULES}: a rule lacks a proper "{wrong}"')
        for check in rule["checks"]:
            wrong = _wrong_key(check, CHECK_KEYS)
            if wrong:
                return Missing(f'results/{RULES}: a check of {rule["name"]} lacks "{wrong}"')
        refused = refused_mathml(rule["mathml"]) or refused_latex(rule["latex"])
        if refused:
            return Missing(f"results/{RULES}: the formula of {rule['name']} has {refused}")
    return read


def _wrong_key(entry: Any, keys: dict[str, Any]) -> str:
    """The first key that is absent or of another type; "" where all are there."""
    if not isinstance(entry, dict):
        return next(iter(keys))
    return next((k for k, kind in keys.items() if not isinstance(entry.get(k, ...), kind)), "")
