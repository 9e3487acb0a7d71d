"""The page: its numbers are those of numbers.json, it loads nothing, it says what is missing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from page import Page, value_of
from render_steps import make
from reporting import verdict


@pytest.fixture(scope="module")
def page(rendered: Path) -> Page:
    return Page((rendered / "report.html").read_text(encoding="utf-8"))


def page_of(results: Path, *before: str) -> Page:
    """The page of changed results; figures are drawn anew only where `before` asks for it."""
    folder = make(results, "numbers", *before, "html")
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_every_number_on_the_page_is_the_one_in_numbers_json(rendered: Path, page: Page) -> None:
    numbers = json.loads((rendered / "numbers.json").read_text())
    assert len(page.shown) > 200
    for name, value, text in page.shown:
        assert value == str(numbers[name]["value"])
        read, half_a_digit = value_of(text)
        # A hair more than half a unit of the last digit: binary fractions round either way.
        assert read == pytest.approx(numbers[name]["value"], abs=half_a_digit * 1.001, rel=0), name


def test_the_first_sentence_says_who_won_under_which_protocol_by_how_much(page: Page) -> None:
    text = page.text
    sentence = re.search(r"Adagrad beat SGD on RCV1 as the assignment ran it: .*?seeds\)\.", text)
    assert sentence
    assert "20 epochs at batch size 1" in sentence.group()
    assert "learning rate 0.1 ended at a training loss of 0.0540" in sentence.group()
    assert "SGD at 0.01 at 0.3040" in sentence.group()
    assert "0.2500 (95 % interval 0.2500 to 0.2500, 5 seeds)" in sentence.group()
    assert "With learning rate 0.01 for both, SGD beat Adagrad" in text
    assert text.index(sentence.group()) < text.index("Logistic regression")


def test_a_stand_in_is_named_first_and_under_its_tables_and_figures(page: Page) -> None:
    text = page.text
    assert text.index("No real data could be used for airfoil") < text.index("Adagrad beat SGD")
    assert text.count("Data: airfoil self-noise stand-in (generated)") >= 3
    rcv1 = "Data: RCV1, mirror folder, rcv1/subsets.npz, not the official split"
    assert text.count(rcv1) >= 7


@pytest.mark.slow
def test_a_stand_in_for_rcv1_is_said_in_the_first_sentence(results: Path) -> None:
    path = results / "data/manifest.json"
    manifest = json.loads(path.read_text())
    manifest["rcv1"]["kind"] = "stand-in"
    path.write_text(json.dumps(manifest))
    text = page_of(results).text
    assert "Adagrad beat SGD on the RCV1 stand-in as" in text
    assert "mirror folder, rcv1/subsets.npz," not in text


def test_every_table_and_figure_has_a_caption_with_its_data(rendered: Path) -> None:
    html = (rendered / "report.html").read_text()
    main_part = html[: html.index('<section id="numbers"')]
    for part in re.findall(r"<caption>.*?</caption>|<figcaption>.*?</figcaption>", main_part, re.S):
        assert '<span class="data">Data: ' in part
    assert main_part.count("<caption>") == main_part.count("<table")
    assert main_part.count("<figcaption>") == main_part.count("<figure ") >= 9


def test_figures_have_alternative_texts_that_say_the_finding(rendered: Path) -> None:
    html = (rendered / "report.html").read_text()
    alternatives = dict(re.findall(r'<desc id="([\w-]+)-desc">(.*?)</desc>', html, re.S))
    assert alternatives["rcv1-contest-as-printed"].startswith(
        "Adagrad ends below SGD: 0.0540 for Adagrad and 0.3040 for SGD."
    )
    marks = html.count('<svg class="shared-marks" aria-hidden="true"')
    assert html.count("<svg") - marks == html.count('role="img"') == len(alternatives)


def test_ids_are_unique_and_references_lead_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for key in ("href", "xlink:href"):
            if attributes.get(key, "").startswith("#"):
                assert attributes[key].removeprefix("#") in ids


BESIDE = ("#", "figures/", "tables/", "numbers.json", "regrad.crate.zip")


def test_the_page_leads_to_the_numbers_and_the_whole_run_beside_it(page: Page) -> None:
    led_to = {attributes.get("href") for tag, attributes in page.elements if tag == "a"}
    assert {"numbers.json", "regrad.crate.zip"} <= led_to


def test_the_page_loads_nothing(page: Page) -> None:
    tags = {tag for tag, _ in page.elements}
    assert page.scripts == [{}]
    assert not tags & {"link", "iframe", "img", "object", "embed", "base", "form"}
    for tag, attributes in page.elements:
        for key in ("src", "href", "xlink:href", "action", "srcset", "poster", "data"):
            # A link leads to a file beside the page, for a reader who follows it.
            beside = BESIDE if (tag, key) == ("a", "href") else "#"
            assert attributes.get(key, "#").startswith(beside), (tag, attributes)
        assert all(not key.startswith("on") for key in attributes)
        for url in re.findall(r"url\(([^)]*)\)", " ".join(attributes.values())):
            assert url.startswith("#")
    assert not re.search(r"@import|url\((?!#)", "".join(page.style))


@pytest.mark.slow
def test_hostile_strings_are_shown_and_not_run(results: Path) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} {rcv1.epochs} $x_{$"
    claim = verdict("hostile", "refuted", "exact", statement=hostile)
    claim["explanation"] = claim["place"]["section"] = hostile
    claim["measured"] = {hostile: [hostile, 1]}
    (results / "claims/ledger.json").write_text(json.dumps([claim]))
    path = results / "data/manifest.json"
    manifest = json.loads(path.read_text())
    manifest["rcv1"] |= {"source": hostile, "citation": hostile, "attempts": [hostile]}
    path.write_text(json.dumps(manifest))
    page = page_of(results)
    assert page.scripts == [{}]
    assert "img" not in {tag for tag, _ in page.elements}
    assert page.text.count(hostile) >= 8


MISSING = {
    "runs/rcv1": "there is no file in results/runs/rcv1/",
    "runs/airfoil": "there is no file in results/runs/airfoil/",
    "runs/quadratics": "there is no file in results/runs/quadratics/",
    "claims": "results/claims/ledger.json does not exist",
    "proofs": "results/proofs/verdicts.json does not exist",
    "data": "results/data/manifest.json does not exist",
    "provenance.json": "results/provenance.json does not exist",
    "counterparts.json": "results/counterparts.json does not exist",
    "analyses": "results/analyses/limits.parquet does not exist",
}


@pytest.mark.parametrize("lost", MISSING)
@pytest.mark.slow
def test_a_missing_result_leaves_its_reason_and_the_rest_intact(results: Path, lost: str) -> None:
    path = results / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    page = page_of(results, *(["figures"] if lost.startswith("runs/") else []))
    assert MISSING[lost] in page.text
    intact = {
        "runs/rcv1": 'Whether Adagrad beats SGD on RCV1 is not known here. Missing: there is no',
    }.get(lost, "Adagrad beat SGD on RCV1")  # fmt: skip
    assert intact in page.text
    sections = [attributes["id"] for tag, attributes in page.elements if tag == "section"]
    assert sections == [
        "answer", "rcv1", "airfoil", "cnn", "quadratics", "comparison", "assignment", "notebook",
        "claims", "exercises", "invariances", "rules", "performance", "provenance", "reproduce",
        *(["references"] if "references" in sections else []), "numbers",
    ]  # fmt: skip


@pytest.mark.slow
def test_one_missing_optimizer_takes_the_contest_away_and_not_the_other(results: Path) -> None:
    (results / "runs/rcv1/adagrad.parquet").unlink()
    text = page_of(results, "figures").text
    assert "is not known here. Missing: SGD or Adagrad was not run as printed." in text
    assert "SGD, as printed, η = 0.01" in text


@pytest.mark.slow
def test_a_run_that_diverged_is_missing_in_its_cell_and_says_why(results: Path) -> None:
    path = results / "runs/rcv1/sgd.parquet"
    rows = pd.read_parquet(path)
    rows.loc[(rows["metric"] == "train_loss") & (rows["epoch"] == 20), "value"] = float("inf")
    rows.to_parquet(path)
    text = page_of(results, "figures").text
    assert "missing: the value in results/runs/rcv1/sgd.parquet is not finite" in text
    assert "Whether Adagrad beats SGD on RCV1 is not known here. Missing: the value in" in text
    assert "With learning rate 0.01 for both it cannot be said which is better" in text
    assert "cannot be told" not in text
    assert "One seed or none" not in text


@pytest.mark.slow
def test_a_seed_that_diverged_takes_the_interval_away_and_says_so(results: Path) -> None:
    path = results / "runs/rcv1/sgd.parquet"
    rows = pd.read_parquet(path)
    last = (rows["metric"] == "train_loss") & (rows["epoch"] == 20) & (rows["seed"] == 4)
    rows.loc[last, "value"] = float("inf")
    rows.to_parquet(path)
    text = page_of(results, "figures").text
    assert "Adagrad beat SGD on RCV1 as the assignment ran it" in text
    assert "There is no interval: the value in results/runs/rcv1/sgd.parquet and" in text
    assert "One seed or none" not in text


def test_nothing_at_all_still_makes_a_page(tmp_path: Path) -> None:
    root = tmp_path / "results"
    root.mkdir()
    page = page_of(root, "figures")
    assert page.text.count("Missing.") >= 6


@pytest.mark.slow
def test_renders_in_two_processes_are_the_same_bytes(rendered: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    shutil.copytree(rendered, one)
    make(rendered.parent, "tables", out=one)
    # Another seed than this process has: sets and hashes come in another order.
    program = (
        "import sys; from pathlib import Path; from render_steps import make; "
        "make(Path(sys.argv[1]), 'numbers', 'figures', 'html', 'tex', 'tables', "
        "out=Path(sys.argv[2]))"
    )
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    here = Path(__file__).parent
    subprocess.run(
        [sys.executable, "-c", program, rendered.parent, two], check=True, cwd=here.parents[1],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{here}:{here.parents[1]}"},
    )  # fmt: skip
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert {path.suffix for path in files} >= {".json", ".svg", ".pdf", ".html", ".tex", ".csv"}
    for file in files:
        assert (one / file).read_bytes() == (two / file).read_bytes(), file


def test_the_page_is_small(rendered: Path) -> None:
    assert (rendered / "report.html").stat().st_size < 3_000_000
