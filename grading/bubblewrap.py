"""The command line of a jail: what bubblewrap binds, unshares and drops.

The jail holds the interpreter, its libraries, site-packages, the worker and the frozen submission,
all read-only, and a scratch folder of fixed size; no network, no processes to see, no shell, no
environment, not root. Where the grader is root, bubblewrap sets the mounts up as root and `chroot`
then becomes a user id that nobody has: RLIMIT_NPROC does not bind root, and a chrooted process
cannot make itself a new user namespace (user_namespaces(7)), which is what `--disable-userns`
forbids everybody else.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

import numpy as np

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
# Where NumPy is, and all other packages beside it.
SITE_PACKAGES = str(Path(np.__path__[0]).parent)
# Beyond every range that Debian, systemd and container tools hand out, one per grading process.
FIRST_JAIL_UID = 0x70000000
WITHOUT_IT = (
    "say --not-isolated (make: NOT_ISOLATED=1): code that others wrote then runs with your rights, "
    "on your files and network, and every result is stamped 'not isolated'"
)


class GraderFault(RuntimeError):
    """The grader could not do its work; the submission is neither right nor wrong."""


class NoJail(GraderFault):
    """Bubblewrap is missing or not allowed to work on this machine."""


def bubblewrap() -> tuple[str, tuple[int, int]]:
    """Where bubblewrap is, and its version.

    Raises:
        NoJail: it is not installed.
    """
    path = shutil.which("bwrap")
    if path is None:
        raise NoJail(
            "bubblewrap is not installed, and submissions are never run without it; install it "
            f"(Debian and Ubuntu: apt-get install bubblewrap), or {WITHOUT_IT}"
        )
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None:
        raise NoJail(f"{path} --version printed {said.strip()!r}, which names no version")
    return path, (int(found[1]), int(found[2]))


def jail_command(
    submission_file: Path,
    processes: int,
    scratch_bytes: int,
    environment: dict[str, str],
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
    command = [path, *NAMESPACES, "--die-with-parent", "--new-session", "--clearenv"]
    for name, value in environment.items():
        command += ["--setenv", name, value]
    command += ["--info-fd", str(information_fd), "--seccomp", str(filter_fd)]
    command += _identity(as_root, version)
    command += _mounts(root, submission_file.parent, interpreter)
    command += _scratch(root, scratch_bytes, version)
    command += ["--remount-ro", "/", "--"]
    if as_root:
        uid = _jail_uid()
        command += [CHROOT, f"--userspec={uid}:{uid}", "--groups=", root]
    command += [interpreter, "-P", "-s", "-S", "-B", "/grader/worker.py"]
    command += [f"/submission/{submission_file.name}", "/site-packages"]
    return [*command, str(request_fd), str(answer_fd), str(processes)]


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


def _mounts(root: str, submission: Path, interpreter: str) -> list[str]:
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
        (SITE_PACKAGES, "/site-packages"),
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
