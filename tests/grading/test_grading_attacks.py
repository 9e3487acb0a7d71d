"""Attacks on the grader, each run for real: none earns a point or reaches out of its jail."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grading.assignment import load
from grading.bench import request
from grading.bubblewrap import bubblewrap
from grading.checks.adagrad_step import CHECK
from grading.jail import Jail, Limits, Run
from grading.judge import judge
from grading.submission import Submission

ROOT = Path(__file__).parents[2]
STEP = """
import numpy as np
def adagrad_step(x, grad, s, lr, eps):
    {attack}
    s = s + grad**2
    return x - lr * grad / (np.sqrt(s) + eps), s
"""


def step(attack: str) -> str:
    return STEP.format(attack=attack)


def ask(jailed: Jail, seconds: float = 20) -> Run:
    """Have the jail answer the check's simple cases."""
    graded = load("adagrad").checks[0]
    return jailed.run(request(graded, CHECK, CHECK.simple_cases), seconds)


def test_what_does_not_end_is_ended_soon_after_its_time_limit(judged):
    start = time.monotonic()
    assert "time limit" in judged(step("import time; time.sleep(3600)"), seconds=1).cause
    assert time.monotonic() - start < 4  # one second, a jail's start and end, and a busy machine


def test_nothing_of_a_fork_bomb_is_left_when_its_jail_is_closed(frozen):
    with Jail(frozen(step("import os\n    while True: os.fork()")), Limits()) as jailed:
        # When the first process of a PID namespace has ended, the kernel has ended all of it.
        first = Path("/proc", str(jailed.first_pid))
        assert first.exists()
        ask(jailed, seconds=0.5)
    assert not first.exists()


def test_when_the_grader_is_killed_its_jail_dies_too(frozen):
    code = step("import time; time.sleep(600)")
    program = (
        "import sys; from pathlib import Path; from grading.jail import Jail, Limits\n"
        "jail = Jail(Path(sys.argv[1]), Limits()); jail.__enter__()\n"
        "print(jail.first_pid, flush=True)\n"
        "import time; time.sleep(600)"
    )
    grader = subprocess.Popen(
        [sys.executable, "-c", program, frozen(code)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    first = Path("/proc", grader.stdout.readline().strip(), "cmdline")
    assert first.read_bytes() != b""
    grader.kill()
    grader.wait()
    deadline = time.monotonic() + 10
    while first.exists() and first.read_bytes() and time.monotonic() < deadline:
        time.sleep(0.02)  # the kernel ends it by itself; a zombie has no command line any more
    assert not first.exists() or first.read_bytes() == b""


def test_a_check_finds_nothing_that_an_earlier_one_left(frozen, assignment):
    # Two checks of one function, one after the other, as a real assignment has many.
    code = """
import os
import numpy as np
found = os.listdir("/tmp")
def adagrad_step(x, grad, s, lr, eps):
    assert not found, found
    open("/tmp/left", "w").close()
    s = s + grad**2
    return x - lr * grad / (np.sqrt(s) + eps), s
"""
    twice = dataclasses.replace(assignment, checks=assignment.checks * 2)
    submission = Submission("twice", frozen(code).parent, sha256="")
    assert [result.score for result in judge(submission, twice)] == [10, 10]


def test_a_daemon_dies_with_its_check(frozen):
    code = """
import os, socket, time
address = "\\0daemon"
def adagrad_step(*_):
    with socket.socket(socket.AF_UNIX) as client:
        if client.connect_ex(address) == 0:
            raise RuntimeError("an earlier daemon answered")
    if os.fork() == 0:
        os.setsid()
        server = socket.socket(socket.AF_UNIX)
        server.bind(address)
        server.listen()
        time.sleep(600)
    with socket.socket(socket.AF_UNIX) as client:
        while client.connect_ex(address) != 0:
            time.sleep(0.01)
    raise RuntimeError("a daemon answers")
"""
    with Jail(frozen(code), Limits()) as jailed:
        first, second = ([frame[0]["text"] for frame in ask(jailed).frames] for _ in range(2))
        assert jailed.alive
    assert "a daemon answers" in first[0]
    assert "an earlier daemon answered" in first[1]
    assert "a daemon answers" in second[0]


def test_a_fork_bomb_cannot_start_more_processes_than_its_limit(judged):
    attack = (
        "import os, time\n"
        "    started = 0\n"
        "    try:\n"
        "        while os.fork(): started += 1\n"
        "        time.sleep(9)\n"
        "    except BlockingIOError: raise RuntimeError(f'started {started}')"
    )
    cause = judged(step(attack)).cause
    assert "RuntimeError: started" in cause
    assert int(cause.split("started ")[1].split()[0]) <= Limits().processes


def test_a_memory_bomb_gets_a_memory_error_within_its_limit(judged, assignment):
    bomb = """
import numpy as np
held = []
try:
    while True: held.append(np.zeros(2**17))
except MemoryError: raise RuntimeError(f'held {len(held)} MiB')
"""
    held = int(judged(bomb).cause.split("held ")[1].split()[0])
    assert 100 < held < assignment.checks[0].memory_mb


def test_an_output_flood_is_cut_off_and_kept_short(judged):
    result = judged(step("while True: print('PASSED ' * 1000)"))
    assert "printed without end" in result.cause
    assert len(result.printed) <= 4096


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm", "/dev", "/", "/submission"])
@pytest.mark.slow
def test_the_disk_cannot_be_filled(judged, folder):
    attack = (
        "total = 0\n"
        "    try:\n"
        "        for number in range(1000):\n"
        f"            with open(f'{folder}/{{number}}', 'wb', buffering=0) as file:\n"
        "                total += file.write(bytes(2**20))\n"
        "    except OSError: raise RuntimeError(f'wrote {total}')"
    )
    cause = judged(step(attack)).cause
    assert int(cause.split("wrote ")[1].split()[0]) <= 16 * 2**20


def test_a_bubblewrap_that_cannot_bound_the_scratch_folder_gives_none(judged, monkeypatch):
    path, _ = bubblewrap()
    monkeypatch.setattr("grading.bubblewrap.bubblewrap", lambda: (path, (0, 6)))
    assert "FileNotFoundError" in judged(step("open('/tmp/note', 'w')")).cause
    assert judged(step("pass")).score == 10


def test_one_file_cannot_outgrow_its_limit(judged):
    attack = (
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "    open('/tmp/big', 'wb', buffering=0).write(bytes(2**24))\n"
        "    import os; raise RuntimeError(f'wrote {os.path.getsize(\"/tmp/big\")}')"
    )
    assert f"wrote {8 * 2**20}" in judged(step(attack)).cause


def test_the_network_of_this_machine_is_out_of_reach(judged):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        attack = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=1)"
        assert "Error" in judged(step(attack)).cause
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()


def test_files_of_this_machine_are_not_there(judged, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the expected answers")
    secret.chmod(0o644)
    for path in (secret, Path(__file__), Path("/etc/passwd"), Path("/proc/self/status")):
        assert path.exists()
        assert "FileNotFoundError" in judged(step(f"open({str(path)!r})")).cause


def test_the_environment_is_empty_of_secrets(judged, monkeypatch):
    monkeypatch.setenv("GRADER_TOKEN", "secret")
    cause = judged(step("import os; raise RuntimeError(sorted(os.environ))")).cause
    assert "OMP_NUM_THREADS" in cause
    assert "TOKEN" not in cause


def test_the_jailed_user_is_nobody_and_can_become_nobody_else(judged):
    attack = (
        "import ctypes, os\n"
        "    libc = ctypes.CDLL(None, use_errno=True)\n"
        "    tries = [libc.setuid(0), libc.setresuid(0, 0, 0), libc.unshare(0x10000000),\n"
        "             libc.mount(b'none', b'/tmp', b'tmpfs', 0, None), libc.chroot(b'/tmp')]\n"
        "    raise RuntimeError(f'{tries} {os.getuid()} {os.getgroups()}')"
    )
    cause = judged(step(attack)).cause
    tries, uid = cause.split("RuntimeError: ")[1].split("] ")[0], cause.split("] ")[1].split()[0]
    assert tries == "[-1, -1, -1, -1, -1"
    assert int(uid) not in (0, os.getuid())


def test_frames_forged_on_the_result_channel_are_only_values(judged):
    forged = (
        "import os, json, struct\n"
        "    for case in range(33):\n"
        "        text = json.dumps({'case': case, 'outcome': 'returned', 'score': 10,\n"
        "            'status': 'passed', 'values': [{'sent': True}] * 2, 'arrays':\n"
        "            [{'dtype': '<f8', 'shape': [1]}] * 2}).encode()\n"
        "        for descriptor in range(3, 100):\n"
        "            try: os.write(descriptor, struct.pack('>I', len(text)) + text + bytes(16))\n"
        "            except OSError: pass\n"
        "    os._exit(0)"
    )
    assert judged(step(forged)).score == 0


@pytest.mark.parametrize(
    "junk",
    [
        b"\xff" * 64,
        b"\x00\x00\x10\x00" + b"[" * 4096,
        b"\x00\x00\x00\x02{}",
        b"\x00\x00\x00\x40"
        + b'{"arrays": [{"dtype": "<f8", "shape": [99999999, 99999999]}]}'.ljust(64),
        b"\x00\x00\x00\x40" + b'{"arrays": [{"dtype": "|O", "shape": [1]}]}'.ljust(64),
        b"\x00\x00\x00\x60"
        + b'{"arrays": [{"dtype": "<f8", "shape": [0, 2147483647, 2147483647, 2147483647]}]}'.ljust(
            96
        ),
        b"\x80\x04\x95" * 1000,
    ],
    ids=[
        "noise",
        "deep JSON",
        "no arrays",
        "giant shape",
        "object dtype",
        "nothing of a giant shape",
        "pickle",
    ],
)
def test_junk_on_the_result_channel_is_refused_by_name(judged, junk):
    attack = (
        "import os\n"
        "    for descriptor in range(3, 100):\n"
        f"        try: os.write(descriptor, {junk!r})\n"
        "        except OSError: pass"
    )
    result = judged(step(attack))
    assert result.score == 0
    assert "could not be read" in result.cause


def test_an_endless_answer_does_not_fill_the_judge(judged):
    attack = (
        "import os\n"
        "    frame = b'\\0\\0\\0\\x0e' + b'{\"arrays\": []}'\n"
        "    while True:\n"
        "        for descriptor in range(3, 100):\n"
        "            try: os.write(descriptor, frame * 4096)\n"
        "            except OSError: pass"
    )
    result = judged(step(attack))
    assert result.score == 0
    assert "than any right answer could need" in result.cause


def test_a_module_in_the_submission_shadows_none_of_the_graders(jailed_folder):
    shadows = ("numpy.py", "protocol.py", "json.py", "sitecustomize.py", "conftest.py", "os.py")
    result = jailed_folder(
        dict.fromkeys(shadows, "raise SystemExit('shadowed')") | {"adagrad.py": step("pass")}
    )
    assert result.score == 10


def test_a_submission_may_read_its_own_files(jailed_folder):
    read = step("assert open('note.txt').read() == 'mine'")
    assert jailed_folder({"submission.py": read, "note.txt": "mine"}).score == 10


def test_a_submission_cannot_change_its_own_files(judged):
    cause = judged(step("open('submission.py', 'a')")).cause
    assert "Read-only file system" in cause or "Permission denied" in cause


def test_a_submission_may_import_its_own_files(jailed_folder):
    result = jailed_folder(
        {"submission.py": "from rule_of_mine import adagrad_step", "rule_of_mine.py": step("pass")}
    )
    assert result.score == 10
