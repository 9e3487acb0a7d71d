"""The documents, re-run: each figure and table has its result, drawn by what the rows are."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from page import Page
from render_steps import make
from reporting import SEEDS, counterpart, linear_runs, part_of_runs, series_rows

from reports.curves import frame, medians_with_ranges
from reports.exhibits import Cells, Curves, Dots, Ends, Lines, Paths, panels, stands_of
from reports.results import read_results
from reports.runs import groups_of
from reports.sections.origin import told_size
from reports.series import geometric
from reports.tidy import Size


def page_of(results: Path, *before: str) -> Page:
    """The page of changed results; figures are drawn anew only where `before` asks for it."""
    folder = make(results, "numbers", *before, "html")
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def list_counterparts(results: Path, *entries: dict) -> None:
    (results / "counterparts.json").write_text(json.dumps(entries), encoding="utf-8")


def change_values(path: Path, chosen, values) -> None:
    """Put other values into the rows of a table that `chosen` tells."""
    rows = pd.read_parquet(path)
    rows.loc[chosen(rows), "value"] = values
    rows.to_parquet(path, index=False)


def captions(html: str) -> dict[str, str]:
    """The words under every figure, by its name."""
    found = re.findall(
        r'<figure id="figure-([\w-]+)"[^>]*>.*?<figcaption>(.*?)</figcaption>', html, re.S
    )
    return {name: Page(caption).text for name, caption in found}


def test_every_entry_is_listed_with_its_place_result_and_status(rendered: Path) -> None:
    text = Page((rendered / "report.html").read_text()).text
    assert "The assignment, re-run" in text
    assert "3.6, figure 9 What figure 9 is. results/runs/rcv1/sgd.parquet full there" in text
    assert "3.6, code What code is. none full missing" in text
    assert "Section 3.6, code: What code is. Missing. this run made no results/runs/cnn." in text


def test_the_form_follows_from_the_rows(rendered: Path) -> None:
    stands = stands_of(read_results(rendered.parent))
    forms = [[type(shown.exhibit) for shown in stand.shown] for stand in stands[:5]]
    assert forms == [[Curves], [Ends, Curves], [Ends], [Paths, Paths], [Lines, Dots, Cells]]


@pytest.mark.slow
def test_what_is_shown_already_is_referred_to_and_not_drawn_twice(results: Path) -> None:
    part = part_of_runs("rcv1", "test_loss", optimizer="sgd")
    list_counterparts(results, counterpart("figure 6", part), counterpart("code", part))
    assert "Shown already: section 3.6, figure 6." in page_of(results, "figures").text
    drawn = json.loads((results / "report/figures/index.json").read_text())
    assert [name for name in drawn if name.startswith("assignment")] == ["assignment-0-0"]


def test_a_table_of_runs_has_the_median_at_quarters_of_the_epochs(rendered: Path) -> None:
    numbers = json.loads((rendered / "numbers.json").read_text())
    # The middle seed's end is 0.304, and losses fall as (1 - epoch / 20)²: see linear_runs.
    expected = 0.304 + (math.log(2) - 0.304) * 0.75**2
    found = numbers["rcv1.sgd.as-printed.train-loss.at-epoch-5"]
    assert found["value"] == pytest.approx(expected)
    assert "median over 5 seeds of train_loss after epoch 5" in found["computed"]
    text = Page((rendered / "report.html").read_text()).text
    assert "Run First Epoch 5 Epoch 10 Epoch 15 Last SGD, as printed 0.6931" in text


def test_captions_say_from_which_value_to_which(rendered: Path) -> None:
    told = captions((rendered / "report.html").read_text())
    curves, lines, dots = (
        told[f"{at}"] for at in ("assignment-0-0", "notebook-4-0", "notebook-4-1")
    )
    assert "Median and range over 5 seeds, the median from first to last: " in curves
    assert "as printed 0.6931 → 0.0540; common rate 0.01 0.6931 → 0.3540." in curves
    assert "Growth. SGD 0.8 → 1.2 (between 0.5 and 1.2)." in lines
    assert "Limits. bowl from 0.1 (SGD) to 0.19 (momentum)." in dots


@pytest.mark.slow
def test_several_measures_of_named_points_are_a_table_that_runs_nothing(rendered: Path) -> None:
    html = (rendered / "report.html").read_text()
    assert "a minimum &lt;b&gt;" in html
    assert "Marks. Data: none, the function is given by its formula Point marked at truly at" in (
        Page(html).text
    )


@pytest.mark.slow
def test_what_is_not_finite_is_said_in_words(results: Path) -> None:
    path = results / "analyses/limits.parquet"
    change_values(path, lambda rows: rows["figure"] == "marks", [np.inf, np.nan])
    assert "a minimum <b> infinite none" in page_of(results).text


@pytest.mark.slow
def test_a_reduced_table_says_on_every_caption_what_full_would_be(results: Path) -> None:
    path = results / "runs/rcv1/sgd.parquet"
    made_by = {"scale": "reduced", "protocol": {"epochs": 3}, "full": {"epochs": 20}}
    table = pq.read_table(path)
    metadata = {**table.schema.metadata, b"regrad": json.dumps(made_by).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), path)
    list_counterparts(results, counterpart("figure 6", part_of_runs("rcv1", "train_loss")))
    html = (make(results, "numbers", "figures", "html") / "report.html").read_text()
    shown = {name: words for name, words in captions(html).items() if name.startswith("assignment")}
    assert shown
    assert all("reduced: epochs 3 instead of 20" in words for words in shown.values())
    # In RCV1's own section too: both its tables and its figures.
    assert html.count("reduced: epochs 3 instead of 20") > len(shown) + 4


def test_a_size_without_reduction_says_nothing_and_long_values_are_counted() -> None:
    assert not Size().reduced
    size = Size(True, {"rates": [1], "images": 60}, {"rates": [1, 2, 3], "images": 6000})
    told = "reduced: rates 1 of them instead of 3 of them, images 60 instead of 6000"
    assert told_size(size) == told


@pytest.mark.slow
def test_a_run_that_diverged_is_drawn_to_where_it_ends_and_listed(results: Path) -> None:
    path = results / "runs/rcv1/sgd.parquet"

    def late(rows: pd.DataFrame) -> pd.Series:
        printed = (rows["variant"] == "as printed") & (rows["metric"] == "test_loss")
        return printed & (rows["epoch"] >= 10) & (rows["seed"] < 3)

    change_values(path, late, np.nan)
    part = part_of_runs("rcv1", "test_loss", optimizer="sgd")
    list_counterparts(results, counterpart("figure 6", part))
    html = (make(results, "numbers", "figures", "html") / "report.html").read_text()
    caption = captions(html)["assignment-0-0"]
    assert "Diverged: as printed on 3 of 5 seeds, first at step 1,200." in caption
    assert "as printed 0.7931 → missing" in caption
    assert "as printed (diverged)" in html


def test_a_seed_that_diverged_counts_as_the_worst_and_is_not_left_out() -> None:
    values = np.array([[1.0, 1.0], [2.0, np.inf], [3.0, np.inf]])
    middle, low, high = medians_with_ranges(values)
    np.testing.assert_array_equal(middle, [2.0, np.inf])
    np.testing.assert_array_equal(low, [1.0, 1.0])
    np.testing.assert_array_equal(high, [3.0, np.inf])


def test_the_run_s_own_word_on_its_divergence_goes_before_its_values(results: Path) -> None:
    path = results / "runs/rcv1/sgd.parquet"
    rows = pd.read_parquet(path)
    said = rows[(rows["metric"] == "test_loss") & (rows["step"] == 0) & (rows["seed"] == 4)]
    said = said.assign(metric="diverged_at", value=77.0)
    pd.concat([rows, said]).to_parquet(path, index=False)
    group = groups_of(read_results(results), "rcv1")[0]
    assert group.diverged("train_loss") == {4: 77}


def test_what_is_infinite_where_it_is_taken_once_is_no_divergence(results: Path) -> None:
    path = results / "runs/rcv1/sgd.parquet"
    rows = pd.read_parquet(path)
    once = rows[(rows["metric"] == "test_loss") & (rows["step"] == 0)]
    once = once.assign(metric="escape_step", value=np.inf)
    pd.concat([rows, once]).to_parquet(path, index=False)
    assert groups_of(read_results(results), "rcv1")[0].diverged("escape_step") == {}


def test_panels_hold_few_lines_and_every_group_once(results: Path) -> None:
    variants = [linear_runs("airfoil", "sgd", f"rate {at}", 0.1, 0.3) for at in range(12)]
    pd.concat(variants).to_parquet(results / "runs/airfoil/sgd.parquet", index=False)
    groups = groups_of(read_results(results), "airfoil")
    found = panels(groups)
    assert [len(some) for _, some in found] == [4, 4, 4, 1]
    assert {group.name for _, some in found for group in some} == {g.name for g in groups}
    # In the order of the numbers: "rate 10" comes after "rate 9".
    assert [group.variant for group in found[2][1]] == ["rate 8", "rate 9", "rate 10", "rate 11"]


def test_optimizers_of_one_or_two_variants_each_share_panels(results: Path) -> None:
    for name in ("adam", "lion", "momentum", "sgd"):
        variants = [linear_runs("airfoil", name, f"rate {at}", 0.1, 0.3) for at in range(2)]
        pd.concat(variants).to_parquet(results / f"runs/airfoil/{name}.parquet", index=False)
    found = panels(groups_of(read_results(results), "airfoil"))
    # By optimizer they would be five panels.
    assert [(title, len(some)) for title, some in found] == [
        ("rate 0", 4),
        ("rate 1", 4),
        ("as printed", 1),
    ]


@pytest.mark.slow
def test_of_very_many_runs_a_table_says_where_they_end(results: Path) -> None:
    variants = [linear_runs("airfoil", "sgd", f"rate {at}", 0.1, 0.3) for at in range(31)]
    pd.concat(variants).to_parquet(results / "runs/airfoil/sgd.parquet", index=False)
    part = part_of_runs("airfoil", "train_loss", optimizer="sgd")
    list_counterparts(results, counterpart("figure 8", part))
    (stand,) = stands_of(read_results(results))
    assert [type(shown.exhibit) for shown in stand.shown] == [Ends]
    folder = make(results, "numbers", "figures", "html", "tex")
    assert "SGD, rate 30" in Page((folder / "report.html").read_text()).text
    told = (folder / "report.tex").read_text().split("The assignment, re-")[1]
    assert "SGD, rate 30" not in told.split("The notebook, re-")[0]


def test_an_axis_is_logarithmic_beyond_three_decades() -> None:
    assert not frame(np.array([1.0, 999.0])).logarithmic
    assert frame(np.array([1.0, 1001.0])).logarithmic
    assert not frame(np.array([-1.0, 1e6])).logarithmic
    assert geometric(np.geomspace(1e-3, 1, 10))
    assert not geometric(np.linspace(1e-3, 1, 100))


def test_trials_of_the_fair_comparison_are_not_read(results: Path) -> None:
    (results / "runs/fair_rcv1").mkdir()
    (results / "runs/fair_rcv1/sgd.parquet").write_bytes(b"no table")
    read = read_results(results)
    assert "fair_rcv1" not in read.runs
    assert not read.unreadable


def test_an_experiment_that_nothing_lists_is_read_all_the_same(results: Path) -> None:
    (results / "runs/new").mkdir()
    linear_runs("new", "sgd", "as printed", 0.1, 0.3).to_parquet(results / "runs/new/sgd.parquet")
    read = read_results(results)
    assert len(groups_of(read, "new")[0].seeds) == SEEDS


def test_an_optimizer_s_title_is_its_rule_s(results: Path) -> None:
    path = results / "optim/rules.json"
    rules = json.loads(path.read_text())
    path.write_text(json.dumps([{**rules[0], "title": "Plain descent"}, *rules[1:]]))
    assert groups_of(read_results(results), "rcv1")[0].title == "Plain descent"
    path.unlink()
    assert groups_of(read_results(results), "rcv1")[0].title == "sgd"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(b"PAR1 no more"), "is not readable as Parquet"),
        (lambda path: pd.DataFrame({"value": [1.0]}).to_parquet(path), "lacks the column analysis"),
        (lambda path: path.unlink(), "does not exist"),
        (
            lambda path: series_rows("other", "a", "b", [1.0]).to_parquet(path),
            "has no figure 'growth'",
        ),
    ],
)
@pytest.mark.slow
def test_a_damaged_analysis_leaves_its_place_with_the_reason(
    results: Path, damage, reason: str
) -> None:
    damage(results / "analyses/limits.parquet")
    text = page_of(results).text
    assert f"results/analyses/limits.parquet {reason}" in text
    assert "as printed 0.6931 → 0.0540" in text


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("[]", " holds no entry"),
        ('[{"document": "assignment"}]', ': an entry lacks a proper "section"'),
        ("{", " is not JSON"),
    ],
)
@pytest.mark.slow
def test_a_damaged_list_of_counterparts_is_missing_with_its_reason(
    results: Path, written: str, reason: str
) -> None:
    (results / "counterparts.json").write_text(written)
    assert f"What was re-run: results/counterparts.json{reason}" in page_of(results).text


def test_the_metadata_of_a_table_may_be_of_anyone(results: Path) -> None:
    path = results / "runs/rcv1/sgd.parquet"
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({b"regrad": b"{"}), path)
    assert isinstance(pq.read_table(path), pa.Table)
    assert groups_of(read_results(results), "rcv1")[0].size == Size()
