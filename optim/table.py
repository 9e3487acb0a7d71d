"""The table of rules, as a page of documentation, made from the rules and what verified them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from optim.cost import cost
from optim.formula import formula
from optim.rule import Rule

HEADING = """\
# Optimizers

Made by `python -m optim verify` and `python -m optim table`, from the rules in `optim/rules` and
the checks that were run on them; not written by hand. A rule is one file of fewer than 60 lines.
Its formula below is typeset from that file, which is also what trains.

Operations are those on what differs from weight to weight; state is in single precision. Two checks
are made where they can be and not counted here: the first three steps of every rule against
fractions worked by hand (`tests/optim/test_optim_first_steps.py`), and the CUDA meaning of every
rule and of its closed form in numba-cuda's simulator, which is chosen before Numba is imported and
so runs in a process of its own (`tests/optim/test_optim_meanings.py`).

| rule | operations a weight | state, bytes | steps of zero gradient | paper | checks passed |
| --- | --- | --- | --- | --- | --- |
"""


def page(rules: Sequence[Rule], checks: Iterable[Mapping[str, Any]]) -> str:
    """Return the page on `rules` in Markdown, with the `checks` that were run on them."""
    checked = by_rule(checks)
    rows = [_row(rule, checked.get(rule.name, [])) for rule in rules]
    sections = [_section(rule, checked.get(rule.name, [])) for rule in rules]
    return HEADING + "\n".join(rows) + "\n\n" + "\n".join(sections)


def by_rule(checks: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the checks of each rule, by its name."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for check in checks:
        found.setdefault(check["rule"], []).append(check)
    return found


def skipping(rule: Rule) -> str:
    """Return in a few words what becomes of steps of zero gradient."""
    if rule.zero_gradient_is_idle:
        return "change nothing"
    if rule.skip:
        return "closed form"
    return f"taken one by one: {rule.dense_because}"


def _row(rule: Rule, checks: Sequence[Mapping[str, Any]]) -> str:
    spent = cost(rule)
    passed = sum(check["passed"] for check in checks)
    cells = [
        f"[{rule.title}](#{rule.name})",
        str(spent) if spent else "whole matrices",
        str(spent.state_bytes) if spent else "4 × weights²" if rule.state else "0",
        skipping(rule),
        rule.paper,
        f"{passed} of {len(checks)}",
    ]
    return f"| {' | '.join(cells)} |"


def _section(rule: Rule, checks: Sequence[Mapping[str, Any]]) -> str:
    defaults = ", ".join(f"`{name}` = {value:g}" for name, value in rule.defaults.items())
    lines = [
        f'<a id="{rule.name}"></a>',
        "",
        f"## {rule.title}",
        "",
        f"`optim/rules/{rule.name}.py`; {rule.paper}. Defaults: {defaults}.",
        "",
        "$$",
        formula(rule).latex(),
        "$$",
        "",
    ]
    for check in checks:
        verdict = "equal to" if check["passed"] else "**not** equal to"
        lines.append(
            f"- {check['check']}: {verdict} {check['against']} within {check['tolerance']:g}."
        )
    return "\n".join(lines) + "\n"
