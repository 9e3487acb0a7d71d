"""Fetching one file over HTTP: time-outs, retries with back-off, resume, a progress bar.

Written on requests rather than pooch's downloader, which starts every attempt from nothing and
hides the response's status, so that a partial file cannot safely be continued with it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3
from tqdm import tqdm

from data.problems import SourceProblem

_BLOCK = 1 << 16
_SLOWEST = 1024  # bytes a second
_LARGEST = 1 << 30  # bytes; the largest known file has less than a third of it


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server, in seconds, and how often to ask again."""

    connect: float = 5.0
    read: float = 20.0
    attempts: int = 4
    pause: float = 0.5  # before the second attempt; doubles each time


class _Interrupted(Exception):
    """This attempt failed in a way that another attempt may not."""


def download(url: str, part: Path, patience: Patience) -> None:
    """Fetch `url` into the file `part`, continuing what is already there.

    On success `part` holds the whole body, not yet checked. Raises SourceProblem where the server
    cannot be reached or will not give the file; `part` then stays only if it can be continued.
    Raises OSError where `part` cannot be written.
    """
    reason = ""
    with requests.Session() as session:
        session.max_redirects = 5
        for attempt in range(patience.attempts):
            if attempt:
                time.sleep(patience.pause * 2 ** (attempt - 1))
            try:
                _attempt(session, url, part, patience)
                return
            except _Interrupted as error:
                reason = str(error)
    raise SourceProblem(
        f"{public_address(url)}: {reason}, {patience.attempts} times{_kept(part)}; try again later"
    )


def public_address(url: str) -> str:
    """The URL without user name, password, query or fragment: fit for a report."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, host + port, parts.path, "", ""))


def _attempt(session: requests.Session, url: str, part: Path, patience: Patience) -> None:
    have = part.stat().st_size if part.exists() else 0
    # Asking for no encoding keeps a .gz file as it is and byte positions meaningful.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    address = public_address(url)
    try:
        response = session.get(
            url, headers=headers, stream=True, timeout=(patience.connect, patience.read)
        )
    except requests.TooManyRedirects:
        raise SourceProblem(f"{address}: redirects without end; correct the address") from None
    except requests.ReadTimeout:
        raise _Interrupted(f"no answer within {patience.read:g} s") from None
    except requests.ConnectTimeout:
        raise SourceProblem(
            f"{address}: not reachable within {patience.connect:g} s; check the network"
        ) from None
    except requests.RequestException as error:
        raise SourceProblem(
            f"{address}: not reachable ({_cause(error)}); check the network and the address"
        ) from None
    with response:
        _check_status(response, address, part)
        continued = response.status_code == requests.codes.partial_content
        _receive(response, part, have if continued else 0, patience)


def _check_status(response: requests.Response, address: str, part: Path) -> None:
    status = response.status_code
    if status in (requests.codes.ok, requests.codes.partial_content):
        return
    named = f"status {status} ({response.reason})"
    if status == requests.codes.requested_range_not_satisfiable:
        part.unlink(missing_ok=True)
        raise _Interrupted(f"{named}: what was kept is not a part of this file")
    if status == requests.codes.too_many_requests or status >= 500:
        raise _Interrupted(named)
    raise SourceProblem(
        f"{address}: the server refuses with {named}; name another mirror or a file of your own"
    )


def _receive(response: requests.Response, part: Path, start: int, patience: Patience) -> None:
    announced = response.headers.get("Content-Length", "")
    total = start + int(announced) if announced.isdigit() else None
    bar = tqdm(
        desc=part.name.split(".part")[0],
        total=total,
        initial=start,
        unit="B",
        unit_scale=True,
        disable=None,  # silent where standard error is not a terminal
        file=sys.stderr,
    )
    with bar, part.open("r+b" if start else "wb") as file:
        file.seek(start)
        file.truncate()
        began = time.monotonic()
        try:
            # `read1` gives what has come; `iter_content` waits for a whole block, however slowly.
            while block := response.raw.read1(_BLOCK, decode_content=False):
                file.write(block)
                bar.update(len(block))
                _check_pace(file.tell() - start, time.monotonic() - began, patience)
                if file.tell() > _LARGEST:
                    raise SourceProblem(f"{part.name}: more than {_LARGEST} bytes came; given up")
        except urllib3.exceptions.HTTPError:
            raise _Interrupted(f"the connection ended at {file.tell()} of {total} bytes") from None


def _check_pace(received: int, seconds: float, patience: Patience) -> None:
    """A time-out for servers that send a little, for ever."""
    if seconds > patience.read and received < _SLOWEST * seconds:
        raise _Interrupted(f"only {received} bytes came in {seconds:.1f} s")


def _cause(error: requests.RequestException) -> str:
    """The innermost reason in a few words: requests wraps urllib3's error, which wraps another."""
    inner = error.args[0] if error.args else error
    inner = getattr(inner, "reason", inner)
    if isinstance(inner, urllib3.exceptions.NameResolutionError):
        return "its name cannot be resolved"
    return str(inner).rpartition(": ")[2] or type(inner).__name__


def _kept(part: Path) -> str:
    if not part.exists():
        return ""
    return f" ({part.stat().st_size} bytes are kept in {part.name} and will be continued)"
