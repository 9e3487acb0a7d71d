"""Expected values with an error planted in them, for the tests of the shipped claims.

What a planted value must do is turn the finding: a claim that holds is to be refuted by it, and
one that is refuted is to hold. It is the smallest that must, so that a tolerance is no excuse.
"""

from __future__ import annotations

import math
from typing import Any

from claims.claim import Question
from claims.ledger import matches

WORDS = (
    "lower", "higher", "equal", "rising", "falling", "constant", "mixed", "steadier", "restless",
    "one", "other", "reproduced", "refuted",
)  # fmt: skip


def planted(question: Question, value: Any) -> Any:
    """An expected value that turns what is found of `value`; None where there is none."""
    expected = question.expected
    if isinstance(expected, bool):
        return not expected
    if isinstance(expected, int | float):
        return _number(question, float(value))
    agrees = matches(value, question) or value == f"{expected} with a caveat"
    if not agrees:
        return value.removesuffix(" with a caveat") if isinstance(value, str) else value
    if isinstance(expected, list):
        return [*expected[:-1], _other_word(expected[-1])]
    return _other_word(expected)


def _number(question: Question, value: float) -> float | None:
    tolerance, agrees = question.tolerance, matches(value, question)
    margin = 1e-9 * max(1.0, abs(value)) if math.isfinite(value) else 0.0
    if question.relation == "equal":
        if agrees:
            return question.expected + 2 * tolerance + margin
        return value if math.isfinite(value) else None
    if not math.isfinite(value) and not agrees:
        return None
    below = question.relation in ("less", "at most")
    # Beyond the value by more than the tolerance gives away, on the wrong or on the right side.
    return value - tolerance - margin if below == agrees else value + tolerance + margin


def _other_word(word: Any) -> str:
    return next(each for each in WORDS if each != word)
