"""The instructor's page about a class: scores, checks, mistakes, faults, and who shares code.

It names students: it is for the instructor alone, and no part of the public report.
"""

from __future__ import annotations

import dataclasses
import io
import re
import statistics
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grading import pages
from grading.assignment import Assignment
from grading.check import Check, WrittenCheck
from grading.class_results import Grade, StudentResult
from grading.results import NOT_ISOLATED
from grading.similarity import Similarity

FEWEST_FOR_DISCRIMINATION = 10  # with fewer students a correlation says next to nothing
SHOWN_NAMES = 12


@dataclasses.dataclass(frozen=True)
class Item:
    """One check over the class, as in classical test theory.

    `difficulty` is the mean share of its points (1: everybody had all), `discrimination` the
    correlation of its score with the sum of all other checks' scores, None where there is none.
    """

    title: str
    points: float
    visibility: str
    passed: float
    difficulty: float
    discrimination: float | None


@dataclasses.dataclass(frozen=True)
class MistakeFound:
    """A mistake that the grader recognised, or "" for failures it did not, and in whose work."""

    check: str
    mistake: str
    students: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class KnownOnly:
    """A function that is right on the visible inputs and wrong on its twin's, and in whose work."""

    function: str
    students: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class ShortProof:
    """A proof that was accepted, and the number of its steps."""

    check: str
    student: str
    steps: int


def page(
    assignment: Assignment,
    results: Sequence[StudentResult],
    grades: Sequence[Grade],
    notes: Mapping[str, Mapping[str, str]],
    similarity: Similarity | None,
    not_compared: str = "",
) -> str:
    """One self-contained HTML page; `not_compared` says why there is no `similarity`.

    `notes`: what was recognised, by submission and check (`grading.notes`).
    """
    environment = pages.environment()
    environment.filters["short"] = short
    scores = [grade.score for grade in grades if grade.score is not None]
    points = sum(check.points for check in assignment.checks)
    failed = {result.id for result in results if result.score is None}
    return environment.get_template("class.html.j2").render(
        assignment=assignment,
        graded=scores,
        points=points,
        mean=statistics.fmean(scores) if scores else None,
        median=statistics.median(scores) if scores else None,
        deviation=statistics.stdev(scores) if len(scores) > 1 else None,
        histogram=Markup(histogram(scores, points)) if scores else "",
        items=items(assignment, results),
        fewest=FEWEST_FOR_DISCRIMINATION,
        mistakes=mistakes(assignment, results, notes),
        known_only=known_only(assignment, results),
        proofs=short_proofs(assignment, results)[:SHOWN_NAMES],
        faults=[result for result in results if result.score is None],
        not_isolated=[result.id for result in results if result.isolation == NOT_ISOLATED],
        ungraded=[grade.id for grade in grades if grade.score is None and grade.id not in failed],
        similarity=similarity,
        not_compared=not_compared,
        shown_names=SHOWN_NAMES,
    )


def short(name: str) -> str:
    """A submission's name without what Moodle's download puts behind a student's."""
    return name.partition("_assignsubmission_")[0]


def items(assignment: Assignment, results: Sequence[StudentResult]) -> tuple[Item, ...]:
    """Statistics of every check over the submissions that were graded; none where none was."""
    graded = [
        {check.id: check for check in result.checks}
        for result in results
        if result.score is not None
    ]
    found = []
    for check in assignment.checks:
        rows = [row for row in graded if check.id in row]
        if not rows:
            continue
        own = np.array([row[check.id].score for row in rows])
        rest = np.array([sum(each.score for each in row.values()) for row in rows]) - own
        found.append(
            Item(
                title=check.title,
                points=check.points,
                visibility=check.visibility,
                passed=float(np.mean([row[check.id].passed for row in rows])),
                difficulty=float(np.mean(own)) / check.points,
                discrimination=discrimination(own, rest),
            )
        )
    return tuple(found)


def discrimination(own: np.ndarray, rest: np.ndarray) -> float | None:
    """Pearson's correlation; None with too few students, or where nobody differs."""
    if len(own) < FEWEST_FOR_DISCRIMINATION or np.ptp(own) == 0 or np.ptp(rest) == 0:
        return None
    return float(np.corrcoef(own, rest)[0, 1])


def mistakes(
    assignment: Assignment,
    results: Sequence[StudentResult],
    notes: Mapping[str, Mapping[str, str]],
) -> tuple[MistakeFound, ...]:
    """Recognised mistakes by the number of students, and failures that none explains.

    A twin is left out where the check that it repeats was not passed either: it says the same.
    """
    found: dict[tuple[str, str], list[str]] = {}
    titles = {check.id: check.title for check in assignment.checks}
    firsts = {check.id: check.twin_of for check in assignment.checks}
    for result in results:
        passed = {check.id for check in result.checks if check.passed}
        for check in result.checks:
            if check.passed or check.id not in titles:
                continue
            if firsts[check.id] and firsts[check.id] not in passed:
                continue
            name = notes.get(result.id, {}).get(check.id, "")
            found.setdefault((titles[check.id], name), []).append(result.id)
    rows = (MistakeFound(*key, tuple(students)) for key, students in found.items())
    return tuple(sorted(rows, key=_order))


def _order(row: MistakeFound) -> tuple[int, int, str]:
    """Mistakes first, then failures that none explains, then what was not begun."""
    last = {"": 1, "not started": 2, "not run": 3}
    return last.get(row.mistake, 0), -len(row.students), row.check


def known_only(assignment: Assignment, results: Sequence[StudentResult]) -> tuple[KnownOnly, ...]:
    """Functions that pass their visible check and fail its twin, most students first."""
    found: dict[str, list[str]] = {}
    for result in results:
        passed = {check.id: check.passed for check in result.checks}
        for twin in assignment.checks:
            fooled = passed.get(twin.twin_of, False) and not passed.get(twin.id, True)
            if fooled and isinstance(twin.check, Check):
                found.setdefault(twin.check.function, []).append(result.id)
    rows = (KnownOnly(function, tuple(students)) for function, students in found.items())
    return tuple(sorted(rows, key=lambda row: (-len(row.students), row.function)))


def short_proofs(
    assignment: Assignment, results: Sequence[StudentResult]
) -> tuple[ShortProof, ...]:
    """Accepted proofs of few steps, the shortest first: a true step may still be too long."""
    proofs = {one.id: one for one in assignment.checks if isinstance(one.check, WrittenCheck)}
    found = [
        ShortProof(proofs[check.id].title, result.id, check.cases)
        for result in results
        for check in result.checks
        if check.passed and check.id in proofs
    ]
    return tuple(sorted(found, key=lambda each: (each.steps, each.check, each.student)))


def histogram(scores: Sequence[float], points: float) -> str:
    """The distribution of the scores as SVG, in ten classes from 0 to all points."""
    highest = max(points, *scores)
    with mpl.rc_context({"svg.hashsalt": "class", "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(figsize=(6.4, 2.6), layout="constrained")
        axes = figure.subplots()
        counts, edges, _ = axes.hist(
            scores, bins=np.linspace(0, highest, 11).tolist(), color="#4a7fb5", edgecolor="white"
        )
        for count, left, right in zip(counts, edges, edges[1:], strict=False):
            if count:
                axes.annotate(f"{count:.0f}", ((left + right) / 2, count), ha="center", va="bottom")
        axes.set(xlabel="score", ylabel="students", xlim=(0, highest), ylim=(0, max(counts) * 1.18))
        axes.spines[["top", "right"]].set_visible(False)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    svg = drawn.getvalue()
    return re.sub(
        r'width="[\d.]+pt" height="[\d.]+pt"', 'role="img"', svg[svg.index("<svg") :], count=1
    )
