"""Finds every exercise by listing `proofs/exercises/` and collects its verdicts."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

import proofs.exercises
from proofs.verdict import Verdict

Verify = Callable[[int], list[Verdict]]


def exercises() -> dict[str, Verify]:
    """Name of each exercise's file and its `verify`, in alphabetical order.

    TypeError where a file has none.
    """
    found: dict[str, Verify] = {}
    for entry in sorted(pkgutil.iter_modules(proofs.exercises.__path__), key=lambda e: e.name):
        module = importlib.import_module(f"{proofs.exercises.__name__}.{entry.name}")
        verify = getattr(module, "verify", None)
        if not callable(verify):
            raise TypeError(
                f"proofs/exercises/{entry.name}.py: found no function `verify`, expected "
                "`verify(seed: int) -> list[Verdict]`; add it or move the file elsewhere"
            )
        found[entry.name] = verify
    return found


def verify_all(seed: int) -> list[Verdict]:
    """The verdicts of all exercises, in the order of the documents' sections."""
    found = [verdict for verify in exercises().values() for verdict in verify(seed)]
    return sorted(found, key=lambda verdict: (verdict.place.document, verdict.place.section))
