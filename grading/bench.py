"""Jails for one submission, and what they are asked."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from grading import protocol
from grading.allowance import Allowance
from grading.assignment import GradedCheck
from grading.bubblewrap import GraderFault
from grading.check import Case, Check
from grading.jail import Jail, Limits, Run

# The judge ends what takes too long; the kernel does where the judge itself has to wait.
SPARE_SECONDS = 5
# At the beginning of a line, of which a notebook's cells are within quotes (`grading.unpack`).
IMPORTED = re.compile(rb"(?:^|\\n|['\"])[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)
HEAVY = {
    b"torch": "torch",
    b"scipy": "scipy.stats",
    b"pandas": "pandas",
    b"sklearn": "sklearn.linear_model",
    b"matplotlib": "matplotlib.pyplot",
}
"""Libraries that take long to import, and the part of each that brings most of it along."""


class Bench:
    """Jails for one submission: one is kept warm, and replaced when a run has ended it.

    Some libraries take seconds to import. Where the submission's code imports one, the parent does
    so once, before any student code; the limits of a check are then the student's alone.
    """

    def __init__(self, file: Path, allowance: Allowance, isolated: bool = True) -> None:
        self._file, self._isolated = file, isolated
        self.allowance = allowance
        self._open = contextlib.ExitStack()
        self._jail: Jail | None = None
        self._heavy = heavy_imports(file.parent)
        self._warmed: set[str] = set()  # in the jail that is open now
        self._not_imported: dict[int, Run] = {}  # by the MiB of memory that it had
        self._kept: dict[bytes, Run] = {}  # of `run_once`, by what was asked

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, graded: GradedCheck, check: Check, cases: Sequence[Case]) -> Run:
        """Have a fresh process answer the cases of a check, within the limits of the graded one.

        A file that could not be imported is not imported again with the same memory.

        Raises:
            NotRun: the submission has no time left for it, or such a call did not end before.
            GraderFault: a new jail could not even begin with the student's code.
        """
        if graded.memory_mb in self._not_imported:
            return self._not_imported[graded.memory_mb]
        asked = request(graded, check, cases)
        # The worker needs torch to ask, and this code does not: is there a function at all?
        if check.form == "in place" and "torch" not in self._heavy:
            run = self._timed(graded, check, request(graded, check, ()))
            if run.frames or not run.loaded or run.ending != "answered":
                return run
            self._heavy = {*self._heavy, "torch"}
        return self._timed(graded, check, asked)

    def run_once(self, graded: GradedCheck, check: Check, cases: Sequence[Case]) -> Run:
        """As `run`; the same cases within the same limits are run once, whoever asks again."""
        asked = request(graded, check, cases)
        if asked not in self._kept:
            self._kept[asked] = self.run(graded, check, cases)
        return self._kept[asked]

    def _timed(self, graded: GradedCheck, check: Check, asked: bytes) -> Run:
        functions = called(check)
        seconds = self.allowance.left(graded, functions)
        run = self._run_in_this_jail(asked, seconds)
        if run is not None and not run.started:
            # Something of an earlier check is still at work in it: its time counts, too.
            self.allowance.charge(graded, run.seconds)
            seconds = self.allowance.left(graded, functions)
        if run is None or not run.started:
            run = self._run_in_a_new_jail(graded, asked, seconds)
        if run.ending != "time limit":
            self.allowance.charge(graded, run.seconds)
            if not run.loaded:
                self._not_imported[graded.memory_mb] = run
        elif self.allowance.ran_out(graded, functions if run.loaded else (), seconds):
            return dataclasses.replace(run, ending="whole time limit")
        return run

    def _run_in_this_jail(self, asked: bytes, seconds: float) -> Run | None:
        if self._jail is None or not self._jail.alive or self._warmed != self._heavy:
            return None
        return self._jail.run(asked, seconds)

    def _run_in_a_new_jail(self, graded: GradedCheck, asked: bytes, seconds: float) -> Run:
        # A jail in which student code has run may be broken by it; only a new one must begin.
        if self._jail is not None:
            self._jail.close()
        self._jail = self._open.enter_context(Jail(self._file, Limits(), self._isolated))
        for module in sorted(self._heavy):
            self._jail.warm(module)
        self._warmed = self._heavy
        run = self._jail.run(asked, seconds)
        if not run.started:
            raise GraderFault(f"{graded.id}: the jail did not begin: {run.ending} {run.reason}")
        return run


def heavy_imports(folder: Path) -> set[str]:
    """The modules of `HEAVY` that Python files in the folder seem to import."""
    named = {name for path in folder.rglob("*.py") for name in IMPORTED.findall(path.read_bytes())}
    return {module for library, module in HEAVY.items() if library in named}


def called(check: Check) -> tuple[str, ...]:
    """The names of the student's functions that a check calls."""
    return tuple(name for name in (check.function, check.gradient) if name)


def request(graded: GradedCheck, check: Check, cases: Sequence[Case]) -> bytes:
    """The frame that asks the worker to answer the cases; it holds inputs and limits only."""
    arrays: list[np.ndarray] = []
    described = []
    for case in cases:
        arguments: list[dict[str, float]] = []
        for value in case.arguments.values():
            if isinstance(value, np.ndarray):
                arguments.append({"array": len(arrays)})
                arrays.append(value)
            else:
                arguments.append({"value": value})
        described.append(arguments)
    header = {
        "functions": called(check),
        "form": check.form,
        "kind": check.kind,
        "cases": described,
        "memory_bytes": graded.memory_mb * 2**20,
        "cpu_seconds": graded.seconds + SPARE_SECONDS,
    }
    return protocol.encode(header, arrays)
