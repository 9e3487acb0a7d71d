"""The rules, written proofs and intervals of few seeds in the report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from page import Page
from render_steps import make
from reporting import rule, verdict

from reports.escape import latex
from reports.intervals import is_range, medians_with_intervals
from reports.mathematics import refused_latex, refused_mathml
from reports.render import spoken
from reports.sections.written import folded

MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'


def with_rules(results: Path, rules: object) -> tuple[str, str]:
    """Page and paper of results with these rules."""
    (results / "optim/rules.json").write_text(json.dumps(rules), encoding="utf-8")
    folder = make(results, "numbers", "html", "tex")
    return tuple((folder / name).read_text() for name in ("report.html", "report.tex"))


def test_a_rule_is_shown_with_its_formula_and_all_else_of_it_is_escaped(rendered: Path) -> None:
    html = (rendered / "report.html").read_text()
    assert rule("sgd")["mathml"] in html
    assert "Robbins &amp; Monro &lt;1951&gt;" in html
    assert "1 of 1 passed" in Page(html).text
    tex = (rendered / "report.tex").read_text()
    assert rule("sgd")["latex"] in tex
    assert r"Robbins \& Monro" in tex


@pytest.mark.slow
def test_a_failed_check_is_said_first_and_where_the_rule_stands(results: Path) -> None:
    html, _ = with_rules(results, [rule("sgd", passed=False)])
    words = Page(html).text
    assert "Failed checks. SGD: torch." in words
    assert "0 of 1 passed; failed: torch" in words
    assert "1 check failed" in words


@pytest.mark.parametrize("key", ["mathml", "latex"])
@pytest.mark.slow
def test_a_formula_that_holds_more_than_mathematics_is_missing(results: Path, key: str) -> None:
    hostile = {"mathml": MATH.format("<script>x</script>"), "latex": r"\input{/etc/passwd}"}[key]
    html, tex = with_rules(results, [{**rule("sgd"), key: hostile}])
    assert "results/optim/rules.json: the formula of sgd has" in Page(html).text
    assert hostile not in html + tex


@pytest.mark.slow
def test_missing_rules_say_why(results: Path) -> None:
    (results / "optim/rules.json").unlink()
    folder = make(results, "numbers", "html")
    words = Page((folder / "report.html").read_text()).text
    assert "The rules: results/optim/rules.json does not exist." in words


@pytest.mark.parametrize(
    "source",
    [
        "<p/>", MATH.format('<mi onclick="x"/>'), MATH.format("<mtext><img/></mtext>"),
        MATH.format('<mtd style="background: url(x)"/>'), "<!DOCTYPE a>" + MATH.format(""), None,
        MATH.format("<mi>"),
    ],
)  # fmt: skip
def test_what_is_not_plain_mathml_is_refused(source: object) -> None:
    assert refused_mathml(source)


@pytest.mark.parametrize(
    "source", [r"\directlua{x}", "a$b", "^^5cinput", r"\begin{filecontents}", "{a", "a%", 3]
)
def test_what_is_not_a_plain_formula_is_refused(source: object) -> None:
    assert refused_latex(source)


def test_a_written_proof_is_one_verdict_as_good_as_its_weakest_step() -> None:
    steps = [
        verdict("written-a-b-step-1", "reproduced", "searched", "Title, step 1: x = y"),
        verdict("written-a-b-step-2", "not checkable", "none", "Title, step 2: y = z"),
        verdict("written-a-b-conclusion", "reproduced", "searched", "Title, conclusion: x = z"),
    ]
    one, other = folded([*steps, verdict("exercise-1", "reproduced", "exact")])
    assert other["id"] == "exercise-1"
    assert (one["id"], one["finding"]) == ("written-a-b", "not checkable")
    assert spoken(one["said"], {}) == "Title: the written proof"
    assert "not checkable: step 2" in spoken(one["explained"], {})
    assert [name for name, _ in one["steps"]] == ["step 1", "step 2", "conclusion"]


@pytest.mark.parametrize("seeds", [2, 3, 4, 5, 6, 7, 9])
def test_few_seeds_have_an_interval_that_is_their_range(seeds: int) -> None:
    values = np.arange(seeds, dtype=float) ** 2
    _, low, high = medians_with_intervals(values)
    assert is_range(seeds) == ((low, high) == (values.min(), values.max()))
    assert is_range(seeds) == (seeds <= 5)


def test_a_bracket_never_begins_an_optional_argument_of_what_stands_before_it() -> None:
    assert latex("[[2, 1]]") == "{[}{[}2, 1]]"
