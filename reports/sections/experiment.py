"""What the sections on one experiment share: the reason where it is missing, and findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from reports.blocks import Block, Pieces, Ref, Section, text
from reports.language import named
from reports.results import Results
from reports.runs import RunGroup, groups_of
from reports.sections.origin import data_of
from reports.sections.tables import missing_section, unreadable_notices
from reports.tidy import Missing


def experiment_section(
    experiment: str,
    title: str,
    what: str,
    results: Results,
    blocks: Callable[[Sequence[RunGroup], str], Iterable[Block]],
) -> Section:
    """The blocks of the experiment's groups and data line; where it is missing, the reason."""
    read = results.runs_of(experiment)
    if isinstance(read, Missing):
        return Section(experiment, title, (missing_section(read, what),))
    groups = groups_of(results, experiment)
    told = blocks(groups, data_of(results, groups))
    return Section(experiment, title, (*unreadable_notices(results, experiment), *told))


def listed(
    groups: Sequence[RunGroup],
    number: Callable[[RunGroup], str],
    called: Callable[[RunGroup], str] = lambda group: group.title,
) -> Pieces:
    """A number of each group and what the group is called: "0.1 (SGD), 0.2 (Adagrad)"."""
    pieces: Pieces = ()
    for group in groups:
        joint = text(", ") if pieces else ()
        pieces += (*joint, Ref(number(group)), *text(f" ({named(called(group))})"))
    return pieces
