"""The comparison's statistics, against hand arithmetic and scipy, with infinities kept."""

import json

import numpy as np
import pytest
import scipy.stats
from click.testing import CliRunner
from test_comparison_search import PROTOCOL, documents

from data.prepared import Prepared
from experiments.comparison.__main__ import main
from experiments.comparison.linear_training import linear_trainer
from experiments.comparison.outcome import (
    epochs_to_target,
    read_outcome,
    seconds_to_target,
    width_of_good_rates,
)
from experiments.comparison.profiles import profile, ratios
from experiments.comparison.search import compare_rule
from experiments.comparison.settings import check_comparison
from experiments.comparison.statistics import holm, mean_ranks, paired_p, summary
from experiments.comparison.summary import compare, write_comparison
from experiments.parquet import metadata, write_frames
from experiments.table import SCHEMA

INF = np.inf
COMPARISON = {
    "level": 0.95, "resamples": 500, "significance": 0.5, "near_best": 1.1,
    "problems": {
        "fair_rcv1": {"rank_by": "test_loss", "target": {"metric": "train_loss", "full": 0.5}}
    },
    "pairs": [["momentum", "sgd"], ["adam", "sgd"]],
}  # fmt: skip


def test_holm_multiplies_by_the_hypotheses_left_and_never_falls():
    """0.01 x 4, 0.02 x 3 and 0.03 x 2; then 0.04 x 1 would fall below the 0.06 before it."""
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_ten_pairs_all_one_way_give_the_smallest_p_there_is():
    values = np.arange(10.0)
    # Of 2^10 choices of signs only all plus and all minus are as extreme.
    assert paired_p(values, values + np.arange(1, 11)) == pytest.approx(2 / 1024)


def test_the_paired_test_is_scipy_s_where_there_are_no_ties():
    first, second = np.random.default_rng(3).normal(size=(2, 10))
    expected = scipy.stats.wilcoxon(first, second, method="exact").pvalue
    assert paired_p(first, second) == pytest.approx(expected)


def test_ties_are_tested_by_all_changes_of_signs():
    """Four differences of one size: all signs alike is one of 16 choices, and so is its mirror."""
    assert paired_p([1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 2.0, 3.0]) == pytest.approx(2 / 16)


def test_infinities_tie_with_each_other_and_lose_by_more_than_any_number():
    assert paired_p([INF, INF], [INF, INF]) == 1.0
    # Both orders of magnitude give ranks 1, 2, 3 and the signs +, +, -.
    finite = paired_p([1.0, 2.0, -9.0], [0.0, 0.0, 0.0])
    assert paired_p([1.0, 2.0, 0.0], [0.0, 0.0, INF]) == pytest.approx(finite)


def test_a_median_and_its_interval_know_infinity():
    found = summary([1.0, 2.0, 3.0, INF, INF, INF, INF], 0.95, 500)
    assert found.median == INF
    assert found.high == INF
    assert np.isfinite(found.low)
    finite = summary(list(range(11)), 0.95, 500)
    assert finite.median == 5
    assert finite.low < 5 < finite.high
    assert summary([4.0] * 10, 0.95, 500) == summary([4.0] * 10, 0.95, 500)
    assert summary([4.0] * 10, 0.95, 500).low == 4.0


def test_profiles_divide_by_the_fastest_and_a_miss_is_never_reached():
    times = np.array([[1.0, 6.0, INF, INF], [2.0, 3.0, 5.0, INF]])
    found = ratios(times)
    np.testing.assert_array_equal(found, [[1, 2, INF, INF], [2, 1, 1, INF]])
    np.testing.assert_array_equal(profile(found[0], np.array([1.0, 2.0, 1e9])), [0.25, 0.5, 0.5])
    np.testing.assert_array_equal(profile(found[1], np.array([1.0, 2.0, 1e9])), [0.5, 0.75, 0.75])


def test_a_target_reached_before_training_is_no_division_by_zero():
    np.testing.assert_array_equal(ratios(np.array([[0.0], [1.0]])), [[1.0], [INF]])


def test_a_target_is_reached_at_the_first_epoch_that_does_and_a_miss_is_infinite():
    losses = np.array([[0.9, 0.4, 0.6, 0.4], [0.9, 0.8, 0.7, 0.6]])
    epochs = epochs_to_target(losses, "train_loss", 0.5)
    np.testing.assert_array_equal(epochs, [1, INF])
    np.testing.assert_array_equal(epochs_to_target(losses, "test_accuracy", 0.95), [INF, INF])
    np.testing.assert_array_equal(epochs_to_target(losses, "test_accuracy", 0.85), [0, 0])
    seconds = np.array([[0.0, 2.0, 4.0, 6.0], [0.0, 1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(seconds_to_target(seconds, epochs), [2, INF])


def test_ranks_are_shared_by_ties_and_infinities_come_last():
    found = mean_ranks(np.array([[1.0, INF], [2.0, INF], [3.0, 1.0]]))
    np.testing.assert_allclose(found, [(1 + 2.5) / 2, (2 + 2.5) / 2, (3 + 1) / 2])


def test_good_rates_are_one_stretch_around_the_best():
    rates, scores = [0.01, 0.1, 1.0, 10.0, 100.0], [1.0, 3.0, 1.0, 1.05, INF]
    # The first of the two equal bests is cut off by the rate beside it.
    assert width_of_good_rates(rates, scores, 1.1) == 1.0
    assert width_of_good_rates(rates, [1.01, *scores[1:]], 1.1) == pytest.approx(10)
    assert width_of_good_rates([0.1, 1.0, 10.0], [3.0, 1.0, 1.05], 1.1) == pytest.approx(10)
    assert width_of_good_rates([0.1, 1.0], [INF, INF], 1.1) == 0.0


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    sizes = {"fitting": 60, "validation": 40, "train": 100, "test": 30}
    splits = {name: documents(count, at) for at, (name, count) in enumerate(sizes.items())}
    return Prepared("rcv1", splits, {})


def tables(folder, prepared, optimizers=("sgd", "momentum", "adam"), **change):
    protocol = {**PROTOCOL, **change}
    paths = []
    for name in optimizers:
        paths.append(folder / "fair_rcv1" / f"{name}.parquet")
        trainer = linear_trainer(prepared, "logistic", protocol)
        frames = compare_rule("fair_rcv1", "rcv1", name, protocol, trainer)
        write_frames(frames, SCHEMA, paths[-1], metadata(protocol, "full"))
    return paths


@pytest.fixture(scope="module")
def compared(tmp_path_factory, prepared) -> dict:
    return compare(tables(tmp_path_factory.mktemp("runs"), prepared), COMPARISON)


def test_the_leader_is_chosen_on_validation_and_every_other_rule_tested_against_it(compared):
    problem = compared["problems"]["fair_rcv1"]
    for variant in ("chosen rate", "tuned"):
        validation = {name: each[variant]["validation"] for name, each in problem["rules"].items()}
        leader = problem[variant]["leader"]
        assert leader == min(validation, key=validation.get)
        against = problem[variant]["against_leader"]
        assert {test["first"] for test in against} == set(validation) - {leader}
        assert {test["second"] for test in against} == {leader}
        assert sum(problem[variant]["ranks"].values()) == pytest.approx(1 + 2 + 3)


def test_every_rule_had_as_many_trials(compared):
    problem = compared["problems"]["fair_rcv1"]
    assert {each["search"]["trials"] for each in problem["rules"].values()} == {12}
    assert {len(each["search"]["rates"]) for each in problem["rules"].values()} == {8}


def test_a_planned_pair_of_which_a_rule_is_not_there_is_listed(tmp_path, prepared):
    pairs = [["adam", "sgd"], ["adam", "lion"]]
    paths = tables(tmp_path, prepared, ("sgd", "adam"))
    found = compare(paths, {**COMPARISON, "pairs": pairs})["problems"]["fair_rcv1"]
    assert found["chosen rate"]["pairs_left_out"] == [["adam", "lion"]]
    assert len(found["chosen rate"]["pairs"]) == 1


@pytest.mark.slow
def test_one_edit_of_the_budget_moves_the_ranks(tmp_path, prepared):
    """At rates far too small Adagrad moves least; with trials to leave the grid it catches up."""
    small = {"from": 1e-5, "to": 1e-3, "points": 3}
    rules, ranks = ("sgd", "adam", "rmsprop", "adagrad"), []
    for trials in (3, 9):
        paths = tables(tmp_path / str(trials), prepared, rules, rates=small, trials=trials)
        problem = compare(paths, {**COMPARISON, "pairs": []})["problems"]["fair_rcv1"]
        ranks.append(problem["chosen rate"]["ranks"]["adagrad"])
        beyond = {name: each["search"]["above_grid"] for name, each in problem["rules"].items()}
        assert all((count > 0) == (trials == 9) for count in beyond.values())
    assert ranks[0] == 4.0
    assert ranks[1] < 4.0


def test_a_diverged_trial_and_a_diverged_seed_are_counted_and_infinitely_bad(tmp_path, prepared):
    """On a squared loss SGD overflows at every one of these rates."""
    protocol = {
        **PROTOCOL,
        "epochs": 20,
        "rates": {"from": 1e3, "to": 1e6, "points": 3},
        "trials": 3,
    }
    trainer = linear_trainer(prepared, "squared", protocol)
    path = tmp_path / "fair_rcv1" / "sgd.parquet"
    frames = compare_rule("fair_rcv1", "rcv1", "sgd", protocol, trainer)
    write_frames(frames, SCHEMA, path, metadata(protocol, "full"))
    outcome = read_outcome(path)
    assert outcome.diverged_trials >= 3
    assert outcome.scores == [INF] * 3
    # No weights at all are half a mean squared error of a quarter, so a tenth is never reached.
    target = {"rank_by": "test_loss", "target": {"metric": "train_loss", "full": 0.1}}
    found = compare([path], {**COMPARISON, "pairs": [], "problems": {"fair_rcv1": target}})
    chosen = found["problems"]["fair_rcv1"]["rules"]["sgd"]["chosen rate"]
    assert chosen["diverged_seeds"] == 3
    assert chosen["seeds_that_miss"] == 3
    assert chosen["final"]["train_loss"].median == INF
    write_comparison(found, tmp_path / "comparison.json")
    read = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    rules = read["problems"]["fair_rcv1"]["rules"]
    assert rules["sgd"]["chosen rate"]["final"]["train_loss"]["median"] == "infinity"
    assert read["profiles"]["chosen rate"]["epochs"]["sgd"] == ["infinity"] * 3


RULES = {"fair_rcv1": range(23)}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"pairs": [["adagrat", "sgd"]]}, "comparison.pairs: .* did you mean 'adagrad'"),
        ({"pairs": [["sgd", "sgd"]]}, "'sgd' is paired with itself"),
        ({"level": 1.0}, r"comparison\.level: 1\.0 is greater"),
        ({"problems": {}}, r"comparison\.problems: 'fair_rcv1' is missing"),
        ({"significance": 0.05}, r"fair_rcv1\.seeds: 3 seeds cannot tell 22 .* at least 10"),
    ],
)
def test_a_mistake_in_the_comparison_is_named_by_its_key(change, told):
    with pytest.raises(ValueError, match=told):
        check_comparison({**COMPARISON, **change}, {"fair_rcv1": PROTOCOL}, RULES)


def test_tables_of_a_problem_that_is_not_compared_are_refused_with_the_nearest_name(tmp_path):
    table = tmp_path / "fair_airfol" / "sgd.parquet"
    table.parent.mkdir()
    table.touch()
    found = CliRunner().invoke(main, [str(table), "--output", str(tmp_path / "comparison.json")])
    assert found.exit_code == 2
    assert "there is no 'fair_airfol'; did you mean 'fair_airfoil'?" in found.output


@pytest.mark.parametrize("content", [b"", b"PAR1 cut short", b"experiment,value\n"])
def test_a_table_that_was_cut_short_is_named_with_what_to_do(tmp_path, content):
    table = tmp_path / "fair_rcv1" / "sgd.parquet"
    table.parent.mkdir()
    table.write_bytes(content)
    found = CliRunner().invoke(main, [str(table), "--output", str(tmp_path / "comparison.json")])
    assert found.exit_code == 1
    assert f"{table}: expected a Parquet table, found {len(content)} bytes" in found.output
    assert "delete the file and run again" in found.output
