"""Which transformations of a problem each rule follows: one table, a row a rule."""

from __future__ import annotations

from typing import Any

from reports.blocks import Column, Paragraph, Pieces, Section, Table, say, text
from reports.language import N_, _, how, named
from reports.number import Numbers
from reports.results import Results
from reports.sections.tables import missing_section
from reports.tidy import Missing

PREFIX = "invariance-"
TRANSFORMATIONS = {
    "rotation": N_("Rotation"),
    "permutation": N_("Permutation"),
    "sign-flips": N_("Sign flips"),
    "coordinate-scaling": N_("Scaling of coordinates"),
    "loss-scaling": N_("Scaling of the loss"),
    "translation": N_("Translation"),
}


def section(results: Results, _numbers: Numbers) -> Section:
    """The table, or why there is none."""
    title = _("What each rule follows")
    if isinstance(results.proofs, Missing):
        return Section("invariances", title, (missing_section(results.proofs, _("The table")),))
    found = of_invariances(results.proofs)
    if not found:
        absent = Missing(how("results/proofs/verdicts.json has no verdict on a rule's invariances"))
        return Section("invariances", title, (missing_section(absent, _("The table")),))
    words = say(
        "A rule follows a transformation where training the transformed problem is the same as "
        "transforming the trained weights. Gradient descent follows a rotation; a rule that scales "
        "each coordinate by itself does not. Every cell was verified on the rule that trains; each "
        "no comes with a counterexample, in results/proofs/verdicts.json."
    )
    columns = (
        Column(_("Rule"), 1.4),
        *(Column(_(heading), 1.0) for heading in TRANSFORMATIONS.values()),
    )
    rows = tuple(
        (text(named(rule)), *(_cell(cells, name) for name in TRANSFORMATIONS))
        for rule, cells in sorted(found.items())
    )
    caption = say("Transformations that each rule's trajectory follows, with the evidence.")
    data = _("Data: none, the rules alone")
    table = Table("invariances-all", caption, data, columns, rows, small=True)
    return Section("invariances", title, (Paragraph(words), table))


def is_invariance(verdict: dict[str, Any]) -> bool:
    """Whether a verdict belongs into this table and not among the exercises."""
    return str(verdict["id"]).startswith(PREFIX)


def of_invariances(verdicts: list[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Verdicts by rule, then by transformation (with what it was restricted to, if at all)."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for verdict in filter(is_invariance, verdicts):
        rule, _, transformation = verdict["id"].removeprefix(PREFIX).partition("-")
        found.setdefault(rule.replace("_", " "), {})[transformation] = verdict
    return found


def _cell(cells: dict[str, dict[str, Any]], name: str) -> Pieces:
    """ "yes (exact)", "no", or "no; without eps: yes (exact)"."""
    if name not in cells:
        return say("not verified")
    told = _word(cells[name])
    for other, verdict in cells.items():
        if other.startswith(f"{name}-"):
            told += f"; {named(_words(other.removeprefix(f'{name}-')))}: {_word(verdict)}"
    return text(told)


def _words(restricted: str) -> str:
    return restricted.replace("-", " ").replace("_", " ")


def _word(verdict: dict[str, Any]) -> str:
    if verdict["finding"] == "refuted" and verdict["evidence"] == "counterexample":
        return _("no")
    word = _YES_NO.get(verdict["finding"], verdict["finding"])
    return f"{named(word)} ({named(verdict['evidence'])})"


_YES_NO = {"reproduced": N_("yes"), "refuted": N_("no")}
