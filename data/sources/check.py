"""Verifying the copies of a dataset's known files that are on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data.problems import WrongHash
from data.registry import Dataset
from data.settings import Settings
from data.sources.cache import verify


@dataclass(frozen=True)
class Copy:
    """A copy of a known file: where it is, and what is wrong with it ("" for nothing)."""

    file: str
    place: str
    fault: str


def copies(dataset: Dataset, settings: Settings) -> Iterator[Copy]:
    """Verify each known file wherever it is: in the cache and in every mirror folder."""
    places = [("the cache", settings.cache)]
    for mirror in settings.mirrors:
        if "://" not in mirror:
            places.append((f"the mirror folder {mirror}", Path(mirror).expanduser()))
    for form in dataset.forms:
        for file in form.files:
            for place, folder in places:
                if (folder / file.name).is_file():
                    try:
                        verify(folder / file.name, file, place)
                        yield Copy(file.name, place, "")
                    except WrongHash as problem:
                        yield Copy(file.name, place, str(problem))
