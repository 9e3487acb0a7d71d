"""Which submissions share code, found by copydetect (winnowing: Schleimer, Wilkerson, Aiken 2003).

A hint for a person, and never a verdict. Students' files are data here: they are read as text and
tokenised, and nothing of them is imported. Tokenising hostile text can take for ever, so that all
of it happens in a child process with limits on memory and time, and on time for each submission.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grading.submission import identifier
from grading.unpack import BadSubmission, notebook_cells, read_files

if TYPE_CHECKING:
    from copydetect import CodeFingerprint

# copydetect's own defaults: 25 equal token characters make a match; every 31 are sure to be found.
NOISE, GUARANTEED = 25, 31
SHOWN_SHARE = 0.5  # of the smaller program, boilerplate excluded
FEWEST_CHARACTERS = 120  # with less of one's own left, every two right answers are alike
MOST_CHARACTERS = 100_000  # of one submission
SUBMISSION_SECONDS = 5
MEMORY_BYTES = 2 * 2**30
SECONDS = 540
SHOWN_PAIRS = 200


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two submissions, and the share of each one's own code that the other has, too."""

    one: str
    other: str
    share_of_one: float
    share_of_other: float


@dataclasses.dataclass(frozen=True)
class Similarity:
    """The most similar pairs, most similar first, and who was not compared and why."""

    compared: int
    pairs: tuple[Pair, ...]
    left_out: dict[str, str]


class NotCompared(RuntimeError):
    """The comparison as a whole did not end within its limits."""


def compare(submissions: Sequence[Path], boilerplate: Sequence[Path]) -> Similarity:
    """Compare all submissions in a child process; code that is in `boilerplate` counts for nobody.

    Raises:
        NotCompared: the child used up its time or memory, or failed.
    """
    request = {
        "submissions": [str(path) for path in submissions],
        "boilerplate": [str(path) for path in boilerplate],
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "grading.similarity"],
            cwd=Path(__file__).parent.parent,
            # copydetect compares Python's hashes of strings, which differ from run to run.
            env={**os.environ, "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"},
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        found = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise NotCompared(f"comparing took more than {SECONDS} s, and was stopped") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["nothing"]
        raise NotCompared(f"comparing ended with code {error.returncode}: {said[0]}") from error
    pairs = tuple(Pair(**pair) for pair in found["pairs"])
    return Similarity(found["compared"], pairs, found["left_out"])


def compared_here(submissions: Sequence[Path], boilerplate: Sequence[Path]) -> Similarity:
    """As `compare`, in this process and without limits on all of it."""
    import numpy as np

    known = [hashed for path in boilerplate for hashed in _fingerprint(_code(path), 1, None).hashes]
    prints: dict[str, CodeFingerprint] = {}
    left_out: dict[str, str] = {}
    window = GUARANTEED - NOISE + 1
    for path in submissions:
        name = identifier(path)
        try:
            with _seconds(SUBMISSION_SECONDS):
                fingerprint = _fingerprint(_code(path), window, np.unique(known))
        except (BadSubmission, ValueError, OSError, TimeoutError, RecursionError) as error:
            left_out[name] = f"{error}"
            continue
        if fingerprint.token_coverage < FEWEST_CHARACTERS:
            left_out[name] = "too little code of its own"
        else:
            prints[name] = fingerprint
    pairs = [_pair(*both) for both in itertools.combinations(sorted(prints.items()), 2)]
    shown = [pair for pair in pairs if max(pair.share_of_one, pair.share_of_other) >= SHOWN_SHARE]
    shown.sort(key=lambda pair: (-pair.share_of_one - pair.share_of_other, pair.one, pair.other))
    return Similarity(len(prints), tuple(shown[:SHOWN_PAIRS]), left_out)


def _pair(one: tuple[str, CodeFingerprint], other: tuple[str, CodeFingerprint]) -> Pair:
    from copydetect import compare_files

    shares = (0.0, 0.0)
    if one[1].hashes & other[1].hashes:
        _, shares, _ = compare_files(one[1], other[1])
    # Overlapping windows can count a little more than all there is.
    rounded = (round(min(float(share), 1.0), 3) for share in shares)
    return Pair(one[0], other[0], *rounded)


def _code(submission: Path) -> str:
    """A submission's Python code as one text, its files in the order of their names."""
    files = read_files(submission)
    code = [files[name] for name in sorted(files) if name.endswith(".py")]
    texts = [content.decode("utf-8", errors="replace") for content in code]
    length = sum(map(len, texts))
    if length > MOST_CHARACTERS:
        raise ValueError(f"{length} characters of code; compared are up to {MOST_CHARACTERS}")
    return "\n".join("\n".join(notebook_cells(text) or (text,)) for text in texts)


def _fingerprint(code: str, window: int, boilerplate: Any) -> CodeFingerprint:
    """copydetect's fingerprint of a text that is long enough to have one."""
    from copydetect import CodeFingerprint

    if len(code) < NOISE:
        code = " " * NOISE
    try:
        return CodeFingerprint(
            "submission.py", NOISE, window, boilerplate=boilerplate, fp=io.StringIO(code)
        )
    except (IndexError, ValueError) as error:  # it expects at least one window of tokens
        raise ValueError("too little code to compare") from error


@contextlib.contextmanager
def _seconds(limit: int) -> Iterator[None]:
    """Raise TimeoutError inside after so long; regular expressions are interrupted, too."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"reading it took more than {limit} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(limit)
    try:
        yield
    finally:
        signal.alarm(0)


def main() -> None:
    """The child: a request from standard input, the answer to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    request = json.load(sys.stdin)
    found = compared_here(
        [Path(path) for path in request["submissions"]],
        [Path(path) for path in request["boilerplate"]],
    )
    json.dump(dataclasses.asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
