"""The jail around one submission, and the only way that anything comes out of it.

`grading.bubblewrap` says what is in it. It is killed as one PID namespace.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import selectors
import signal
import subprocess
from pathlib import Path
from typing import Literal, Self

from grading import protocol, unisolated
from grading.bubblewrap import SITE_PACKAGES, WITHOUT_IT, GraderFault, NoJail, jail_command
from grading.seccomp import UnknownMachine, filter_descriptor
from grading.usage import OwnTime

Ending = Literal[
    "answered", "ended early", "time limit", "whole time limit", "printed too much", "malformed"
]

START_SECONDS = 60.0
# Wall time for a second of the program's own: with a smaller part of a core than this, it is ended.
WALL_PER_SECOND = 4
END_SECONDS = 10.0
CHUNK = 65_536
# One thread: address space and process limits are counted per thread, and so is the machine's time.
ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
KEPT_PRINTED_BYTES = 4_096


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a jail may use, whatever the check; sizes in bytes.

    `processes` counts threads too, and the two or three that the jail itself needs.
    """

    processes: int = 6
    scratch_bytes: int = 16 * 2**20
    printed_bytes: int = 2**20
    answer_bytes: int = 4 * 2**20


@dataclasses.dataclass(frozen=True)
class Run:
    """What came out of one request: untrusted frames, how it ended, and what was printed.

    `started` says that the worker began with the student's code: where it did not, the student is
    not to blame. `loaded` says that the code was imported. `seconds` is the program's own time.
    """

    started: bool
    frames: tuple[protocol.Frame, ...]
    ending: Ending
    printed: bytes
    reason: str = ""  # what was malformed
    loaded: bool = False
    seconds: float = 0.0


class Jail:
    """One jail around one frozen submission; a context manager, reused until a run ends it.

    Not `isolated`, it is a worker outside of any jail (`grading.unisolated`), asked alike.
    """

    def __init__(self, submission_file: Path, limits: Limits, isolated: bool = True) -> None:
        self._limits = limits
        request_read, self._request = os.pipe()
        self._answer, answer_write = os.pipe()
        self._printed, printed_write = os.pipe()
        inside = (request_read, answer_write, printed_write)
        self._folder: Path | None = None
        self._first_process: int | None = None
        if isolated:
            self._start(submission_file, limits, *inside)
        else:
            self._process, self._folder = unisolated.start(
                submission_file, SITE_PACKAGES, ENVIRONMENT, *inside
            )
            self.first_pid = self._process.pid
        for descriptor in inside:
            os.close(descriptor)
        for ours in (self._request, self._answer, self._printed):
            os.set_blocking(ours, False)
        self.alive = True

    def _start(
        self, submission_file: Path, limits: Limits, request: int, answer: int, printed: int
    ) -> None:
        """Start bubblewrap with the worker in it."""
        try:
            filter_read = filter_descriptor()
        except UnknownMachine as error:
            raise NoJail(str(error)) from error
        told, told_write = os.pipe()
        passed = (request, answer, told_write, filter_read)
        self._process = subprocess.Popen(
            jail_command(
                submission_file, limits.processes, limits.scratch_bytes, ENVIRONMENT, *passed
            ),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            pass_fds=passed,
        )
        for descriptor in (told_write, filter_read):
            os.close(descriptor)
        with os.fdopen(told) as information:
            self.first_pid, self._first_process = _first_process(information.read())

    def __enter__(self) -> Self:
        """Wait until the worker says that it is ready, which it does before any student code.

        Raises:
            NoJail: it never said so; with what bubblewrap printed.
        """
        started = self._exchange(b"", START_SECONDS, last="ready")
        if started.ending != "answered":
            said = started.printed.decode(errors="replace").strip() or started.ending
            raise NoJail(
                f"the jail did not start: {said}. Grading needs bubblewrap and either root or "
                "unprivileged user namespaces (try: bwrap --unshare-all --ro-bind / / true); or "
                f"{WITHOUT_IT}"
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, request: bytes, seconds: float) -> Run:
        """Send one request and collect its frames until it is over or a limit is reached.

        `seconds` are of the program's own time (`grading.usage`).

        Whatever ends otherwise than "answered" has ended the jail too.

        Raises:
            GraderFault: this jail has ended already.
        """
        if not self.alive:
            raise GraderFault("a request was made to a jail that had ended")
        return self._exchange(request, seconds, last="ended")

    def warm(self, module: str) -> None:
        """Have the parent of all checks import an installed library, before any student code.

        Raises:
            GraderFault: it cannot be imported there.
        """
        request = protocol.encode({"import": module})
        warmed = self._exchange(request, START_SECONDS, last="ended")
        if warmed.ending != "answered":
            said = warmed.printed.decode(errors="replace").strip() or warmed.ending
            raise GraderFault(f"the jail could not import {module}: {said[-200:]}")

    def close(self) -> None:
        """Kill everything in the jail, and return when all of it is gone.

        The first process of a PID namespace takes all others with it, and ends after them.

        Raises:
            GraderFault: something in the jail does not die.
        """
        if not self.alive:
            return
        self.alive = False
        for descriptor in (self._request, self._answer, self._printed):
            os.close(descriptor)
        if self._first_process is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._first_process, signal.SIGKILL)
            os.close(self._first_process)
        try:
            if self._folder is not None:
                unisolated.end(self._process, self._folder, END_SECONDS)
            # Bubblewrap waits for the first process, and then ends by itself.
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            raise GraderFault(f"a jail was still there {END_SECONDS:g} s after its end") from error

    def _exchange(self, request: bytes, seconds: float, last: str) -> Run:
        exchange = _Exchange(self._request, self._answer, self._printed, self._limits, last)
        own_time = OwnTime(self.first_pid)
        ending, reason = exchange.until_over(request, own_time, seconds)
        used = own_time.stop()
        if ending != "answered":
            self.close()
        printed = bytes(exchange.printed[:KEPT_PRINTED_BYTES])
        started, frames = _without_first("started", tuple(exchange.frames))
        loaded, frames = _without_first("loaded", frames)
        return Run(started, frames, ending, printed, reason, loaded, used)


def _first_process(information: str) -> tuple[int, int | None]:
    """Id and descriptor of the jail's first process, as bubblewrap tells them with --info-fd."""
    try:
        pid = int(json.loads(information)["child-pid"])
        return pid, os.pidfd_open(pid)
    except (ValueError, ProcessLookupError):  # bubblewrap failed before, or has ended already
        return 0, None


def _without_first(
    outcome: str, frames: tuple[protocol.Frame, ...]
) -> tuple[bool, tuple[protocol.Frame, ...]]:
    """Whether the first frame is of that outcome, and the frames after it."""
    found = bool(frames) and frames[0][0].get("outcome") == outcome
    return found, frames[found:]


class _Exchange:
    """One request on its way in, its frames and its printed text on their way out."""

    def __init__(self, request: int, answer: int, printed: int, limits: Limits, last: str) -> None:
        self._request_fd, self._answer_fd, self._printed_fd = request, answer, printed
        self._reader = protocol.FrameReader(limits.answer_bytes)
        self._printed_room = limits.printed_bytes
        self._last = last
        self._unsent = memoryview(b"")
        self.frames: list[protocol.Frame] = []
        self.printed = bytearray()

    def until_over(self, request: bytes, own_time: OwnTime, seconds: float) -> tuple[Ending, str]:
        """Move bytes until the last frame, the end of the stream, or a limit."""
        self._unsent = memoryview(request)
        ending: Ending | None = None
        with selectors.DefaultSelector() as selector:
            selector.register(self._answer_fd, selectors.EVENT_READ, self._receive)
            selector.register(self._printed_fd, selectors.EVENT_READ, self._collect)
            if request:
                selector.register(self._request_fd, selectors.EVENT_WRITE, self._send)
            while ending is None:
                own_time.update()
                if own_time.used >= seconds or own_time.passed >= WALL_PER_SECOND * seconds:
                    return "time limit", ""
                for key, _ in selector.select(own_time.pause):
                    try:
                        ending = ending or key.data(selector)
                    except protocol.MalformedFrame as error:
                        return "malformed", str(error)
            return self._collect(selector) or ending, ""

    def _send(self, selector: selectors.BaseSelector) -> None:
        try:
            self._unsent = self._unsent[os.write(self._request_fd, self._unsent) :]
        except BrokenPipeError:
            self._unsent = memoryview(b"")  # the stream of answers will end by itself
        if not self._unsent:
            selector.unregister(self._request_fd)

    def _receive(self, _: selectors.BaseSelector) -> Ending | None:
        chunk = os.read(self._answer_fd, CHUNK)
        if not chunk:
            return "ended early"
        for frame in self._reader.feed(chunk):
            if frame[0].get("outcome") == self._last:
                return "answered"
            self.frames.append(frame)
        return None

    def _collect(self, selector: selectors.BaseSelector) -> Ending | None:
        """Keep the first of what was printed; past the limit the jail is over."""
        try:
            chunk = os.read(self._printed_fd, CHUNK)
        except BlockingIOError:
            return None
        if not chunk and self._printed_fd in selector.get_map():
            selector.unregister(self._printed_fd)
        self._printed_room -= len(chunk)
        if len(self.printed) < KEPT_PRINTED_BYTES:
            self.printed += chunk
        return "printed too much" if self._printed_room < 0 else None
