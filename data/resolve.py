"""Finding a dataset: configured path, cache, mirrors in order, official source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data.cache import Origin, cached, fetch, verify
from data.download import Patience, public_address
from data.hashing import sha256_of
from data.problems import DataProblem, SourceProblem
from data.registry import Dataset, Form, KnownFile
from data.settings import Settings

_KINDS = ("official", "mirror", "local")  # from the most to the least authoritative

GetFile = Callable[[KnownFile], tuple[Path, Origin]]


@dataclass(frozen=True)
class Found:
    """A dataset's files, in one form, and where they came from."""

    form: Form
    files: dict[str, Path]
    sha256: dict[str, str]
    kind: str
    source: str


@dataclass(frozen=True)
class Search:
    """What a search found (None: nothing was reachable), and each failed attempt in words."""

    found: Found | None
    attempts: tuple[str, ...]


def resolve(
    dataset: Dataset,
    settings: Settings,
    *,
    official: bool = True,
    patience: Patience = Patience(),  # noqa: B008 (frozen)
) -> Search:
    """Look for the dataset in the order of the module's title; without the last if not `official`.

    Raises DataProblem where the user configured a path that does not hold the dataset: what was
    asked for by name is not silently replaced.
    """
    if dataset.name in settings.paths:
        return Search(_local(dataset, settings.paths[dataset.name]), ())
    attempts: list[str] = []
    for get in _sources(settings, patience, official):
        for form in dataset.forms:
            try:
                return Search(_gather(form, get), tuple(attempts))
            except SourceProblem as problem:
                attempts.append(str(problem))
    return Search(None, tuple(attempts))


def _sources(settings: Settings, patience: Patience, official: bool) -> list[GetFile]:
    def from_cache(file: KnownFile) -> tuple[Path, Origin]:
        return cached(file, settings.cache)

    def from_official(file: KnownFile) -> tuple[Path, Origin]:
        if not file.urls:
            raise SourceProblem(f"official source: {file.name} has none")
        return fetch(file, file.urls, "official", settings.cache, patience)

    mirrors = [_mirror(mirror, settings, patience) for mirror in settings.mirrors]
    return [from_cache, *mirrors, *([from_official] if official else [])]


def _mirror(mirror: str, settings: Settings, patience: Patience) -> GetFile:
    def from_url(file: KnownFile) -> tuple[Path, Origin]:
        url = f"{mirror.rstrip('/')}/{file.name}"
        return fetch(file, (url,), "mirror", settings.cache, patience)

    def from_folder(file: KnownFile) -> tuple[Path, Origin]:
        path = Path(mirror).expanduser() / file.name
        if not path.is_file():
            raise SourceProblem(f"mirror folder {mirror}: {file.name} is not there")
        verify(path, file, f"the mirror folder {mirror}")
        return path, Origin("mirror", f"mirror folder: {file.name}")

    return from_url if mirror.startswith(("http://", "https://")) else from_folder


def _gather(form: Form, get: GetFile) -> Found:
    files, origins = {}, []
    for file in form.files:
        files[file.name], origin = get(file)
        origins.append(origin)
    kind = max((origin.kind for origin in origins), key=_KINDS.index)
    hashes = {file.name: file.sha256 for file in form.files}
    return Found(form, files, hashes, kind, _summary([origin.source for origin in origins]))


def _summary(sources: list[str]) -> str:
    """One phrase for the places of several files: each folder once, with its number of files."""
    if len(sources) == 1:
        return sources[0]
    folders = Counter(source.rpartition("/")[0] for source in sources)
    return "; ".join(f"{folder}/ ({count} files)" for folder, count in folders.items())


def _local(dataset: Dataset, path: Path) -> Found:
    """The user's own copy: a folder with all files of a form, or the file of a one-file form."""
    if not path.exists():
        raise DataProblem(
            f"config key data.paths.{dataset.name}: {path} does not exist; "
            "correct or remove the key"
        )
    for form in dataset.forms:
        files = _matching(form, path)
        if files is not None:
            hashes = {name: sha256_of(file) for name, file in files.items()}
            names = ", ".join(file.name for file in files.values())
            return Found(form, files, hashes, "local", f"your own copy, {names}")
    wanted = " or ".join(
        " with ".join(Path(file.name).name for file in form.files) for form in dataset.forms
    )
    raise DataProblem(
        f"config key data.paths.{dataset.name}: {path} holds no form of {dataset.name}; "
        f"expected {wanted}"
    )


def _matching(form: Form, path: Path) -> dict[str, Path] | None:
    if path.is_file():
        known = form.files[0].name
        matches = len(form.files) == 1 and path.suffix == Path(known).suffix
        return {known: path} if matches else None
    files = {}
    for file in form.files:
        places = (path / file.name, path / Path(file.name).name)
        present = [place for place in places if place.is_file()]
        if not present:
            return None
        files[file.name] = present[0]
    return files


def public_attempt(attempt: str, settings: Settings) -> str:
    """An attempt without this machine's folders, fit for a report."""
    for mirror in settings.mirrors:
        shown = public_address(mirror) if "://" in mirror else "(folder)"
        attempt = attempt.replace(mirror, shown)
    return attempt.replace(str(settings.cache), "(cache)")
