"""Finds every exercise by listing `proofs/exercises/` and collects its verdicts."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection

import proofs.exercises
from proofs.verdict import Verdict

Verify = Callable[[int], list[Verdict]]


def names() -> list[str]:
    """Every exercise: the files of proofs/exercises, in alphabetical order."""
    return sorted(entry.name for entry in pkgutil.iter_modules(proofs.exercises.__path__))


def exercises() -> dict[str, Verify]:
    """Name of each exercise's file and its `verify`, in alphabetical order.

    TypeError where a file has none.
    """
    found: dict[str, Verify] = {}
    for name in names():
        module = importlib.import_module(f"{proofs.exercises.__name__}.{name}")
        verify = getattr(module, "verify", None)
        if not callable(verify):
            raise TypeError(
                f"proofs/exercises/{name}.py: found no function `verify`, expected "
                "`verify(seed: int) -> list[Verdict]`; add it or move the file elsewhere"
            )
        found[name] = verify
    return found


def verify_all(seed: int, only: Collection[str] = ()) -> list[Verdict]:
    """The verdicts of all exercises, or of those in `only`, in the order of the sections."""
    chosen = [verify for name, verify in exercises().items() if not only or name in only]
    found = [verdict for verify in chosen for verdict in verify(seed)]
    return sorted(found, key=lambda verdict: (verdict.place.document, verdict.place.section))
