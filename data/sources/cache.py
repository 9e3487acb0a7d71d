"""The cache: verified copies of known files, each with a note of where it came from."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from data.problems import SourceProblem, WrongHash, explain_write_error
from data.registry import KnownFile
from data.sources.download import Patience, download, public_address
from data.sources.hashing import sha256_of

_REMEDY = "set REGRAD_CACHE to a folder that can be written"


@dataclass(frozen=True)
class Origin:
    """Where a file came from: official, mirror or local, and its public address."""

    kind: str
    source: str


def cached(file: KnownFile, cache: Path) -> tuple[Path, Origin]:
    """The verified cached copy and its origin; SourceProblem where absent, WrongHash where bad."""
    path = cache / file.name
    if not path.is_file():
        raise SourceProblem(f"cache: {file.name} is not there")
    verify(path, file, "the cache")
    return path, _read_origin(path)


def verify(path: Path, file: KnownFile, place: str) -> None:
    """Raise WrongHash unless the file has the registered content."""
    found = sha256_of(path)
    if found != file.sha256:
        raise WrongHash(
            f"{file.name} from {place} has SHA-256 {found}, expected {file.sha256}: not used. "
            "Delete or replace that copy."
        )


def fetch(
    file: KnownFile, urls: Sequence[str], kind: str, cache: Path, patience: Patience
) -> tuple[Path, Origin]:
    """Download the file from the first address that gives its registered content.

    Two processes that want the same file share one download. The copy appears in the cache
    complete and verified, by one rename. Raises SourceProblem listing why each address failed.
    """
    path = cache / file.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path):
            with suppress(SourceProblem):
                return cached(file, cache)  # another process may have fetched it meanwhile
            return _fetch_locked(file, urls, kind, path, patience)
    except OSError as error:
        raise explain_write_error(error, cache, _REMEDY) from error


def keep(path: Path, file: KnownFile, origin: Origin, cache: Path) -> tuple[Path, Origin]:
    """Copy a verified file from elsewhere into the cache, by one rename.

    Raises DataProblem, with what to do, where the cache cannot be written to.
    """
    target = cache / file.name
    draft = target.with_name(f"{target.name}.copy-{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target):
            with suppress(SourceProblem):
                return cached(file, cache)  # another process may have copied it meanwhile
            shutil.copyfile(path, draft)
            _write_origin(target, origin)
            draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise explain_write_error(error, cache, _REMEDY) from error
    return target, origin


def _fetch_locked(
    file: KnownFile, urls: Sequence[str], kind: str, path: Path, patience: Patience
) -> tuple[Path, Origin]:
    failures: list[SourceProblem] = []
    for url in urls:
        # The hash in the name keeps parts of different versions of a file apart.
        part = path.with_name(f"{path.name}.part-{file.sha256[:8]}")
        origin = Origin(kind, public_address(url))
        try:
            _download_verified(file, url, part, patience)
        except SourceProblem as problem:
            failures.append(problem)
            continue
        except OSError:
            part.unlink(missing_ok=True)
            raise
        _write_origin(path, origin)
        part.replace(path)
        return path, origin
    wrong = any(isinstance(failure, WrongHash) for failure in failures)
    raise (WrongHash if wrong else SourceProblem)("; ".join(map(str, failures)))


def _download_verified(file: KnownFile, url: str, part: Path, patience: Patience) -> None:
    continued = part.exists()
    download(url, part, patience)
    try:
        verify(part, file, public_address(url))
    except WrongHash:
        page = _looks_like_a_page(part)
        part.unlink()
        if continued:  # the kept part may have been the bad one: once more, from nothing
            _download_verified(file, url, part, patience)
        elif page:
            raise SourceProblem(
                f"{public_address(url)}: gave a web page instead of {file.name}; "
                "a login or error page stands in the way, name another mirror"
            ) from None
        else:
            raise


def _looks_like_a_page(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(512).lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _origin_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.origin.json")


def _write_origin(path: Path, origin: Origin) -> None:
    draft = _origin_file(path).with_suffix(f".draft-{os.getpid()}")
    draft.write_text(json.dumps(asdict(origin)) + "\n", encoding="utf-8")
    draft.replace(_origin_file(path))


def _read_origin(path: Path) -> Origin:
    try:
        record = json.loads(_origin_file(path).read_text(encoding="utf-8"))
        return Origin(record["kind"], record["source"])
    except (OSError, ValueError, KeyError, TypeError):
        # Put there by hand: its content is verified, its way here is not known.
        return Origin("local", f"{path.name}, found in the cache")
