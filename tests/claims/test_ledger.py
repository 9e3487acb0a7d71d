"""The judge of claims: measured against expected, with hand-made results."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from claims.claim import Claim, ClaimError, read_claims
from claims.ledger import judge
from claims.measures.runs import every_run_ends_near, final_difference, median_interval
from claims.sentence import fill
from proofs.verdict import Place, Verdict, write_verdicts

ROOT = Path(__file__).resolve().parents[2]


def table(path: Path, ends: dict[str, dict[str, list[float]]]) -> None:
    """A run table with one last value a seed, and an earlier value that must not be read."""
    rows = [
        {
            "dataset": path.parent.name,
            "variant": variant,
            "metric": metric,
            "seed": seed,
            "step": step,
            "value": value,
        }
        for variant, metrics in ends.items()
        for metric, values in metrics.items()
        for seed, last in enumerate(values)
        for step, value in ((0, 0.7), (10, last))
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).sample(frac=1, random_state=0).to_parquet(path)


SPREAD = np.array([0.001, -0.001, 0.0005, -0.0005, 0.0, 0.0002])
"""Six seeds, the fewest with which a median's interval can reach 95 %."""


def around(value: float, scale: float = 1.0) -> list[float]:
    return (value + scale * SPREAD).tolist()


@pytest.fixture
def results(tmp_path):
    """Results in which the documents' statements turn out as we know they do."""
    runs = tmp_path / "runs"
    table(
        runs / "rcv1" / "sgd.parquet",
        {
            "as printed": {"train_loss": around(0.23)},
            "common rate 0.1": {"train_loss": around(0.11)},
        },
    )
    table(
        runs / "rcv1" / "adagrad.parquet",
        {
            "as printed": {"train_loss": around(0.09, -1)},
            "common rate 0.01": {"train_loss": around(0.26, -1)},
        },
    )
    optimum = {"least_squares_loss": [0.24169]}
    table(
        runs / "airfoil" / "adagrad_eps_inside.parquet",
        {"the book's rate": {"train_loss": around(0.242, 0.1), **optimum}},
    )
    table(runs / "airfoil" / "sgd.parquet", {"small rate": {"train_loss": around(0.2422, 0.1)}})
    table(runs / "airfoil" / "adam.parquet", {"small rate": {"train_loss": around(0.2423, 0.1)}})
    proofs(tmp_path, "refuted", "reproduced")
    return tmp_path


def proofs(results: Path, spectrum: str, example: str) -> None:
    """Write the two verdicts that claims pass on, with these findings."""
    write_verdicts(
        [
            Verdict(
                name, "s", Place("assignment", "3.8"), finding,
                "none" if finding == "not checkable" else "exact", {}, "By the algebra.",
                tolerance=5e-5, tolerance_reason="the printed digits",
            )
            for name, finding in (
                ("exercise-2-same-spectrum", spectrum),
                ("exercise-4-two-by-two-entries", example),
            )
        ],
        results / "proofs" / "verdicts.json",
    )  # fmt: skip


def claim_of(name: str) -> Claim:
    """One claim of the assignment by its id."""
    return next(c for c in read_claims(ROOT / "claims" / "assignment") if c.id == name)


def findings(results: Path, changes: dict[str, object] | None = None) -> dict[str, str]:
    found = {}
    first = ROOT / "claims" / "assignment" / "claims.yaml"
    for claim in read_claims(first):
        if changes and claim.id in changes:
            question = dataclasses.replace(claim.question, expected=changes[claim.id])
            claim = dataclasses.replace(claim, question=question)
        found[claim.id] = judge(claim, results, {}).finding
    return found


def test_the_claims_come_out_as_their_results_say(results):
    assert findings(results) == {
        "rcv1-adagrad-ends-lower": "reproduced with a caveat",
        "rcv1-table-2-sgd-loss": "refuted",
        "rcv1-table-2-adagrad-loss": "refuted",
        "rcv1-table-2-positions": "refuted",
        "rcv1-one-learning-rate": "refuted",
        "airfoil-adagrad-loss": "reproduced with a caveat",
        "exercise-2-same-spectrum": "refuted",
        "preconditioned-example": "reproduced",
    }


def test_errors_planted_in_the_expected_values_are_all_caught(results):
    planted = {
        "rcv1-adagrad-ends-lower": "higher",
        "airfoil-adagrad-loss": 0.252,
        "preconditioned-example": "refuted",
    }
    found = findings(results, planted)
    assert {found[name] for name in planted} == {"refuted"}


def test_a_text_may_name_the_value_that_was_measured(results):
    claim = claim_of("airfoil-adagrad-loss")
    claim = dataclasses.replace(claim, holds="It ends at $value.", caveat=None)
    assert judge(claim, results, {}).explanation == "It ends at 0.242."


def test_a_text_that_names_what_is_not_measured_is_refused_with_its_claim_and_line(results):
    claim = dataclasses.replace(claim_of("airfoil-adagrad-loss"), holds="It ends at $valeu.")
    with pytest.raises(
        ClaimError, match=r"\.yaml, line \d+: claim 'airfoil-adagrad-loss': .*'valeu'.* median"
    ):
        judge(claim, results, {})


def test_a_missing_result_is_not_checkable_and_says_what_makes_it(results):
    (results / "runs" / "rcv1" / "sgd.parquet").unlink()
    claim = claim_of("rcv1-adagrad-ends-lower")
    verdict = judge(claim, results, {})
    assert verdict.finding == "not checkable"
    assert verdict.evidence == "none"
    assert "snakemake --cores all results/runs/rcv1/sgd.parquet" in verdict.explanation


def test_a_stand_in_neither_confirms_nor_refutes_a_claim_about_real_data(results):
    stand_in = {"airfoil": {"name": "airfoil", "kind": "stand-in", "source": "generated"}}
    claim = claim_of("airfoil-adagrad-loss")
    verdict = judge(claim, results, stand_in)
    assert verdict.finding == "not checkable"
    assert "stand-in" in verdict.explanation
    assert verdict.measured["median"] == pytest.approx(0.242, abs=1e-4)


def test_the_data_is_looked_up_by_the_table_s_own_word_not_by_the_experiment_s_name(results):
    manifest = {"other": {"name": "other", "kind": "stand-in", "source": "generated"}}
    path = results / "runs" / "airfoil" / "adagrad_eps_inside.parquet"
    pd.read_parquet(path).assign(dataset="other").to_parquet(path)
    assert judge(claim_of("airfoil-adagrad-loss"), results, manifest).finding == "not checkable"


def test_one_diverged_seed_is_not_left_out_of_a_median(results):
    values = [*around(0.242, 0.1)[:-1], np.nan]
    table(
        results / "runs" / "airfoil" / "adagrad_eps_inside.parquet",
        {"the book's rate": {"train_loss": values, "least_squares_loss": [0.24169]}},
    )
    verdict = judge(claim_of("airfoil-adagrad-loss"), results, {})
    assert verdict.finding == "refuted"
    assert verdict.measured["value"] == "nan"


def compared(tmp_path: Path, a: list[float], b: list[float]):
    runs = tmp_path / "runs" / "rcv1"
    table(runs / "a.parquet", {"v": {"train_loss": a}})
    table(runs / "b.parquet", {"v": {"train_loss": b}})
    return final_difference(
        tmp_path, "rcv1", "train_loss",
        {"optimizer": "a", "variant": "v"}, {"optimizer": "b", "variant": "v"},
    )  # fmt: skip


def test_a_difference_whose_interval_holds_zero_is_undecided(tmp_path):
    found = compared(tmp_path, [0.1, 0.3, 0.2, 0.4, 0.1, 0.4], [0.2, 0.2, 0.3, 0.3, 0.2, 0.3])
    assert found.value == "undecided"
    assert not found.decided
    assert found.details["low"] <= 0 <= found.details["high"]


def test_an_undecided_comparison_is_not_checkable_rather_than_refuted(results):
    ends = [0.1, 0.3, 0.2, 0.4, 0.1, 0.4]
    table(results / "runs" / "rcv1" / "sgd.parquet", {"as printed": {"train_loss": ends[::-1]}})
    table(
        results / "runs" / "rcv1" / "adagrad.parquet",
        {"as printed": {"train_loss": ends}, "common rate 0.01": {"train_loss": ends}},
    )
    claim = dataclasses.replace(claim_of("rcv1-adagrad-ends-lower"), caveat=None)
    verdict = judge(claim, results, {})
    assert verdict.finding == "not checkable"
    assert verdict.explanation.startswith("undecided:")


@pytest.mark.parametrize("seeds", [1, 2, 5])
def test_fewer_than_six_seeds_decide_nothing(tmp_path, seeds):
    """The sign test's best two-sided level with five is 2 / 2^5 = 6.25 %."""
    found = compared(tmp_path, [0.1] * seeds, [0.2] * seeds)
    assert found.value == "undecided"
    assert found.details["confidence"] == pytest.approx(1 - 2 / 2**seeds)


def test_a_seed_that_diverged_is_infinitely_high_for_the_run_it_did_so_in(tmp_path):
    calm = [0.2] * 6
    assert compared(tmp_path, calm, [0.3] * 5 + [np.nan]).value == "lower"
    assert compared(tmp_path, [0.1] * 5 + [np.nan], calm).value == "undecided"
    assert compared(tmp_path, [np.nan] * 6, calm).value == "higher"
    assert compared(tmp_path, [np.nan] * 6, [np.nan] * 6).value == "undecided"


def test_differences_are_paired_by_seed_not_pooled(tmp_path):
    """Seeds differ by 1, the pairs by 0.1 only: unpaired intervals would overlap by far."""
    found = compared(tmp_path, [1.0, 2, 3, 4, 5, 6], [1.1, 2.1, 3.1, 4.1, 5.1, 6.1])
    assert found.value == "lower"
    assert found.details["difference"] == pytest.approx(-0.1, abs=1e-12)  # float64 subtraction


@pytest.mark.parametrize(("n", "rank", "confidence"), [(6, 1, 1 - 2 / 64), (9, 2, 1 - 20 / 512)])
def test_a_median_s_interval_is_the_textbook_s_order_statistics(n, rank, confidence):
    """P(B < 1) = 1 / 64 for n = 6; P(B < 2) = (1 + 9) / 512 for n = 9, and P(B < 3) is too much."""
    interval = median_interval(np.arange(n, 0, -1.0))
    assert (interval.low, interval.high) == (rank, n + 1 - rank)
    assert interval.confidence == pytest.approx(confidence)


@pytest.mark.slow
def test_a_median_s_interval_covers_as_often_as_it_says():
    draw = np.random.default_rng(0)
    hits = [
        (i := median_interval(draw.exponential(size=10))).low <= np.log(2) <= i.high
        for _ in range(4000)
    ]
    # 97.9 % for n = 10; four standard errors of 4,000 trials are 0.9 %.
    assert np.mean(hits) == pytest.approx(median_interval(np.arange(10.0)).confidence, abs=0.009)


def test_two_variants_of_one_optimizer_do_not_hide_each_other(tmp_path):
    table(
        tmp_path / "runs" / "airfoil" / "adam.parquet",
        {"far": {"train_loss": [9.0], "best": [0.24]}, "near": {"train_loss": [0.24]}},
    )
    runs = [{"optimizer": "adam", "variant": name} for name in ("far", "near")]
    found = every_run_ends_near(tmp_path, "airfoil", "train_loss", runs, "best", 0.01)
    assert found.value is False


def test_a_proof_s_caveat_and_its_doubt_are_passed_on(results):
    proofs(results, "not checkable", "reproduced with a caveat")
    assert judge(claim_of("exercise-2-same-spectrum"), results, {}).finding == "not checkable"
    verdict = judge(claim_of("preconditioned-example"), results, {})
    assert verdict.finding == "reproduced with a caveat"
    assert verdict.tolerance == 5e-5


def test_a_text_that_names_what_was_not_measured_is_an_error():
    with pytest.raises(ClaimError, match=r"'medain'.*measured were median"):
        fill("It ends at $medain.", {"median": 1.0})


def test_the_ledger_is_json_with_the_place_and_the_expected_value(results, tmp_path):
    claim = claim_of("airfoil-adagrad-loss")
    path = tmp_path / "ledger.json"
    write_verdicts([judge(claim, results, {})], path)
    entry = json.loads(path.read_text(encoding="utf-8"))[0]
    assert entry["place"] == {"document": "assignment", "section": "3.6.2"}
    assert entry["measured"]["expected"] == 0.242
    assert entry["measured"]["value"] == pytest.approx(0.242, abs=1e-4)
    assert "0.2417" in entry["explanation"]
