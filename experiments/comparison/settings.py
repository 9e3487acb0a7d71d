"""What the configuration says of how the retrained runs are compared: its key `comparison`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import jsonschema

from optim.registry import names as optimizers
from optim.rule import nearest

_SHARE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
_METRIC = {"enum": ["train_loss", "test_loss", "train_accuracy", "test_accuracy"]}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["level", "resamples", "significance", "near_best", "problems", "pairs"],
    "properties": {
        "level": _SHARE,
        "resamples": {"type": "integer", "minimum": 100},
        "significance": _SHARE,
        "near_best": {"type": "number", "exclusiveMinimum": 1},
        "problems": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["rank_by", "target"],
                "properties": {
                    "rank_by": _METRIC,
                    "target": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["metric", "full"],
                        "properties": {
                            "metric": _METRIC,
                            "full": {"type": "number"},
                            "reduced": {"type": "number"},
                        },
                    },
                },
            },
        },
        "pairs": {
            "type": "array",
            "uniqueItems": True,
            "items": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 2,
                "maxItems": 2,
            },
        },
    },
}


def check_comparison(
    comparison: Any, experiments: Mapping[str, Mapping[str, Any]], rules: Mapping[str, Collection]
) -> None:
    """Raise ValueError naming the key where the comparison is not as it must be.

    `experiments` are the protocols configured, `rules` the optimizers that each of them runs.
    """
    wrong = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(SCHEMA).iter_errors(comparison)
    )
    if wrong is not None:
        place = "".join(f".{part}" for part in wrong.absolute_path)
        raise ValueError(f"config: comparison{place}: {wrong.message}")
    for first, second in comparison["pairs"]:
        for name in (first, second):
            if name not in optimizers():
                hint = nearest(name, optimizers())
                raise ValueError(f"config: comparison.pairs: there is no {name!r}; {hint}")
        if first == second:
            raise ValueError(f"config: comparison.pairs: {first!r} is paired with itself")
    for problem in compared(experiments):
        if problem not in comparison["problems"]:
            raise ValueError(
                f"config: comparison.problems: {problem!r} is missing; say by what it is ranked, "
                "and its target"
            )
        _check_seeds(problem, experiments[problem], len(rules[problem]) - 1, comparison)


def smallest_p(pairs: int) -> float:
    """The smallest p of the paired test on so many pairs: two of all choices of signs."""
    return float(2.0 ** (1 - pairs))


def compared(experiments: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The experiments that search every rule alike, by name."""
    return [name for name, protocol in experiments.items() if "tuned_trials" in protocol]


def _check_seeds(
    problem: str, protocol: Mapping[str, Any], tests: int, comparison: Mapping[str, Any]
) -> None:
    """Raise where no outcome on so few seeds could pass the tests with their correction."""
    for given in (protocol, {**protocol, **protocol.get("reduced", {})}):
        least = next(n for n in range(1, 64) if smallest_p(n) * tests <= comparison["significance"])
        if given["seeds"] < least:
            raise ValueError(
                f"config: experiments.{problem}.seeds: {given['seeds']} seeds cannot tell {tests} "
                f"rules from the leader at {comparison['significance']:g} with Holm's correction; "
                f"expected at least {least}"
            )
