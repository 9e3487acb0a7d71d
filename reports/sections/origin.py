"""Where a table's or a figure's data come from, in the line that goes with every one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reports.language import N_, _, how, named
from reports.results import Results
from reports.runs import RunGroup
from reports.tidy import Missing, Size

_TITLES = {"rcv1": "RCV1", "airfoil": N_("airfoil self-noise"), "fashion-mnist": "Fashion-MNIST"}
_KINDS = {
    "official": N_("official source"), "mirror": N_("mirror"), "local": N_("your own copy"),
}  # fmt: skip
NO_DATA = "none"


def dataset_title(name: str) -> str:
    """The dataset's name for readers."""
    return _(_TITLES[name]) if name in _TITLES else name


def dataset_entry(results: Results, name: str) -> dict[str, Any] | Missing:
    """What the manifest says of the dataset."""
    if isinstance(results.manifest, Missing):
        return results.manifest
    for entry in results.manifest:
        if entry["name"] == name:
            return entry
    return Missing(how("results/data/manifest.json says nothing of {name}", name=name))


def data_line(results: Results, name: str) -> str:
    """The line under a caption: which data, of what kind, from where."""
    return joined_data([origin(results, name)])


def joined_data(origins: Iterable[str]) -> str:
    """The line on several origins, each told once."""
    return _("Data: {origins}", origins="; ".join(dict.fromkeys(origins)))


def origin(results: Results, name: str) -> str:
    """Which data, of what kind, from where."""
    if name == NO_DATA:
        return _("none, the function is given by its formula")
    entry, title = dataset_entry(results, name), dataset_title(name)
    if isinstance(entry, Missing):
        return _("{data}, origin missing ({reason})", data=title, reason=named(entry.reason))
    if entry.get("kind") == "stand-in":
        return _("{data} stand-in (generated)", data=title)
    kind = _KINDS.get(str(entry.get("kind")), str(entry.get("kind")))
    source = str(entry.get("source", how("source missing")))
    told = [named(source)] if source.startswith(kind) else [named(kind), named(source)]
    note = str(entry.get("note") or "").split(":")[0]
    return ", ".join([title, *told, *([named(note)] if note else [])])


def data_lines(results: Results, names: Iterable[str], sizes: Iterable[Size] = ()) -> str:
    """The line on several datasets, and on what was made at reduced size."""
    told = [origin(results, name) for name in dict.fromkeys(names)]
    return joined_data([*told, *(told_size(size) for size in sizes if size.reduced)])


def told_size(size: Size) -> str:
    """In words what was reduced and what full would be."""
    parts = [
        _(
            "{key} {here} instead of {full}",
            key=named(key.replace("_", " ")), here=_short(size.here.get(key)), full=_short(value),
        )
        for key, value in size.full.items()
    ]  # fmt: skip
    if not parts:
        return _("reduced, not said in what")
    return _("reduced: {parts}", parts=", ".join(parts))


def _short(value: Any) -> str:
    """A value in a line; of an object or a list how much there is of it."""
    if isinstance(value, list | dict):
        return _("{count} of them", count=len(value))
    return named(str(value))


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
