"""A bucket, and a Kubernetes API that writes down the jobs it is given and runs none of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape


@dataclass
class Servers:
    """Where both listen, the bucket's objects, and the jobs that were posted."""

    address: str
    objects: dict[str, bytes] = field(default_factory=dict)
    jobs: list[dict] = field(default_factory=list)
    archive: bytes = b""  # of the sources, which Snakemake removes at its end


@contextmanager
def running_servers() -> Iterator[Servers]:
    """Both on one port of the loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    state = Servers(f"http://127.0.0.1:{server.server_port}")
    server.state = state  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    @property
    def _state(self) -> Servers:
        return self.server.state  # type: ignore[attr-defined]

    def _answer(self, status: int, body: bytes = b"", kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 00:00:00 GMT")
        self.send_header("ETag", '"x"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _key(self) -> str:
        return urlsplit(self.path).path.lstrip("/")

    def do_POST(self) -> None:
        given = json.loads(self._body())
        if self._key().endswith("/jobs"):
            self._state.jobs.append(given)
        self._answer(201, json.dumps(given).encode())

    def do_GET(self) -> None:
        key = self._key()
        if key.startswith("apis/"):  # a job's state: it has failed
            self._answer(200, b'{"status": {"failed": 1}}')
        elif key.startswith("api/"):  # its pods: none
            self._answer(200, b'{"items": []}')
        elif key in self._state.objects:
            self._answer(200, self._state.objects[key], "application/octet-stream")
        elif "/" not in key:
            self._answer(200, self._listing(key), "application/xml")
        else:
            self._answer(404)

    def _listing(self, bucket: str) -> bytes:
        prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
        keys = [key.removeprefix(f"{bucket}/") for key in self._state.objects]
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>1</Size><ETag>x</ETag>"
            "<LastModified>2026-11-21T00:00:00.000Z</LastModified></Contents>"
            for key in keys
            if key.startswith(prefix)
        )
        return (
            f"<ListBucketResult><Name>{bucket}</Name><IsTruncated>false</IsTruncated>"
            f"{contents}</ListBucketResult>"
        ).encode()

    def do_HEAD(self) -> None:
        key = self._key()
        self._answer(200 if "/" not in key or key in self._state.objects else 404)

    def do_PUT(self) -> None:
        body = self._state.objects[self._key()] = self._body()
        if self._key().endswith(".tar.xz"):
            self._state.archive = body
        self._answer(200)

    def do_DELETE(self) -> None:
        self._state.objects.pop(self._key(), None)
        if self._key().startswith(("api/", "apis/")):
            self._answer(200, b"{}")
        else:
            self._answer(204)
