"""The registry: every dataset, the forms it can arrive in, and the SHA-256 of every known file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import data
from data.problems import DataProblem
from data.settings import Settings
from data.writing import PreparedWriter


@dataclass(frozen=True)
class KnownFile:
    """A file the registry can recognise.

    name: its path below a mirror's root and below the cache.
    sha256: its only acceptable content.
    urls: its official addresses, tried in order; empty where there is none.
    """

    name: str
    sha256: str
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Described:
    """What a conversion has to say about its result.

    label: what the labels mean. note: what a reader of a table must know about this form.
    """

    label: str
    note: str = ""


ConvertOwn = Callable[[PreparedWriter, Settings], Described]
Convert = Callable[[Mapping[str, Path], PreparedWriter, Settings], Described]


@dataclass(frozen=True)
class Form:
    """One shape a dataset can arrive in: the files it needs, and how they are converted.

    `convert` is given the files by their registered names, and writes the splits.
    """

    files: tuple[KnownFile, ...]
    convert: Convert


@dataclass(frozen=True)
class Own:
    """Files of no known hash that someone already has, and how they are converted."""

    files: tuple[Path, ...]
    convert: ConvertOwn


@dataclass(frozen=True)
class Dataset:
    """A dataset: its forms in order of preference, and its stand-in.

    recognise: what a user's own file or folder is, where more than the registered forms is known.
    other_cache: the copy that another program keeps, where it has one.
    """

    name: str
    licence: str
    citation: str
    forms: tuple[Form, ...]
    stand_in: ConvertOwn
    recognise: Callable[[Path], Own | None] | None = None
    other_cache: Callable[[], Own | None] | None = None


_DATASETS: dict[str, Dataset] = {}


def register(dataset: Dataset) -> Dataset:
    """Add a dataset to the registry; called once, by the dataset's own file.

    Raises ValueError where another one has its name.
    """
    if dataset.name in _DATASETS:
        raise ValueError(f"two datasets are called {dataset.name!r}")
    _DATASETS[dataset.name] = dataset
    return dataset


def datasets() -> dict[str, Dataset]:
    """Every dataset by name; a new file of this folder that registers one is found by itself."""
    for module in pkgutil.iter_modules(data.__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"data.{module.name}")
    return dict(sorted(_DATASETS.items()))


def find(name: str) -> Dataset:
    """The dataset of that name; raises DataProblem listing the known ones."""
    known = datasets()
    if name not in known:
        raise DataProblem(f"dataset {name!r} is unknown; expected one of {', '.join(known)}")
    return known[name]


def refuse_unknown_paths(settings: Settings) -> None:
    """Raise DataProblem where `data.paths` names a dataset that does not exist."""
    for name in settings.paths:
        if name not in datasets():
            raise DataProblem(
                f"config key data.paths.{name} names no dataset; expected {', '.join(datasets())}"
            )
