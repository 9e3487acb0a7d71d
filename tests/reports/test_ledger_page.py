"""The ledger: totals, evidence of each claim, and filters and search in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from browser import CHROMIUM, WITHOUT, driven, dump
from page import Page
from render_steps import make
from reporting import verdict

from reports.results import read_results
from reports.sections.ledger import most_telling
from reports.sections.verdicts import result_files

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason=WITHOUT)

SHOWN = (
    "const shown = () => [...document.querySelectorAll('#ledger > li')]"
    ".filter((entry) => entry.checkVisibility()).map((entry) => entry.firstElementChild.id);"
    "const controls = document.querySelector('[data-ledger=ledger]');"
    "const choose = (attribute, value) => {"
    " const select = controls.querySelector(`[data-attribute=${attribute}]`);"
    " select.value = value; select.dispatchEvent(new Event('change')); };"
    "const search = (words) => { const input = controls.querySelector('input');"
    " input.value = words; input.dispatchEvent(new Event('input')); };"
    "const status = () => controls.querySelector('[role=status]').textContent;"
)


def claim(name: str, document: str, kind: str, finding: str, **changed: object) -> dict:
    """A claim of the ledger, as `claims.ledger` writes it."""
    made = verdict(name, finding, "statistical") | changed
    made["place"] = {"document": document, "section": "3.7"}
    made["measured"] = {
        "value": 0.25, "expected": 0.125, "relation": "at most", "low": 0.2, "high": 0.3,
        "confidence": 0.98, "seeds": 10, "noise": 7.5,
    }  # fmt: skip
    made["provenance"] = {
        "kind": kind, "measure": "final_value", "data": "rcv1: mirror",
        "arguments": {"experiment": "rcv1", "optimizer": "sgd", "metric": "train_loss"},
    }  # fmt: skip
    return made


CLAIMS = [
    claim("a-number", "assignment", "number", "reproduced"),
    claim("b-number", "assignment", "number", "refuted", statement="Tốc độ học giảm."),
    claim("c-comparison", "notebook", "comparison", "refuted"),
    claim("d-causal", "notebook", "causal", "not checkable"),
    claim("e-number", "notebook", "number", "reproduced with a caveat"),
]


@pytest.fixture
def ledger(results: Path) -> Path:
    """The page of results with a ledger of five claims."""
    (results / "claims/ledger.json").write_text(json.dumps(CLAIMS), encoding="utf-8")
    return make(results, "numbers", "html", "tex") / "report.html"


@pytest.mark.slow
def test_what_fails_stands_first_and_of_these_comparisons(ledger: Path) -> None:
    ids = re.findall(r'<details id="claims-([\w-]+)">', ledger.read_text())
    assert ids == ["c-comparison", "b-number", "e-number", "a-number", "d-causal"]
    assert ids == [each["id"] for each in sorted(CLAIMS, key=most_telling)]


@pytest.mark.slow
def test_totals_are_those_of_the_ledger_by_document_and_kind(ledger: Path) -> None:
    text = Page(ledger.read_text()).text
    head = "Claims all refuted reproduced with a caveat reproduced not checkable "
    rows = {
        "all": "5 2 1 1 1", "the assignment": "2 1 0 1 0", "the notebook": "3 1 1 0 1",
        "causal": "1 0 0 0 1", "comparison": "1 1 0 0 0", "number": "3 1 1 1 0",
    }  # fmt: skip
    assert head + " ".join(f"{name} {counts}" for name, counts in rows.items()) in text


@pytest.mark.slow
def test_each_claim_opens_to_all_of_its_evidence(ledger: Path) -> None:
    entry = re.search(r'<details id="claims-c-comparison">.*?</details>', ledger.read_text(), re.S)
    told = Page(entry.group()).text
    for part in (
        "Measured 0.25", "Expected at most 0.125",
        "Interval from 0.2 to 0.3, confidence 0.98, seeds: 10",
        "Tolerance 0: exact agreement is asked for", "noise 7.5", "Measure final_value",
        "Arguments experiment: rcv1; optimizer: sgd; metric: train_loss", "Data rcv1: mirror",
        "Result file results/runs/rcv1/sgd.parquet", "Under U is orthogonal",
    ):  # fmt: skip
        assert part in " ".join(told.split()), part


def test_the_files_of_a_measure_follow_from_its_arguments() -> None:
    compared = {"experiment": "x", "one": {"optimizer": "sgd"}, "other": {"optimizer": "adam"}}
    files = ["results/runs/x/sgd.parquet", "results/runs/x/adam.parquet"]
    assert result_files(compared) == files
    assert result_files({"analysis": "limits"}) == ["results/analyses/limits.parquet"]
    assert result_files({"verdicts": ["a", "b"]}) == ["results/proofs/verdicts.json"]
    assert result_files({"formula": "1 + 1"}) == []


@pytest.mark.slow
def test_the_paper_lists_what_fails_and_not_what_holds(ledger: Path) -> None:
    section = ledger.with_name("report.tex").read_text().split(r"\section{Claims}")[1]
    section = section.split(r"\section{")[0]
    assert "The statement c-{}comparison." in section
    assert "The statement e-{}number." in section
    assert "The statement a-{}number." not in section


@needs_browser
@pytest.mark.slow
def test_filters_and_search_show_what_they_say_and_nothing_else(ledger: Path) -> None:
    found = driven(
        ledger,
        SHOWN
        + """
        const seen = [[shown(), status()]];
        const step = (change) => { change(); seen.push([shown(), status()]); };
        step(() => choose("document", "notebook"));
        step(() => choose("finding", "refuted"));
        step(() => controls.querySelector("button").click());
        step(() => choose("sort", "number"));
        step(() => search("TOC DO  giam"));
        step(() => search("no such words"));
        step(() => { controls.querySelector("button").click(); search("causal"); });
        return seen;""",
    )
    ids = [[name.removeprefix("claims-") for name in names] for names, _ in found]
    everything = ["c-comparison", "b-number", "e-number", "a-number", "d-causal"]
    assert ids == [
        everything, ["c-comparison", "e-number", "d-causal"], ["c-comparison"], everything,
        ["b-number", "e-number", "a-number"], ["b-number"], [], ["d-causal"],
    ]  # fmt: skip
    assert [told for _, told in found] == [f"{len(names)} of 5 shown" for names in ids]


@needs_browser
@pytest.mark.slow
def test_a_link_to_a_claim_opens_it(ledger: Path) -> None:
    steps = SHOWN + "return [...document.querySelectorAll('#ledger [open]')].map((one) => one.id);"
    assert driven(ledger, steps, "#claims-e-number") == ["claims-e-number"]
    assert driven(ledger, steps) == []


@needs_browser
@pytest.mark.slow
def test_every_control_has_a_name_and_is_reached_by_the_keyboard(ledger: Path) -> None:
    named = driven(
        ledger,
        SHOWN
        + """
        return [...controls.querySelectorAll("input, select, button")].map((control) => {
          control.focus();
          const label = control.labels?.[0] ?? control;
          return [label.firstChild.textContent.trim(), document.activeElement === control];
        });""",
    )
    assert named == [
        ["Words", True], ["Document", True], ["Kind", True], ["Verdict", True], ["Show all", True],
    ]  # fmt: skip


@needs_browser
@pytest.mark.slow
def test_the_policy_lets_the_ledgers_script_run_and_no_other(ledger: Path) -> None:
    page = ledger.read_text()
    assert "5 of 5 shown" in dump(ledger)
    foreign = "<script>document.title = 'run'</script></body>"
    ledger.write_text(page.replace("</body>", foreign), encoding="utf-8")
    assert "<title>run" not in dump(ledger)


@pytest.mark.slow
def test_without_a_script_every_claim_is_there_and_the_controls_are_not(ledger: Path) -> None:
    page = Page(re.sub(r"<script>.*?</script>", "", ledger.read_text(), flags=re.S))
    controls = [attributes for _, attributes in page.elements if "data-ledger" in attributes]
    assert controls
    assert all("hidden" in attributes for attributes in controls)
    entries = [attributes for tag, attributes in page.elements if tag == "li" and
               "data-finding" in attributes and "data-sort" in attributes]  # fmt: skip
    assert len(entries) == len(CLAIMS)
    assert not any("hidden" in attributes for attributes in entries)


def test_the_ledger_read_is_the_ledger_shown(ledger: Path) -> None:
    claims = read_results(ledger.parents[1]).claims
    html = ledger.read_text()
    for each in claims:
        assert html.count(f'<details id="claims-{each["id"]}">') == 1
