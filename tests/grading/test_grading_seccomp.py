"""The system call filter: read by an interpreter of its own, and tried for real in the jail."""

from __future__ import annotations

import errno
import platform
import struct

import pytest

from grading import seccomp

X86, ARM = "x86_64", "aarch64"
ALLOWED, REFUSED, UNKNOWN, KILLED = (
    0x7FFF0000,
    0x50000 | errno.EPERM,
    0x50000 | errno.ENOSYS,
    1 << 31,
)


def verdict(
    machine: str, call: int, arguments: tuple[int, ...] = (), arch: int | None = None
) -> int:
    """What the filter answers, by running its instructions as the kernel does (bpf(4))."""
    named = {X86: 0xC000003E, ARM: 0xC00000B7}[machine] if arch is None else arch
    padded = [*arguments, *[0] * 6][:6]
    data = struct.pack("=IIQ6Q", call, named, 0, *padded)
    rows = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
    place = loaded = 0
    while True:
        code, when_true, when_false, value = rows[place]
        if code == 0x06:
            return value
        if code == 0x20:
            (loaded,) = struct.unpack_from("=I", data, value)
            place += 1
            continue
        passed = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
        place += 1 + (when_true if passed else when_false)


@pytest.mark.parametrize(
    ("machine", "ordinary"),
    # read, write, mmap, futex, exit_group, getrandom
    [(X86, (0, 1, 9, 202, 231, 318)), (ARM, (63, 64, 222, 98, 94, 278))],
)
def test_what_python_and_numpy_call_is_allowed(machine, ordinary):
    assert {verdict(machine, call) for call in ordinary} == {ALLOWED}


@pytest.mark.parametrize(
    ("machine", "calls"),
    # ptrace, shmget, memfd_create, keyctl, unshare, io_uring_setup, bpf
    [(X86, (101, 29, 319, 250, 272, 425, 321)), (ARM, (117, 194, 279, 219, 97, 425, 280))],
)
def test_what_goes_round_the_limits_is_refused(machine, calls):
    assert {verdict(machine, call) for call in calls} == {REFUSED}


@pytest.mark.parametrize(
    ("machine", "clone", "ioctl", "socket"), [(X86, 56, 16, 41), (ARM, 220, 29, 198)]
)
def test_arguments_decide_where_the_call_alone_cannot(machine, clone, ioctl, socket):
    assert verdict(machine, clone, (17,)) == ALLOWED  # SIGCHLD: a plain fork
    assert verdict(machine, clone, (0x3D0F00,)) == ALLOWED  # what starting a thread passes
    assert verdict(machine, clone, (0x10000000 | 17,)) == REFUSED  # CLONE_NEWUSER
    assert verdict(machine, 435) == UNKNOWN  # clone3
    assert verdict(machine, ioctl, (0, 0x5401)) == ALLOWED  # TCGETS, which isatty asks
    assert verdict(machine, ioctl, (0, 0x5412)) == REFUSED  # TIOCSTI
    assert verdict(machine, ioctl, (0, 0x541C)) == REFUSED  # TIOCLINUX
    assert verdict(machine, socket, (1,)) == ALLOWED  # AF_UNIX
    families = (2, 10, 16, 17, 40)  # AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK
    assert {verdict(machine, socket, (family,)) for family in families} == {REFUSED}


def test_other_sets_of_call_numbers_are_no_way_round():
    assert verdict(X86, 39, arch=0x40000003) == KILLED  # 32-bit calls
    assert verdict(X86, 0x40000000 | 39) == REFUSED  # x32 calls


def test_an_unknown_processor_is_refused_by_name():
    with pytest.raises(seccomp.UnknownMachine, match=r"riscv64, only for x86_64, aarch64"):
        seccomp.program("riscv64")


def test_the_filter_is_in_force_in_the_jail(judged):
    column = seccomp.ARCHITECTURES[platform.machine()][1]
    numbers = [numbers[column] for numbers in seccomp.REFUSED.values()]
    code = f"""
import ctypes, socket
libc = ctypes.CDLL(None, use_errno=True)
refused = 0
for number in {numbers}:
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) == -1 and ctypes.get_errno() == {errno.EPERM}:
        refused += 1
for family in (socket.AF_INET, socket.AF_VSOCK):
    try: socket.socket(family, socket.SOCK_STREAM)
    except PermissionError: refused += 1
raise RuntimeError(f"refused {{refused}}.")
"""
    assert f"refused {len(numbers) + 2}." in judged(code).cause


def test_a_thread_may_still_be_started(judged):
    code = """
import threading
import numpy as np
def adagrad_step(x, grad, s, lr, eps):
    total = []
    thread = threading.Thread(target=lambda: total.append(s + grad**2))
    thread.start(); thread.join()
    return x - lr * grad / (np.sqrt(total[0]) + eps), total[0]
"""
    assert judged(code).score == 10
