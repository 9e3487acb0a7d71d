"""The verdicts that a reader ought to hear first: the most telling of what does not hold."""

from __future__ import annotations

import itertools
from typing import Any

from reports.blocks import Link, Links, Pieces, Ref, say, text
from reports.language import _
from reports.number import slug
from reports.numbers import kind_of
from reports.results import Results
from reports.run_numbers import is_number
from reports.sections.ledger import most_telling
from reports.sections.verdicts import place, said
from reports.tidy import Missing

KINDS = ("comparison", "number", "causal")
"""Who is better, by how much, and why: what a reader came for."""

OF_A_KIND = 2
"""Six are read on a first screen; those of one kind would say one thing."""

FAILING = "refuted"


def telling(results: Results) -> list[Links]:
    """The first refuted claims, each a link to its evidence; none where nothing was refuted."""
    read = results.claims
    if isinstance(read, Missing):
        return []
    failing = sorted((v for v in read if v["finding"] == FAILING), key=most_telling)
    by_kind = [[v for v in failing if kind_of(v) == kind][:OF_A_KIND] for kind in KINDS]
    first = list(itertools.chain.from_iterable(by_kind)) or failing[:OF_A_KIND]
    links = tuple(
        Link(
            f"claims-{slug(verdict['id'])}",
            (*said(verdict), *_measured(verdict)),
            place(verdict),
            verdict["finding"],
        )
        for verdict in first
    )
    return [Links(_("What does not hold, the most telling first"), links)] if links else []


def _measured(verdict: dict[str, Any]) -> Pieces:
    """What was measured and what was expected instead, where both are numbers."""
    measured, name = verdict["measured"], f"claims.{slug(verdict['id'])}.measured"
    if not all(is_number(measured.get(key)) for key in ("value", "expected")):
        return ()
    value, expected = Ref(f"{name}.value"), Ref(f"{name}.expected")
    if measured.get("relation", "equal") != "equal":
        return (*text(" "), *say("Measured: {value}.", value=value))
    return (
        *text(" "),
        *say("Measured: {value}, not {expected}.", value=value, expected=expected),
    )
