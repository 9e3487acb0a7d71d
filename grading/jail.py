"""The jail: bubblewrap around one submission, and the only way that anything comes out of it.

The jail holds the interpreter, its libraries, site-packages, the worker and the frozen submission,
all read-only, and a scratch folder of fixed size; no network, no processes to see, no shell, no
environment, not root. It is killed as one PID namespace. Where the grader is root, bubblewrap sets
the mounts up as root and `chroot` then becomes a user id that nobody has: RLIMIT_NPROC does not
bind root, and a chrooted process cannot make itself a new user namespace (user_namespaces(7)),
which is what `--disable-userns` forbids everybody else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath
from typing import Literal, Self

from grading import protocol
from grading.seccomp import UnknownMachine, filter_descriptor

Ending = Literal["answered", "ended early", "time limit", "printed too much", "malformed"]

START_SECONDS = 60.0
END_SECONDS = 10.0
CHUNK = 65_536
CHROOT = "/usr/sbin/chroot"  # of coreutils, which Debian and Ubuntu always have
NAMESPACES = (
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--hostname",
    "jail",
)
# One thread: address space and process limits are counted per thread, and so is the machine's time.
ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
# Beyond every range that Debian, systemd and container tools hand out, one per grading process.
FIRST_JAIL_UID = 0x70000000
KEPT_PRINTED_BYTES = 4_096


class GraderFault(RuntimeError):
    """The grader could not do its work; the submission is neither right nor wrong."""


class NoJail(GraderFault):
    """Bubblewrap is missing or not allowed to work on this machine."""


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
    not to blame.
    """

    started: bool
    frames: tuple[protocol.Frame, ...]
    ending: Ending
    printed: bytes
    reason: str = ""  # what was malformed


class Jail:
    """One jail around one frozen submission; a context manager, reused until a run ends it."""

    def __init__(self, submission_file: Path, limits: Limits) -> None:
        self._limits = limits
        try:
            filter_read = filter_descriptor()
        except UnknownMachine as error:
            raise NoJail(str(error)) from error
        request_read, self._request = os.pipe()
        self._answer, answer_write = os.pipe()
        self._printed, printed_write = os.pipe()
        told, told_write = os.pipe()
        passed = (request_read, answer_write, told_write, filter_read)
        self._process = subprocess.Popen(
            jail_command(submission_file, limits, *passed),
            stdin=subprocess.DEVNULL,
            stdout=printed_write,
            stderr=printed_write,
            pass_fds=passed,
        )
        for inside in (*passed, printed_write):
            os.close(inside)
        with os.fdopen(told) as information:
            self.first_pid, self._first_process = _first_process(information.read())
        for ours in (self._request, self._answer, self._printed):
            os.set_blocking(ours, False)
        self.alive = True

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
                "unprivileged user namespaces; try: bwrap --unshare-all --ro-bind / / true"
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, request: bytes, wall_seconds: float) -> Run:
        """Send one request and collect its frames until it is over or a limit is reached.

        Whatever ends otherwise than "answered" has ended the jail too.

        Raises:
            GraderFault: this jail has ended already.
        """
        if not self.alive:
            raise GraderFault("a request was made to a jail that had ended")
        return self._exchange(request, wall_seconds, last="ended")

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
            # Bubblewrap waits for the first process, and then ends by itself.
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            raise GraderFault(f"a jail was still there {END_SECONDS:g} s after its end") from error

    def _exchange(self, request: bytes, seconds: float, last: str) -> Run:
        exchange = _Exchange(self._request, self._answer, self._printed, self._limits, last)
        ending, reason = exchange.until_over(request, time.monotonic() + seconds)
        if ending != "answered":
            self.close()
        started = bool(exchange.frames) and exchange.frames[0][0].get("outcome") == "started"
        frames, printed = tuple(exchange.frames[1:]), bytes(exchange.printed[:KEPT_PRINTED_BYTES])
        return Run(started, frames, ending, printed, reason)


def _first_process(information: str) -> tuple[int, int | None]:
    """Id and descriptor of the jail's first process, as bubblewrap tells them with --info-fd."""
    try:
        pid = int(json.loads(information)["child-pid"])
        return pid, os.pidfd_open(pid)
    except (ValueError, ProcessLookupError):  # bubblewrap failed before, or has ended already
        return 0, None


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

    def until_over(self, request: bytes, deadline: float) -> tuple[Ending, str]:
        """Move bytes until the last frame, the end of the stream, a limit or the deadline."""
        self._unsent = memoryview(request)
        ending: Ending | None = None
        with selectors.DefaultSelector() as selector:
            selector.register(self._answer_fd, selectors.EVENT_READ, self._receive)
            selector.register(self._printed_fd, selectors.EVENT_READ, self._collect)
            if request:
                selector.register(self._request_fd, selectors.EVENT_WRITE, self._send)
            while ending is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    return "time limit", ""
                for key, _ in selector.select(left):
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


def bubblewrap() -> tuple[str, tuple[int, int]]:
    """Where bubblewrap is, and its version.

    Raises:
        NoJail: it is not installed.
    """
    path = shutil.which("bwrap")
    if path is None:
        raise NoJail(
            "bubblewrap is not installed, and submissions are never run without it; "
            "install it (Debian and Ubuntu: apt-get install bubblewrap)"
        )
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None:
        raise NoJail(f"{path} --version printed {said.strip()!r}, which names no version")
    return path, (int(found[1]), int(found[2]))


def jail_command(
    submission_file: Path,
    limits: Limits,
    request_fd: int,
    answer_fd: int,
    information_fd: int,
    filter_fd: int,
) -> list[str]:
    """The whole command line of a jail; the worker uses the first two file descriptors only."""
    path, version = bubblewrap()
    as_root = os.geteuid() == 0
    root = "/jail" if as_root else ""
    interpreter = os.path.realpath(sys.executable)
    site_packages = str(Path(protocol.np.__file__).parents[1])
    command = [path, *NAMESPACES, "--die-with-parent", "--new-session", "--clearenv"]
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    command += ["--info-fd", str(information_fd), "--seccomp", str(filter_fd)]
    command += _identity(as_root, version)
    command += _mounts(root, submission_file.parent, interpreter, site_packages)
    command += _scratch(root, limits.scratch_bytes, version)
    command += ["--remount-ro", "/", "--"]
    if as_root:
        uid = _jail_uid()
        command += [CHROOT, f"--userspec={uid}:{uid}", "--groups=", root]
    command += [interpreter, "-P", "-s", "-S", "-B", "/grader/worker.py"]
    command += [f"/submission/{submission_file.name}", "/site-packages"]
    return [*command, str(request_fd), str(answer_fd), str(limits.processes)]


def _identity(as_root: bool, version: tuple[int, int]) -> list[str]:
    """Become nobody in particular, and stay unable to become anybody else."""
    if not as_root:
        nobody = ["--unshare-user", "--uid", "65534", "--gid", "65534"]
        return [*nobody, "--disable-userns"] if version >= (0, 8) else nobody
    # Only what the chroot command needs, and lost with the user id; its own files are in /usr.
    kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_CHROOT")
    capabilities = [word for name in kept for word in ("--cap-add", name)]
    return ["--cap-drop", "ALL", *capabilities, "--ro-bind", "/usr", "/usr", *_libraries("")]


def _jail_uid() -> int:
    """A user id that nobody has, so that no other program counts against its process limit."""
    first, _, count = Path("/proc/self/uid_map").read_text().splitlines()[0].split()
    wanted = FIRST_JAIL_UID + os.getpid()
    return wanted if int(first) <= wanted < int(first) + int(count) else 65534


def _libraries(root: str) -> list[str]:
    """The system's /lib* as it is on this machine: links into /usr, or folders of their own."""
    arguments: list[str] = []
    for name in ("/lib", "/lib64"):
        if Path(name).is_symlink():
            arguments += ["--symlink", str(Path(name).readlink()), root + name]
        elif Path(name).is_dir():
            arguments += ["--ro-bind", name, root + name]
    return arguments


def _mounts(root: str, submission: Path, interpreter: str, site_packages: str) -> list[str]:
    """Everything that can be read in the jail, all of it read-only."""
    here = Path(__file__).parent
    system_python = sys.base_prefix == "/usr"  # its library is in /usr/lib; /usr/bin stays outside
    python = interpreter if system_python else sys.base_prefix
    bound = [
        ("/usr/lib", "/usr/lib"),
        ("/usr/lib64", "/usr/lib64"),
        ("/etc/ld.so.cache", "/etc/ld.so.cache"),
        ("/proc/cpuinfo", "/proc/cpuinfo"),  # by which torch chooses its kernels
        (python, python),
        (site_packages, "/site-packages"),
        (str(here / "worker.py"), "/grader/worker.py"),
        (str(here / "protocol.py"), "/grader/protocol.py"),
        (str(submission), "/submission"),
    ]
    arguments: list[str] = []
    made = {"/"}
    for source, inside in bound:
        if not Path(source).exists():
            continue
        # Parents that bubblewrap makes by itself can be entered by root alone.
        for parent in reversed(PurePosixPath(root + inside).parents):
            if str(parent) not in made:
                made.add(str(parent))
                arguments += ["--dir", str(parent)]
        arguments += ["--ro-bind", source, root + inside]
    return arguments + _libraries(root)


def _scratch(root: str, size: int, version: tuple[int, int]) -> list[str]:
    """The devices that a program may expect, and the one folder that can be written to."""
    devices = ["--dev", f"{root}/dev", "--remount-ro", f"{root}/dev"]
    if version < (0, 7):
        return devices  # it cannot bound a tmpfs, so there is nowhere to write
    return [*devices, "--perms", "1777", "--size", str(size), "--tmpfs", f"{root}/tmp"]
