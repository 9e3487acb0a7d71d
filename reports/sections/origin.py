"""Where a table's or a figure's data come from, in the line that goes with every one of them."""

from __future__ import annotations

from typing import Any

from reports.results import Missing, Results

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


def stand_ins(results: Results) -> list[str]:
    """The titles of the datasets that are generated."""
    if isinstance(results.manifest, Missing):
        return []
    return [
        dataset_title(entry["name"])
        for entry in results.manifest
        if entry.get("kind") == "stand-in"
    ]
