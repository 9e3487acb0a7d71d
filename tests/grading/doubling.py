"""A check that is small enough to judge by hand, and what a worker would send about it."""

from __future__ import annotations

import numpy as np

from grading import protocol
from grading.assignment import GradedCheck
from grading.check import Case, Check, Mistake
from grading.jail import Ending, Run


def case(*x: float) -> Case:
    return Case({"x": np.array(x, dtype=np.float64)})


CHECK = Check(
    function="double",
    returns=("y",),
    simple_cases=(case(0), case(1)),
    draw_cases=lambda rng: tuple(case(x) for x in rng.uniform(10, 20, size=3)),
    expected=lambda asked: (2 * asked.arguments["x"],),
    allowed_error=lambda _, right: (np.full_like(right[0], 0.5),),
    tolerance_reason="so that the bound can be met exactly",
    smaller_cases=lambda asked: (
        case(*asked.arguments["x"].round(-1)),
        case(*asked.arguments["x"].round()),
    ),
    mistakes=(
        Mistake("forgot", lambda asked: (asked.arguments["x"],), "You return x itself."),
        Mistake("turned", lambda asked: (-2 * asked.arguments["x"],), "You turn the sign."),
    ),
)
GRADED = GradedCheck("double", "Twice", 8.0, "visible", 10, 1024, "Write double(x).", CHECK)
# Two simple cases, a small one for each of three drawn, and the first drawn once more.
CASES, SIMPLE = 9, 5


def returned(place: int, *arrays: np.ndarray) -> protocol.Frame:
    header = {"case": place, "outcome": "returned", "values": [{"sent": True} for _ in arrays]}
    return header, arrays


def finished(
    *frames: protocol.Frame,
    ending: Ending = "answered",
    loaded: bool = True,
    printed: bytes = b"",
    reason: str = "",
) -> Run:
    return Run(True, frames, ending, printed, reason, loaded)
