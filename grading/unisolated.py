"""The worker without a jail, for a machine that cannot build one and a person who accepts that.

What stays: a session, a folder and copies of its own, a cleared environment, the worker's limits
on address space, CPU time, open files and the size of one, and the judge's on time, output and
answers. Everything else is missing: the code has the rights of who runs the grader, can read and
write their files, this project's answers among them, and reaches the network. So every result is
stamped.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ADMITTED = ("worker.py", "protocol.py")  # copies, so that no other module of the grader lies beside


def start(
    submission_file: Path,
    site_packages: str,
    environment: dict[str, str],
    request_fd: int,
    answer_fd: int,
    printed_fd: int,
) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a worker on a copy of the submission.

    Returns the process, and the folder to remove after it.
    """
    folder = Path(tempfile.mkdtemp(prefix="grading-not-isolated-"))
    shutil.copytree(submission_file.parent, folder / "submission")
    (folder / "grader").mkdir()
    (folder / "scratch").mkdir()
    for name in ADMITTED:
        shutil.copy(HERE / name, folder / "grader" / name)
    scratch = str(folder / "scratch")
    file = folder / "submission" / submission_file.name
    process = subprocess.Popen(
        [
            *(os.path.realpath(sys.executable), "-P", "-s", "-S", "-B"),
            *(str(folder / "grader" / "worker.py"), str(file)),
            *(site_packages, str(request_fd), str(answer_fd), "0"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=printed_fd,
        stderr=printed_fd,
        pass_fds=(request_fd, answer_fd),
        env={**environment, "HOME": scratch, "TMPDIR": scratch},
        start_new_session=True,
    )
    return process, folder


def end(process: subprocess.Popen[bytes], folder: Path, seconds: float) -> None:
    """Kill the worker and all that descends from it, and remove its folder.

    What left its session is found too, since the worker adopts orphans; what first killed the
    worker is not.

    Raises:
        subprocess.TimeoutExpired: the worker does not die.
    """
    import psutil  # for which grading in a jail has not to wait

    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        worker = psutil.Process(process.pid)
        family = worker.children(recursive=True)
        for each in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        # Once more: a process that was killed may have started another meanwhile.
        family += worker.children(recursive=True)
    for each in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(seconds)
    shutil.rmtree(folder, ignore_errors=True)
