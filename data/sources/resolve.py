"""Finding a dataset: configured path, cache, mirrors in order, official source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from data.problems import DataProblem, SourceProblem, WrongHash
from data.registry import ConvertOwn, Dataset, Form, KnownFile, Own
from data.settings import Settings
from data.sources.cache import Origin, cached, fetch, keep, verify
from data.sources.download import Patience, public_address
from data.sources.hashing import sha256_of

_KINDS = ("official", "mirror", "local")  # from the most to the least authoritative

GetFile = Callable[[KnownFile], tuple[Path, Origin]]


@dataclass(frozen=True)
class Found:
    """What a dataset was resolved to: how to convert it, and where its files came from.

    sha256: of each file, by name.
    """

    convert: ConvertOwn
    sha256: dict[str, str]
    kind: str
    source: str


@dataclass(frozen=True)
class Search:
    """What a search found (None: nothing was reachable), and why each other attempt failed."""

    found: Found | None
    attempts: tuple[SourceProblem, ...]

    @property
    def wrong_hashes(self) -> list[str]:
        """The failures that a user should hear of even where another source had the file."""
        return [str(attempt) for attempt in self.attempts if isinstance(attempt, WrongHash)]


@dataclass(frozen=True)
class Reach:
    """How far a search may go.

    keep: whether to copy what a mirror folder has into the cache. patience: with servers.
    """

    keep: bool = False
    patience: Patience = field(default_factory=Patience)


def resolve(dataset: Dataset, settings: Settings, reach: Reach = Reach()) -> Search:
    """Look for the dataset in the order of the module's title.

    Raises DataProblem where the user configured a path that does not hold the dataset: what was
    asked for by name is not silently replaced.
    """
    if dataset.name in settings.paths:
        return Search(_configured(dataset, settings.paths[dataset.name]), ())
    attempts: list[SourceProblem] = []
    found = _any_form(dataset, lambda file: cached(file, settings.cache), attempts)
    if found is None and dataset.other_cache is not None:
        own = dataset.other_cache()
        found = None if own is None else _own(own, "the copy another program keeps")
    for get in _sources(settings, reach):
        found = found or _any_form(dataset, get, attempts)
    return Search(found, tuple(attempts))


def _any_form(dataset: Dataset, get: GetFile, attempts: list[SourceProblem]) -> Found | None:
    """The first form whose files one source has all of; failures are added to `attempts`."""
    for form in dataset.forms:
        try:
            return _gather(form, get)
        except SourceProblem as problem:
            attempts.append(problem)
    return None


def _sources(settings: Settings, reach: Reach) -> list[GetFile]:
    """The mirrors in order, then the official source."""

    def from_official(file: KnownFile) -> tuple[Path, Origin]:
        if not file.urls:
            raise SourceProblem(f"official source: {file.name} has none")
        if settings.offline:
            raise SourceProblem("official source: not asked, data.offline is true")
        return fetch(file, file.urls, "official", settings.cache, reach.patience)

    mirrors = [_mirror(mirror, settings, reach) for mirror in settings.mirrors]
    return [*mirrors, from_official]


def _mirror(mirror: str, settings: Settings, reach: Reach) -> GetFile:
    def from_url(file: KnownFile) -> tuple[Path, Origin]:
        url = f"{mirror.rstrip('/')}/{file.name}"
        if settings.offline:
            raise SourceProblem(f"{public_address(url)}: not asked, data.offline is true")
        return fetch(file, (url,), "mirror", settings.cache, reach.patience)

    def from_folder(file: KnownFile) -> tuple[Path, Origin]:
        path = Path(mirror).expanduser() / file.name
        if not path.is_file():
            raise SourceProblem(f"mirror folder {mirror}: {file.name} is not there")
        verify(path, file, f"the mirror folder {mirror}")
        origin = Origin("mirror", f"mirror folder: {file.name}")
        return keep(path, file, origin, settings.cache) if reach.keep else (path, origin)

    return from_url if mirror.startswith(("http://", "https://")) else from_folder


def _gather(form: Form, get: GetFile) -> Found:
    files, origins = {}, []
    for file in form.files:
        files[file.name], origin = get(file)
        origins.append(origin)
    kind = max((origin.kind for origin in origins), key=_KINDS.index)
    hashes = {file.name: file.sha256 for file in form.files}
    source = _summary([origin.source for origin in origins])
    return Found(partial(form.convert, files), hashes, kind, source)


def _summary(sources: list[str]) -> str:
    """One phrase for the places of several files: each folder once, with its number of files."""
    if len(sources) == 1:
        return sources[0]
    folders = Counter(source.rpartition("/")[0] for source in sources)
    return "; ".join(f"{folder}/ ({count} files)" for folder, count in folders.items())


def _configured(dataset: Dataset, path: Path) -> Found:
    """The user's own copy at the configured path."""
    key = f"config key data.paths.{dataset.name}"
    if not path.exists():
        raise DataProblem(f"{key}: {path} does not exist; correct or remove the key")
    own = dataset.recognise(path) if dataset.recognise else _registered_form(dataset, path)
    if own is None:
        wanted = " or ".join(
            ", ".join(Path(file.name).name for file in form.files) for form in dataset.forms
        )
        raise DataProblem(f"{key}: {path} is no form of {dataset.name}; expected {wanted}")
    return _own(own, "your own copy")


def _own(own: Own, whose: str) -> Found:
    try:
        hashes = {path.name: sha256_of(path) for path in own.files}
    except OSError as error:
        raise DataProblem(f"{error.filename}: cannot be read ({error.strerror})") from error
    return Found(own.convert, hashes, "local", f"{whose}: {', '.join(hashes)}")


def _registered_form(dataset: Dataset, path: Path) -> Own | None:
    """A folder with all files of a form, or a file for a form of one file."""
    for form in dataset.forms:
        files = _matching(form, path)
        if files is not None:
            return Own(tuple(files.values()), partial(form.convert, files))
    return None


def _matching(form: Form, path: Path) -> dict[str, Path] | None:
    if path.is_file():
        return {form.files[0].name: path} if len(form.files) == 1 else None
    files = {}
    for file in form.files:
        places = (path / file.name, path / Path(file.name).name)
        present = [place for place in places if place.is_file()]
        if not present:
            return None
        files[file.name] = present[0]
    return files


def public_attempt(problem: SourceProblem, settings: Settings) -> str:
    """A failed attempt without this machine's folders, fit for a report."""
    attempt = str(problem)
    for mirror in settings.mirrors:
        if "://" in mirror:
            attempt = attempt.replace(mirror, public_address(mirror))
        attempt = attempt.replace(f"mirror folder {mirror}", "mirror folder")
    return attempt.replace(str(settings.cache), "(cache)")
