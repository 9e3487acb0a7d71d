"""Which result stands for which figure or table of the documents: read, checked, looked up.

`experiments/counterparts/<document>.yaml` lists them in the document's order. An entry names the
tables of results by experiment or analysis; whether they are there is seen in the tables.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

from experiments.parquet import made_by
from experiments.protocol import check_name
from experiments.registry import Kind, declared, names
from optim.registry import names as optimizers
from optim.rule import nearest

FOLDER = Path(__file__).parent / "counterparts"
_TEXT = {"type": "string", "minLength": 1}
_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["section", "item", "what", "results"],
    "properties": {
        "section": _TEXT,
        "item": {
            "type": "string",
            "pattern": "^(figure|table|log|code|formula|announced)( .+)?$",
        },
        "what": _TEXT,
        "results": {"type": "array", "minItems": 1, "items": {"type": "object"}},
    },
}
_RESULTS: dict[Kind, dict[str, Any]] = {
    "runs": {
        "type": "object",
        "additionalProperties": False,
        "required": ["run", "metric"],
        "properties": dict.fromkeys(("run", "optimizer", "variant", "metric"), _TEXT),
    },
    "analyses": {
        "type": "object",
        "additionalProperties": False,
        "required": ["analysis", "figure"],
        "properties": dict.fromkeys(("analysis", "figure"), _TEXT),
    },
}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """Rows of results that an entry names: of an experiment's runs, or of an analysis.

    chosen: column of the table and the value wanted there. optimizer: None for every one.
    """

    kind: Kind
    name: str
    optimizer: str | None
    chosen: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class Counterpart:
    """One figure, table, log or the like of a document, and the results that stand for it."""

    document: str
    section: str
    item: str
    what: str
    results: tuple[Wanted, ...]


def read_counterparts(folder: Path = FOLDER) -> list[Counterpart]:
    """Every entry of the files in `folder`, in order, checked.

    Raises ValueError that names file and entry where one is not as it must be, or names an
    experiment, analysis or optimizer that there is not.
    """
    return [entry for path in sorted(folder.glob("*.yaml")) for entry in _entries(path)]


def _entries(path: Path) -> Iterator[Counterpart]:
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(read, list):
        raise ValueError(f"{path}: found {type(read).__name__}, expected a list of entries")
    for number, entry in enumerate(read, 1):
        item = entry.get("item", "no item") if isinstance(entry, dict) else "no mapping"
        where = f"{path}, entry {number} ({item})"
        _check(where, entry, _SCHEMA)
        results = tuple(
            _wanted(f"{where}, result {at}", given) for at, given in enumerate(entry["results"], 1)
        )
        yield Counterpart(path.stem, entry["section"], entry["item"], entry["what"], results)


def _wanted(where: str, given: dict[str, Any]) -> Wanted:
    kind: Kind = "analyses" if "analysis" in given else "runs"
    _check(where, given, _RESULTS[kind])
    name = given["analysis" if kind == "analyses" else "run"]
    check_name(where, name, names(kind))
    if "optimizer" in given:
        check_name(where, given["optimizer"], optimizers())
    columns = ("variant", "metric") if kind == "runs" else ("figure",)
    chosen = tuple((column, given[column]) for column in columns if column in given)
    return Wanted(kind, name, given.get("optimizer"), chosen)


def _check(where: str, value: Any, schema: dict[str, Any]) -> None:
    wrong = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(schema).iter_errors(value)
    )
    if wrong is not None:
        place = "".join(f" {part}:" for part in wrong.absolute_path)
        quoted = "; write it in quotes" if "is not of type 'string'" in wrong.message else ""
        raise ValueError(
            f"{where}:{place} {wrong.message}{quoted}; "
            f"expected the keys {', '.join(schema['required'])}"
        )


def look_up(entries: Iterable[Counterpart], results: Path) -> list[dict[str, Any]]:
    """Every entry as JSON: what it is, and of each of its results what is there of it.

    An entry's status is "there" where all of its results are, else "missing".
    """
    current = _current(results)
    found = []
    for entry in entries:
        parts = [_found(wanted, results, current) for wanted in entry.results]
        there = all(part["status"] == "there" for part in parts)
        found.append(
            {
                "document": entry.document,
                "section": entry.section,
                "item": entry.item,
                "what": entry.what,
                "status": "there" if there else "missing",
                "results": parts,
            }
        )
    return found


def _current(results: Path) -> frozenset[str] | None:
    """The tables of this run by its provenance; None where there is none that lists them.

    A table that an earlier configuration left behind is no result of this run.
    """
    path = results / "provenance.json"
    if not path.exists():
        return None
    tables = json.loads(path.read_text(encoding="utf-8")).get("tables")
    return None if tables is None else frozenset(tables)


def _found(wanted: Wanted, results: Path, current: frozenset[str] | None) -> dict[str, Any]:
    """What `wanted` names, the files that hold it, and what they say of it."""
    told: dict[str, Any] = {
        "kind": wanted.kind,
        "name": wanted.name,
        "optimizer": wanted.optimizer,
        **dict.fromkeys(("variant", "metric", "figure")),
        **dict(wanted.chosen),
        "datasets": _datasets(wanted),
    }
    paths = [path for path in _files(wanted, results) if path.exists()]
    paths = [p for p in paths if current is None or p.relative_to(results).as_posix() in current]
    parts = {path: part for path in paths if (part := _rows(path, wanted)).num_rows}
    made = [made_by(path) for path in parts]
    told |= {
        "files": [f"results/{path.relative_to(results).as_posix()}" for path in parts],
        "rows": sum(part.num_rows for part in parts.values()),
        "seeds": _seeds(parts.values()) if wanted.kind == "runs" else None,
        "scale": _scale(made),
        "protocol": _reduced(made, "protocol"),
        "full": _reduced(made, "full"),
        "status": "there" if parts else "missing",
        "reason": "" if parts else _why_missing(wanted, results, paths),
    }
    return told


def _datasets(wanted: Wanted) -> list[str]:
    """The datasets behind the result: its own, or those of the runs that it looks at."""
    own = declared(wanted.kind, wanted.name)
    others = [declared("runs", run).dataset for run in own.runs]
    return sorted({name for name in (own.dataset, *others) if name is not None})


def _files(wanted: Wanted, results: Path) -> list[Path]:
    folder = results / wanted.kind
    if wanted.kind == "analyses":
        return [folder / f"{wanted.name}.parquet"]
    if wanted.optimizer is not None:
        return [folder / wanted.name / f"{wanted.optimizer}.parquet"]
    return sorted((folder / wanted.name).glob("*.parquet"))


def _rows(path: Path, wanted: Wanted) -> pa.Table:
    """The rows wanted, of the columns that are looked at."""
    columns = [column for column, _ in wanted.chosen]
    seed = ["seed"] if wanted.kind == "runs" else []
    table = pq.read_table(path, columns=columns + seed, read_dictionary=columns)
    for column, value in wanted.chosen:
        table = table.filter(pc.equal(table[column].cast(pa.string()), value))
    return table


def _seeds(parts: Iterable[pa.Table]) -> int:
    return max((len(part["seed"].unique()) for part in parts), default=0)


def _scale(made: list[dict[str, Any]]) -> str:
    scales = {part.get("scale", "full") for part in made}
    return "" if not scales else "reduced" if "reduced" in scales else "full"


def _reduced(made: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """Of a reduced table, the keys that differ at full size: as they are here, or as "full"."""
    for part in made:
        if part.get("scale") == "reduced":
            return {name: part[key][name] for name in part.get("full", {})}
    return {}


def _not_made(results: Path) -> dict[str, str]:
    """The tables that this run wanted and no job made, each with why, by its provenance."""
    path = results / "provenance.json"
    return json.loads(path.read_text(encoding="utf-8")).get("missing", {}) if path.exists() else {}


def _why_missing(wanted: Wanted, results: Path, paths: list[Path]) -> str:
    if not paths:
        files = _files(wanted, results) or [results / wanted.kind / wanted.name]
        place = files[0].relative_to(results).as_posix()
        for name, why in _not_made(results).items():
            if name == place or name.startswith(f"{place}/"):
                return f"results/{name} was not made: {why}"
        return f"this run made no results/{place}"
    for column, value in wanted.chosen:
        tables = [pq.read_table(path, columns=[column]) for path in paths]
        known = {name for table in tables for name in table[column].unique().to_pylist()}
        if value not in known:
            return f"results/{wanted.kind}/{wanted.name}: there is no {column} {value!r}; " + (
                nearest(value, known)
            )
    return f"results/{wanted.kind}/{wanted.name}: no row has all of " + ", ".join(
        f"{column} {value!r}" for column, value in wanted.chosen
    )
