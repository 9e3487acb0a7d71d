"""Measures over the fair comparison: every rule searched alike, retrained and tested in pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from claims.measure import Measured, MissingResult, measure
from claims.tables import json_file


@measure
def fair_pair(results: Path, problem: str, pair: list[str], searched: str) -> Measured:
    """Which rule of a planned pair is better on a problem, by its paired test, Holm-corrected.

    `searched` is "chosen rate", where the learning rate alone was, or "tuned". Undecided where the
    corrected test shows neither.
    """
    found = _problem(results, problem)
    first, second = pair
    test = next((t for t in found[searched]["pairs"] if [t["first"], t["second"]] == pair), None)
    if test is None:
        planned = "; ".join(f"{t['first']}, {t['second']}" for t in found[searched]["pairs"])
        raise MissingResult(
            f"{problem}, {searched}: {pair} is no planned pair; there are {planned}"
        )
    ends = [found["rules"][name][searched]["final"][found["rank_by"]] for name in pair]
    return Measured(
        test["better"] or "neither",
        "statistical",
        {
            "first": first.replace("_", " "), "second": second.replace("_", " "),
            "metric": found["rank_by"].replace("_", " "),
            "one": ends[0]["median"], "other": ends[1]["median"], "p": test["adjusted"],
            "seeds": found["protocol"]["seeds"], "epochs": found["protocol"]["epochs"],
            "dataset": problem.removeprefix("fair_").replace("_", "-"),
        },
        decided=test["better"] is not None,
        trials=found["protocol"]["seeds"],
    )  # fmt: skip


def _problem(results: Path, problem: str) -> dict[str, Any]:
    problems: dict[str, dict[str, Any]] = json_file(results, "comparison.json")["problems"]
    if problem not in problems:
        known = ", ".join(problems)
        raise MissingResult(f"results/comparison.json has no problem {problem!r}; it has {known}")
    return problems[problem]
