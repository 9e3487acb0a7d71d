"""A real local HTTP server that misbehaves on request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """A local HTTP server: what it answers by path, and the requests it saw."""

    address: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)  # path, Range header

    def serve(self, path: str, *answers: Answer) -> str:
        """Give these answers in turn, the last one for ever; returns the URL."""
        self.answers[path] = list(answers)
        return self.address + path


@contextmanager
def running_server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append((self.path, self.headers.get("Range")))
            answers = state.answers.get(self.path, [status(404)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            answer(self)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    state.address = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def body(content: bytes, *, upto: float = 1.0, announced: bool = True, kind: str = "x/y") -> Answer:
    """Send that share of the content; a Range request is honoured."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        request.send_response(206 if asked else 200)
        request.send_header("Content-Type", kind)
        if asked:
            span = f"bytes {start}-{len(content) - 1}/{len(content)}"
            request.send_header("Content-Range", span)
        if announced:
            request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        request.wfile.write(content[start : int(len(content) * upto)])

    return answer


def in_chunks(content: bytes, *, upto: float = 1.0) -> Answer:
    """Send the content in chunks, without a length; the last one only if all was sent."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.protocol_version = "HTTP/1.1"
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for start in range(0, int(len(content) * upto), 10_000):
            chunk = content[start : start + 10_000]
            request.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        if upto == 1:
            request.wfile.write(b"0\r\n\r\n")
        request.close_connection = True

    return answer


def trickle(pause: float) -> Answer:
    """Announce a megabyte and send a byte at a time."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(1 << 20))
        request.end_headers()
        with suppress(OSError):  # the client hangs up
            while True:
                request.wfile.write(b".")
                time.sleep(pause)

    return answer


def status(code: int) -> Answer:
    return lambda request: request.send_error(code)


def redirect(to: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", to)
        request.end_headers()

    return answer


def silence(seconds: float) -> Answer:
    return lambda _: time.sleep(seconds)
