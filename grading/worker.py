"""What runs inside the jail: warms up, then answers each request from a fresh fork.

It knows the inputs it is given and nothing else: no expected value, no tolerance, no verdict. All
it can say is what the student's function returned or why there is no value; the judge believes
none of it. The parent process never runs student code, so every check starts from the same clean
state. Its arguments: the submission's file, the folder of packages, the file descriptors of
requests and of answers, and how many processes there may be; 0 outside a jail, where those of
others are counted and reached too.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import io
import os
import resource
import shutil
import signal
import sys
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

MAX_TEXT = 400
MAX_FILE_BYTES = 8 * 2**20
MAX_OPEN_FILES = 32
SCRATCH = Path(os.environ.get("TMPDIR", "/tmp"))
PR_SET_CHILD_SUBREAPER = 36


def main(arguments: list[str]) -> None:
    """Serve requests until the judge closes the channel."""
    submission, site_packages = arguments[:2]
    request_fd, answer_fd, processes = (int(text) for text in arguments[2:])
    sys.path += [str(Path(__file__).parent), site_packages]
    import protocol  # type: ignore[import-not-found]  # it lies beside this file, in the jail only

    os.chdir(Path(submission).parent)
    if processes:
        _limit(resource.RLIMIT_NPROC, processes)
    else:
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    _limit(resource.RLIMIT_FSIZE, MAX_FILE_BYTES)
    _limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    with os.fdopen(request_fd, "rb") as requests, os.fdopen(answer_fd, "wb", 0) as answers:
        answers.write(protocol.encode({"outcome": "ready"}))
        while (frame := _read_frame(requests, protocol)) is not None:
            if "import" in frame[0]:
                _import(frame[0]["import"])
            else:
                _answer_in_a_fork(Path(submission), frame, answers, protocol)
                if processes:
                    _end_all_others()
            answers.write(protocol.encode({"outcome": "ended"}))
            if SCRATCH.is_dir() and any(SCRATCH.iterdir()):
                return  # what one check left, the next shall not find: it gets a new jail


def _limit(what: int, value: int) -> None:
    resource.setrlimit(what, (value, value))


def _read_frame(requests: io.BufferedReader, protocol: Any) -> Any:
    """The next request, or None when the judge has closed the channel; it trusts the judge."""
    reader = protocol.FrameReader(max_bytes=2**30, max_header_bytes=2**24)
    while chunk := requests.read1(2**16):
        for frame in reader.feed(chunk):
            return frame
    return None


def _import(module: str) -> None:
    """Import a library; the files that it leaves behind are removed, or a check would find them."""
    before = set(SCRATCH.iterdir()) if SCRATCH.is_dir() else set()
    with contextlib.chdir("/"):  # where it is imported it may read settings: here, a student's
        importlib.import_module(module)
    for left in set(SCRATCH.iterdir()) - before if SCRATCH.is_dir() else ():
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _answer_in_a_fork(submission: Path, frame: Any, answers: BinaryIO, protocol: Any) -> None:
    """Answer one request in a child."""
    child = os.fork()
    if child == 0:
        try:
            _answer(submission, frame, answers, protocol)
            sys.stdout.flush()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _end_all_others() -> None:
    """End whatever a check left behind; outside a jail these would be everybody's processes."""
    with contextlib.suppress(ProcessLookupError):  # nothing was left behind
        os.kill(-1, signal.SIGKILL)


def _answer(submission: Path, frame: Any, answers: BinaryIO, protocol: Any) -> None:
    header, arrays = frame
    _limit(resource.RLIMIT_AS, header["memory_bytes"])
    _limit(resource.RLIMIT_CPU, header["cpu_seconds"])

    def say(case: int, outcome: str, text: str = "", values: Any = (), sent: Any = ()) -> None:
        told = {"case": case, "outcome": outcome, "text": text[:MAX_TEXT], "values": values}
        answers.write(protocol.encode(told, sent))

    say(-1, "started")
    # Student code may raise anything at all, SystemExit and KeyboardInterrupt included.
    try:
        functions = _load(submission, header["functions"])
    except BaseException as error:
        say(-1, "not loaded", _describe(error, submission))
        return
    say(-1, "loaded")
    for name, function in functions.items():
        if not callable(function):
            say(-1, "no such function", name)
            return
    use = FORMS[header["form"]]
    for case, arguments in enumerate(header["cases"]):
        given = [arrays[a["array"]].copy() if "array" in a else a["value"] for a in arguments]
        try:
            returned = use(*functions.values(), given)
            values, sent = _as_arrays(returned, protocol, header["kind"])
        except BaseException as error:
            say(case, "raised", _describe(error, submission))
            continue
        say(case, "returned", "", values, sent)


def _load(submission: Path, names: list[str]) -> dict[str, Any]:
    """What the student's module calls by these names; None where it has none of a name."""
    # Last on the path: a numpy.py or sitecustomize.py beside the submission shadows nothing.
    sys.path.append(str(submission.parent))
    loader = importlib.machinery.SourceFileLoader("submission", str(submission))
    module = types.ModuleType("submission")
    module.__file__ = str(submission)
    sys.modules["submission"] = module
    loader.exec_module(module)
    return {name: getattr(module, name, None) for name in names}


def _returned(function: Callable[..., Any], given: list[Any]) -> Any:
    """What the function returns for these arguments."""
    return function(*given)


def _in_place(function: Callable[..., Any], given: list[Any]) -> list[Any]:
    """What the book's `adagrad(params, states, hyperparams)` leaves in its parameters and states.

    `given`: value, gradient and state of every parameter, and last the learning rate.
    """
    import torch

    tensors = [torch.from_numpy(array) for array in given[:-1]]
    params, states = [], []
    for value, gradient, state in zip(tensors[::3], tensors[1::3], tensors[2::3], strict=True):
        params.append(value.requires_grad_(True))
        value.grad = gradient
        states.append(state)
    function(params, tuple(states), {"lr": given[-1]})
    left: list[Any] = []
    for value, state in zip(params, states, strict=True):
        # Setting a gradient to None is torch's own way to clear it.
        left += [value, state, torch.zeros_like(value) if value.grad is None else value.grad]
    return left


def _descent(step: Callable[..., Any], gradient: Callable[..., Any], given: list[Any]) -> Any:
    """Where repeated steps along the gradient lead from x, and the accumulator there."""
    x, lr, eps, steps = given
    s = 0 * x
    for _ in range(int(steps)):
        x, s = step(x, gradient(x), s, lr, eps)
    return x, s


FORMS: dict[str, Callable[..., Any]] = {
    "returned": _returned,
    "in place": _in_place,
    "descent": _descent,
}


def _as_arrays(returned: Any, protocol: Any, kind: str) -> tuple[list[dict[str, Any]], list[Any]]:
    """Describe what came back, and collect the plain arrays whose bytes can be sent."""
    import numpy as np

    parts = list(returned) if isinstance(returned, tuple | list) else [returned]
    described: list[dict[str, Any]] = []
    sent = []
    for part in parts[:8]:
        value = _as_array(part, kind)
        if value is not None and value.dtype.str in protocol.DTYPES:
            described.append({"sent": True})
            sent.append(np.array(value, subok=False))
        elif value is not None:
            described.append({"sent": False, "found": f"an array of dtype {value.dtype}"[:80]})
        else:
            described.append({"sent": False, "found": f"a {type(part).__name__}"[:80]})
    return described, sent


def _as_array(part: Any, kind: str) -> Any:
    """The array that a value of this kind is; None where it is of another kind."""
    import numpy as np

    # By its own type, whatever its __class__ says.
    if kind == "tensor":
        torch = sys.modules.get("torch")  # nobody has made a tensor without it
        is_tensor = torch is not None and issubclass(type(part), torch.Tensor)
        return part.detach().cpu().numpy() if is_tensor else None
    if kind == "number" and issubclass(type(part), float | int | np.floating | np.integer):
        return np.array(float(part))
    return part if issubclass(type(part), np.ndarray) else None


def _describe(error: BaseException, submission: Path) -> str:
    """What was raised, and at which line of the student's own file or notebook cell."""
    places = [
        f" (line {frame.lineno} of {Path(frame.filename).name})"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(submission) or frame.filename.startswith("cell ")
    ]
    if isinstance(error, SyntaxError) and error.lineno:
        places.append(f" (line {error.lineno} of {submission.name})")
    place = places[-1] if places else ""
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {message}{place}"


if __name__ == "__main__":
    main(sys.argv[1:])
