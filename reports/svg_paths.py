"""Outlines of SVG paths in fewer characters: fewer points, tenths of a point, steps from each."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import numpy as np

FINEST = 0.1
"""How far a line may move, in points of a figure: a sixth of a pixel where it is widest."""

_TOKENS = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")

_SEGMENT = re.compile(r"\s*M[^A-Za-z]+L\s*[^\sA-Za-z]+\s+[^\sA-Za-z]+\s*")

Step = tuple[str, list[float]]


def is_segment(outline: str) -> bool:
    """Whether the outline is one straight line from a point to another."""
    return _SEGMENT.fullmatch(outline) is not None


def moved(outline: str, x: float, y: float) -> str:
    """The outline so far to the right and down."""
    return " ".join(
        letter + " ".join(f"{each + (x, y)[at % 2]:.3f}" for at, each in enumerate(numbers))
        for letter, numbers in _steps(outline)
    )


@functools.lru_cache(maxsize=1024)
def compact(outline: str, places: int = 1) -> str:
    """The same outline, its straight lines in fewer points and relative to the one before.

    `places`: decimals that are kept. Curves keep their points.
    """
    unit = 10**places
    told: list[tuple[str, str]] = []
    at = begun = np.zeros(2, dtype=int)
    for letter, points in _runs(outline):
        whole = np.rint(points * unit).astype(int)
        if letter == "Z":
            told.append(("z", ""))
            at = begun
        elif letter == "M":
            told.append(("M", _joined(whole[0], unit)))
            at = begun = whole[0]
        elif letter == "L":
            steps = np.diff(np.vstack([at, whole]), axis=0)
            told += [_line(step, unit) for step in steps if step.any()]
            at = whole[-1]
        else:
            told.append((letter.lower(), _joined((whole - at).ravel(), unit)))
            at = whole[-1]
    return _written(told)


def _written(told: list[tuple[str, str]]) -> str:
    """Letters with their numbers; a letter that repeats the one before is left out."""
    text, before = "", ""
    for letter, numbers in told:
        if letter != before or letter in "zM":
            text += letter + numbers
        else:
            text += numbers if numbers.startswith("-") else " " + numbers
        before = letter
    return text


def _line(step: np.ndarray, unit: int) -> tuple[str, str]:
    across, down = step
    if not down:
        return "h", _joined(step[:1], unit)
    if not across:
        return "v", _joined(step[1:], unit)
    return "l", _joined(step, unit)


def _joined(whole: np.ndarray, unit: int) -> str:
    texts = [_short(int(each), unit) for each in whole]
    return " ".join(texts).replace(" -", "-")


def _short(whole: int, unit: int) -> str:
    text = f"{whole / unit:.{len(str(unit)) - 1}f}".rstrip("0").rstrip(".")
    return re.sub(r"^(-?)0\.", r"\1.", text)


def _steps(outline: str) -> Iterator[Step]:
    """Letters with their numbers; further pairs after a letter have one of their own."""
    takes = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}
    letter = ""
    numbers: list[float] = []
    for token in _TOKENS.findall(outline):
        if token.isalpha():
            letter, numbers = token.upper() if token == "z" else token, []
            if letter not in takes:
                raise ValueError(f"a path has the letter {letter!r}; known are {', '.join(takes)}")
            if letter == "Z":
                yield "Z", []
            continue
        numbers.append(float(token))
        if len(numbers) == takes[letter]:
            yield letter, numbers
            letter, numbers = "L" if letter == "M" else letter, []


def _runs(outline: str) -> Iterator[tuple[str, np.ndarray]]:
    """Straight lines that follow each other as one run of points [n, 2], thinned."""
    run: list[list[float]] = []
    last = [0.0, 0.0]
    for letter, numbers in _steps(outline):
        if letter == "L":
            run.append(numbers)
            continue
        if run:
            yield "L", thinned(np.array([last, *run]))[1:]
            last, run = run[-1], []
        yield letter, np.array(numbers).reshape(-1, 2)
        if numbers:
            last = numbers[-2:]
    if run:
        yield "L", thinned(np.array([last, *run]))[1:]


def thinned(points: np.ndarray, grain: float = FINEST) -> np.ndarray:
    """Fewer points [n, 2], none of those left out further from the line than `grain`.

    Source: Douglas and Peucker (1973).
    """
    kept = np.zeros(len(points), dtype=bool)
    kept[[0, -1]] = True
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        off = _distances(points[first + 1 : last], points[first], points[last])
        worst = int(off.argmax())
        if off[worst] > grain:
            middle = first + 1 + worst
            kept[middle] = True
            parts += [(first, middle), (middle, last)]
    return points[kept]


def _distances(points: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distance of each point from the segment between two."""
    along = other - one
    length = along @ along
    part = np.clip((points - one) @ along / length, 0, 1) if length else np.zeros(len(points))
    return np.hypot(*(points - one - np.outer(part, along)).T)
