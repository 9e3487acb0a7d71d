"""A seccomp filter for the jail: system calls that student code has no use for are refused.

Namespaces and limits leave a few ways round: shared memory and memory files count against no limit,
virtual-machine sockets belong to no network namespace, keyrings are shared by everybody with the
same user id, and terminal input can be forged. The filter is a classic BPF program as seccomp(2)
and the kernel's Documentation/userspace-api/seccomp_filter.rst describe it; bubblewrap loads it.
"""

from __future__ import annotations

import errno
import os
import platform
import struct

# By machine, as linux/audit.h names it, and the column of `REFUSED` that holds its call numbers.
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

# Call numbers on x86_64 and aarch64, from asm/unistd_64.h and asm-generic/unistd.h.
REFUSED = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "semget": (64, 190),
    "setns": (308, 268),
    "shmat": (30, 196),
    "shmget": (29, 194),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
CLONE, CLONE3, IOCTL, SOCKET = (56, 220), (435, 435), (16, 29), (41, 198)
NEW_NAMESPACES = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
LOCAL_SOCKETS = 1  # AF_UNIX
X32_CALLS = 0x40000000  # the second set of call numbers of x86_64

# Instructions and return values of linux/filter.h and linux/seccomp.h.
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
CALL_NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data


class UnknownMachine(ValueError):
    """There are no call numbers for this machine's processor."""


def program(machine: str = platform.machine()) -> bytes:
    """The filter's instructions, 8 bytes each.

    Raises:
        UnknownMachine: `machine` is none of `ARCHITECTURES`.
    """
    if machine not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise UnknownMachine(f"there is no system call filter for {machine}, only for {known}")
    audit_name, column = ARCHITECTURES[machine]
    refuse = _instruction(RETURN, ERROR | errno.EPERM)
    # What a C library takes as "use clone instead", whose flags, unlike clone3's, can be seen.
    unknown_call = _instruction(RETURN, ERROR | errno.ENOSYS)
    code = [
        _instruction(LOAD, ARCHITECTURE),
        *_when(EQUAL, audit_name, [_instruction(LOAD, CALL_NUMBER)], [_instruction(RETURN, KILL)]),
        *_when(AT_LEAST, X32_CALLS, [refuse]),
        *_when(EQUAL, CLONE3[column], [unknown_call]),
    ]
    for numbers in REFUSED.values():
        code += _when(EQUAL, numbers[column], [refuse])
    allow = _instruction(RETURN, ALLOW)
    namespaces = [_argument(0), *_when(ANY_BIT, NEW_NAMESPACES, [refuse]), allow]
    terminal = [_argument(1), *(row for r in TERMINAL_INPUT for row in _when(EQUAL, r, [refuse]))]
    family = [_argument(0), *_when(EQUAL, LOCAL_SOCKETS, [allow]), refuse]
    code += _when(EQUAL, CLONE[column], namespaces)
    code += _when(EQUAL, IOCTL[column], [*terminal, allow])
    code += _when(EQUAL, SOCKET[column], family)
    return b"".join([*code, allow])


def _instruction(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)


def _argument(number: int) -> bytes:
    """Load the low half of an argument; both processors are little-endian."""
    return _instruction(LOAD, ARGUMENTS + 8 * number)


def _when(
    test: int, value: int, then: list[bytes], otherwise: list[bytes] | None = None
) -> list[bytes]:
    """Run `then` where the loaded value passes the test; else run `otherwise`, or go on."""
    if otherwise is None:
        return [_instruction(test, value, when_false=len(then)), *then]
    return [_instruction(test, value, len(otherwise)), *otherwise, *then]


def filter_descriptor() -> int:
    """A descriptor from which bubblewrap's --seccomp can read the filter."""
    read, write = os.pipe()
    with os.fdopen(write, "wb") as file:
        file.write(program())  # far less than a pipe holds
    return read
