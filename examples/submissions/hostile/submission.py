"""A submission that tries to earn points by anything but a right answer; it must earn none.

Each attack notes what it achieved in `LOOT`, which is printed, so that who runs it outside a jail
sees what a careless grader would have given away.
"""

import atexit
import contextlib
import ctypes
import json
import os
import socket
import sys
from pathlib import Path

import numpy as np

LOOT = []
VERDICT = json.dumps({"score": 10, "max_score": 10, "tests": [{"score": 10, "status": "passed"}]})


def attempt(name, attack):
    try:
        attack()
    except BaseException as error:
        LOOT.append(f"{name}: no ({type(error).__name__})")
    else:
        LOOT.append(f"{name}: YES")


def read(path):
    return lambda: Path(path).read_text()


def write(path):
    return lambda: Path(path).write_text(VERDICT)


def connect():
    socket.create_connection(("1.1.1.1", 53), timeout=0.5).close()


def import_the_judge():
    sys.path.extend(["/", "..", "../.."])
    __import__("grading.judge")


def walk_the_frames():
    frame = sys._getframe()
    while frame is not None:
        if any("expected" in name or "verdict" in name for name in frame.f_locals):
            return
        frame = frame.f_back
    raise LookupError("no frame holds one")


def become_root():
    os.setuid(0)


def new_user_namespace():
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000) != 0:
        raise PermissionError(ctypes.get_errno())


def read_a_secret():
    if not [name for name in os.environ if "TOKEN" in name or "KEY" in name or "USER" in name]:
        raise LookupError("the environment is empty")


ATTACKS = {
    "read /etc/passwd": read("/etc/passwd"),
    "read the reference": read("/grading/checks/adagrad_step.py"),
    "read /proc": read("/proc/1/cmdline"),
    "list another's work": lambda: list(Path("/home").iterdir()),
    "write results.json": write("results.json"),
    "write results.json beside the submission": write("/submission/results.json"),
    "change the worker": write("/grader/worker.py"),
    "reach the network": connect,
    "import the judge": import_the_judge,
    "walk the frames to an answer": walk_the_frames,
    "become root": become_root,
    "make a user namespace": new_user_namespace,
    "read a secret": read_a_secret,
    "start a shell": lambda: os.execv("/bin/sh", ["sh", "-c", "echo shell"]),
}
for NAME, ATTACK in ATTACKS.items():
    attempt(NAME, ATTACK)

print("\n".join(LOOT))
print("PASSED: 10 of 10 <script>alert('feedback')</script>")
print(VERDICT, flush=True)
atexit.register(print, "PASSED at exit")

# A verdict in the channel, should there be anybody there who believes it.
for descriptor in range(3, 100):
    with contextlib.suppress(OSError):
        os.write(descriptor, b"\x00\x00\x00\x23" + b'{"outcome": "passed", "arrays": []}')

# Comparisons that always agree, should the judge compare here.
np.allclose = np.array_equal = np.array_equiv = lambda *_, **__: True
np.testing.assert_allclose = lambda *_, **__: None


class Agreeable(np.ndarray):
    """An array that says yes to every comparison."""

    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    def __array_function__(self, function, types, args, kwargs):
        return True

    __le__ = __ge__ = __lt__ = __gt__ = __eq__
    __hash__ = None


calls = 0


def adagrad_step(_, grad, s, *__):
    global calls
    calls += 1
    if calls > 5:
        os._exit(0)
    return np.full(grad.shape, 42.0).view(Agreeable), np.full(s.shape, 42.0).view(Agreeable)


def wrong(*given):
    """Whatever is asked: arrays that agree with everything."""
    return tuple(np.full(np.shape(a), 42.0).view(Agreeable) for a in given)


adagrad_2d = init_adagrad_states = adagrad = rmsprop_step = wrong
grad_f1 = grad_f2 = grad_f1_rotated = gerschgorin_discs = precondition = wrong
