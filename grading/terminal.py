"""What `check` tells a student in the terminal, in their language."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import get_args

from grading.finding import CheckResult, Status
from grading.translation import Language

TO_MEND = ("partly", "failed")  # set in capitals
INDENT = " " * 8
WIDTH = 96
NOT_ISOLATED = "Not isolated: there is no jail here: your code ran with your own rights."


def report(
    found: Sequence[CheckResult], words: Language, *, isolated: bool, unread: Sequence[str]
) -> str:
    """All checks with what happened, and a last line that sums them up.

    `unread`: notebooks that are not graded, because there is other code.
    """
    say = words.sentences
    lines = []
    if not isolated:
        lines.append(say(NOT_ISOLATED))
    lines += [say(f"Not read, since there is a .py file: {name}") for name in unread]
    printed = ""
    for result in found:
        lines += _about(result, words)
        # What a file prints when it is loaded comes again in every check: once is enough.
        if result.printed and result.printed != printed:
            printed = result.printed
            lines.append(f"{INDENT}{words.translations.gettext('What your code printed')}:")
            lines.append(textwrap.indent(printed, INDENT + "| "))
    return "\n".join([*lines, _sum(found, words)])


def _about(result: CheckResult, words: Language) -> list[str]:
    status = words.sentences(result.status)
    mark = status.upper() if result.status in TO_MEND else status
    title = words.sentences(result.check.title)
    worth = _part(result.score, result.check.points, words)
    if result.check.points_of_twins:
        more = words.translations.gettext("%(points)s more on inputs that are not shown")
        worth += "; " + more % {"points": f"{result.check.points_of_twins:g}"}
    lines = [f"{mark}  {title}  ({worth})"]
    for told in (result.cause, result.explanation, result.credit):
        for line in words.sentences(told).splitlines():
            lines += textwrap.wrap(
                line, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT, tabsize=1
            )
    return lines


def _sum(found: Sequence[CheckResult], words: Language) -> str:
    counts = Counter(result.status for result in found)
    told = [f"{counts[one]} {words.sentences(one)}" for one in get_args(Status) if counts[one]]
    points = sum(result.check.points for result in found)
    mark = _part(sum(result.score for result in found), points, words)
    return f"{words.translations.gettext('On the visible checks')}: {mark} ({', '.join(told)})"


def _part(score: float, points: float, words: Language) -> str:
    of = words.translations.gettext("of %(points)s") % {"points": f"{points:g}"}
    return f"{round(score, 2):g} {of}"
