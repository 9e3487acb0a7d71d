"""The search: the same number of trials for every rule, edges left behind, validation alone."""

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest

from data.prepared import Prepared, Rows
from experiments.comparison.linear_training import linear_trainer
from experiments.comparison.rates import best_rate, grid, next_rates, search_rates
from experiments.comparison.search import choices, compare_rule, search
from experiments.comparison.space import at_share, candidates
from experiments.comparison.training import Asked
from experiments.comparison.variants import CHOSEN, TUNED
from experiments.protocol import check_protocols, optimizers_of
from optim.registry import rule

PROTOCOL = {
    "epochs": 2, "batch": 5, "test_rows": 50, "rates": {"from": 1e-3, "to": 10.0, "points": 5},
    "trials": 8, "tuned_trials": 4,
    "space": {
        "momentum": {"from": 0.5, "to": 0.99, "scale": "complement"},
        "beta1": {"from": 0.5, "to": 0.99, "scale": "complement"},
        "eps": {"from": 1e-10, "to": 1e-6, "scale": "log"},
    },
    "select_by": "validation_loss", "search_seed": 1000, "seeds": 3, "optimizers": "all",
    "left_out": {},
}  # fmt: skip


def documents(samples: int, seed: int) -> Rows:
    """Rows of three features, labelled by the first with some noise."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(samples, 3)).astype(np.float32)
    labels = (x[:, 0] + 0.5 * generator.normal(size=samples) > 0).astype(np.float32)
    indices = np.tile(np.arange(3, dtype=np.int32), samples)
    return Rows(np.arange(0, 3 * samples + 1, 3), indices, x.ravel(), labels, 3)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    sizes = {"fitting": 60, "validation": 40, "train": 100, "test": 30}
    splits = {name: documents(count, at) for at, (name, count) in enumerate(sizes.items())}
    return Prepared("rcv1", splits, {})


def bowl(rates, at: float) -> list[float]:
    """A score that is least at one rate, on a logarithmic axis."""
    return [abs(np.log(rate / at)) for rate in rates]


def test_a_grid_has_its_ends_and_one_factor_between_neighbours():
    rates = grid(1e-3, 10.0, 5)
    assert rates[0] == 1e-3
    assert rates[-1] == 10.0
    np.testing.assert_allclose(np.diff(np.log10(rates)), 1.0)


@pytest.mark.parametrize("at", [1e-6, 0.02, 5e3])
@pytest.mark.parametrize("trials", [5, 6, 7, 12])
def test_a_search_makes_exactly_as_many_trials_as_it_may_and_comes_nearer(at, trials):
    scores = search_rates(functools.partial(bowl, at=at), 1e-3, 10.0, 5, trials)
    assert len(scores) == trials
    coarse = min(bowl(grid(1e-3, 10.0, 5), at))
    assert min(scores.values()) < coarse or trials == 5


@pytest.mark.parametrize(("at", "beyond"), [(1e-6, 1e-4), (5e3, 100.0)])
def test_where_the_best_is_on_an_edge_the_next_rate_is_one_factor_beyond_it(at, beyond):
    rates = grid(1e-3, 10.0, 5)
    scores = dict(zip(rates, bowl(rates, at), strict=True))
    assert next_rates(scores, 10.0) == pytest.approx([beyond])


def test_between_its_neighbours_the_side_of_the_better_one_comes_first():
    scores = {0.01: 3.0, 0.1: 1.0, 1.0: 2.0}
    assert next_rates(scores, 10.0) == pytest.approx([np.sqrt(0.1), np.sqrt(0.001)])


def test_where_every_rate_diverged_smaller_ones_are_tried():
    scores = dict.fromkeys((0.1, 1.0, 10.0), np.inf)
    assert best_rate(scores) == 0.1
    assert next_rates(scores, 10.0) == pytest.approx([0.01])


def test_values_along_an_axis_are_as_its_scale_says():
    halfway = functools.partial(at_share, share=0.5)
    assert halfway({"from": 1.0, "to": 3.0, "scale": "linear"}) == 2.0
    assert halfway({"from": 1e-4, "to": 1e-2, "scale": "log"}) == pytest.approx(1e-3)
    # 1 - x halfway between a tenth and a thousandth, logarithmically.
    assert halfway({"from": 0.9, "to": 0.999, "scale": "complement"}) == pytest.approx(0.99)
    assert halfway({"from": 1, "to": 10, "scale": "log", "whole": True}) == 3.0


def test_candidates_cover_every_axis_and_stay_around_the_rate():
    axes = {"momentum": PROTOCOL["space"]["momentum"]}
    tried = candidates(axes, 0.1, 3.0, 16, seed=1000)
    rates, momenta = (np.array([each[name] for each in tried]) for name in ("lr", "momentum"))
    assert ((rates >= 0.1 / 3) & (rates <= 0.3)).all()
    # Sixteen points of a Latin hypercube put one in each sixteenth of either axis.
    where = np.log((1 - momenta) / 0.5) / np.log(0.01 / 0.5)
    assert sorted(np.floor(16 * where)) == list(range(16))
    assert tried == candidates(axes, 0.1, 3.0, 16, seed=1000)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adagrad", "adam", "adamw", "lion"])
def test_every_rule_gets_the_same_number_of_trials(prepared, optimizer):
    trials = search(rule(optimizer), PROTOCOL, linear_trainer(prepared, "logistic", PROTOCOL))
    assert len(trials) == 12
    assert sum(trial.variant.startswith("search") for trial in trials) == 8
    assert {trial.asked.seed for trial in trials} == {1000}
    assert len({tuple(trial.asked.hyperparameters.items()) for trial in trials}) == 12


def test_the_first_search_leaves_all_but_the_rate_at_the_defaults(prepared):
    trials = search(rule("adam"), PROTOCOL, linear_trainer(prepared, "logistic", PROTOCOL))
    defaults = rule("adam").hyperparameters()
    for trial in trials[:8]:
        assert {**trial.asked.hyperparameters, "lr": defaults["lr"]} == defaults
    assert all(trial.asked.hyperparameters["beta1"] != 0.9 for trial in trials[8:])


def test_the_choice_is_the_least_validation_loss(prepared):
    trials = search(rule("sgd"), PROTOCOL, linear_trainer(prepared, "logistic", PROTOCOL))
    chosen = choices(trials)
    for name, among in ((CHOSEN, trials[:8]), (TUNED, trials)):
        losses = {
            trial.asked.hyperparameters["lr"]: trial.trace.measured["validation_loss"][-1]
            for trial in among
        }
        assert chosen[name]["lr"] == min(losses, key=losses.get)


def test_a_search_needs_neither_test_nor_training_rows(prepared):
    """Whatever stands in "train" and "test" cannot matter where they are not even there."""
    blind = dataclasses.replace(
        prepared, splits={name: prepared.splits[name] for name in ("fitting", "validation")}
    )
    found = [
        choices(search(rule("adam"), PROTOCOL, linear_trainer(each, "logistic", PROTOCOL)))
        for each in (prepared, blind)
    ]
    assert found[0] == found[1]


def table(prepared: Prepared, optimizer: str, **change) -> pd.DataFrame:
    protocol = {**PROTOCOL, **change}
    trainer = linear_trainer(prepared, "logistic", protocol)
    frames = compare_rule("fair_rcv1", "rcv1", optimizer, protocol, trainer)
    return pd.concat(frames, ignore_index=True)


def test_two_comparisons_are_equal_to_the_last_bit_but_for_the_seconds(prepared):
    first, second = (table(prepared, "adam").drop(columns="seconds") for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_what_is_chosen_is_retrained_on_seeds_that_the_search_did_not_use(prepared):
    rows = table(prepared, "momentum")
    final = rows[rows.variant.isin([CHOSEN, TUNED])]
    assert set(final.seed) == {0, 1, 2}
    assert set(rows[~rows.index.isin(final.index)].seed) == {1000}
    assert set(final.metric) == {"train_loss", "train_accuracy", "test_loss", "test_accuracy"}
    searched = rows[~rows.index.isin(final.index)]
    assert set(searched.metric) <= {"validation_loss", "validation_accuracy", "diverged_at"}


def test_rules_share_their_first_weights_and_sample_orders(prepared):
    """Momentum 0 is SGD: only with the same orders are the two the same on every seed."""
    plain = linear_trainer(prepared, "logistic", PROTOCOL)
    losses = []
    for name, given in (("sgd", {"lr": 0.1}), ("momentum", {"lr": 0.1, "momentum": 0.0})):
        chosen = rule(name)
        asked = [Asked(chosen.hyperparameters(**given), seed) for seed in range(3)]
        losses.append([t.measured["train_loss"] for t in plain("final", chosen, asked)])
    # The same float32 updates, up to the order of one multiplication each.
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)
    assert not np.allclose(losses[0][0], losses[0][1], rtol=1e-5)


FAIR = {**PROTOCOL, "rates": {"from": 1e-3, "to": 10.0, "points": 5}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"trials": 0}, r"fair_rcv1\.trials: 0 is less than the minimum of 1"),
        ({"tuned_trials": 0}, r"fair_rcv1\.tuned_trials: 0 is less"),
        ({"trials": 4}, r"fair_rcv1\.trials: 4 trials do not cover the grid of 5"),
        ({"rates": {"from": 1.0, "to": 1.0, "points": 5}}, r"fair_rcv1\.rates: from 1\.0 to 1\.0"),
        ({"rates": {"from": 1.0, "to": 0.1, "points": 5}}, "expected `from` below `to`"),
        ({"select_by": "test_loss"}, r"fair_rcv1\.select_by: 'test_loss' is not one of"),
        ({"search_seed": 2}, r"fair_rcv1\.search_seed: 2 is one of the 3 seeds"),
        ({"left_out": {"adagrat": "why"}}, r"fair_rcv1\.left_out: .* did you mean 'adagrad'"),
        ({"seeds": 1}, r"fair_rcv1\.seeds: 1 is less than the minimum of 2"),
        (
            {"space": {"eps": {"from": 1e-2, "to": 1e-3, "scale": "log"}}},
            r"fair_rcv1\.space\.eps: from 0\.01 to 0\.001",
        ),
        ({"reduced": {"trials": 3}}, r"fair_rcv1\.trials: 3 trials do not cover"),
    ],
)
def test_a_mistake_in_a_search_is_named_by_its_key(change, told):
    with pytest.raises(ValueError, match=told):
        check_protocols("runs", {"fair_rcv1": {**FAIR, **change}})


def test_rules_left_out_are_not_run_and_all_others_are():
    protocol = {**FAIR, "left_out": {"newton": "why"}}
    assert set(optimizers_of(FAIR)) - set(optimizers_of(protocol)) == {"newton"}
