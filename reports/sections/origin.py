"""Where a table's or a figure's data come from, in the line that goes with every one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reports.results import Results
from reports.runs import RunGroup
from reports.tidy import Missing, Size

_TITLES = {"rcv1": "RCV1", "airfoil": "airfoil self-noise", "fashion-mnist": "Fashion-MNIST"}
_KINDS = {"official": "official source", "mirror": "mirror", "local": "your own copy"}
NO_DATA = "none"


def dataset_title(name: str) -> str:
    """The dataset's name for readers."""
    return _TITLES.get(name, name)


def dataset_entry(results: Results, name: str) -> dict[str, Any] | Missing:
    """What the manifest says of the dataset."""
    if isinstance(results.manifest, Missing):
        return results.manifest
    for entry in results.manifest:
        if entry["name"] == name:
            return entry
    return Missing(f"results/data/manifest.json says nothing of {name}")


def data_line(results: Results, name: str) -> str:
    """The line under a caption: which data, of what kind, from where."""
    if name == NO_DATA:
        return "Data: none, the function is given by its formula"
    entry, title = dataset_entry(results, name), dataset_title(name)
    if isinstance(entry, Missing):
        return f"Data: {title}, origin missing ({entry.reason})"
    if entry.get("kind") == "stand-in":
        return f"Data: {title} stand-in (generated)"
    kind = _KINDS.get(str(entry.get("kind")), str(entry.get("kind")))
    source = str(entry.get("source", "source missing"))
    told = source if source.startswith(kind) else f"{kind}, {source}"
    note = str(entry.get("note") or "").split(":")[0]
    return f"Data: {title}, {told}" + (f", {note}" if note else "")


def data_lines(results: Results, names: Iterable[str], sizes: Iterable[Size] = ()) -> str:
    """The line on several datasets, and on what was made at reduced size."""
    told = [data_line(results, name).removeprefix("Data: ") for name in dict.fromkeys(names)]
    told += [size.told for size in sizes if size.reduced]
    return f"Data: {'; '.join(dict.fromkeys(told))}"


def data_of(results: Results, groups: Sequence[RunGroup]) -> str:
    """The line on the data of groups of runs, and on what was made at reduced size."""
    names = (group.dataset for group in groups)
    return data_lines(results, names, (group.size for group in groups))


def stand_ins(results: Results) -> list[str]:
    """The titles of the datasets that are generated."""
    if isinstance(results.manifest, Missing):
        return []
    return [
        dataset_title(entry["name"])
        for entry in results.manifest
        if entry.get("kind") == "stand-in"
    ]
