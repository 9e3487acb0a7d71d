"""Tables of the experiments on exercise 5's network, on small images made by hand."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from click.testing import CliRunner
from torch.nn.functional import cross_entropy

from data.prepared import array_file, open_prepared
from experiments.__main__ import main
from experiments.analyses import cnn_accumulators
from experiments.network import convolutional_network, fresh_network, generators, measure
from experiments.network_runs import (
    Treatment,
    first_share,
    repeated,
    split_of,
    standardised,
    train_treated,
)
from experiments.protocol import at_scale, check_protocols, read_protocol
from experiments.runs import cnn, cnn_treatments
from experiments.table import COLUMNS
from optim.registry import rule

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"train": 20, "fitting": 18, "validation": 2, "test": 9}
PROTOCOL = {
    "train_images": 20, "test_images": 9, "side": 8, "epochs": 2, "batch": 8, "seeds": 2,
    "reset_epochs": 1, "schedules": {}, "optimizers": {},
}  # fmt: skip


@pytest.fixture
def digits(tmp_path) -> Path:
    """A prepared dataset of 8 by 8 images in four classes, each with a bright row of its own."""
    folder, generator = tmp_path / "fashion-mnist", np.random.default_rng(0)
    folder.mkdir()
    for split, n in SIZES.items():
        labels = (np.arange(n) % 4).astype(np.uint8)
        pixels = generator.integers(0, 128, (n, 8, 8)).astype(np.uint8)
        pixels[np.arange(n), labels * 2] += 127
        np.save(array_file(folder, split, "pixels"), pixels)
        np.save(array_file(folder, split, "labels"), labels)
    provenance = {"name": "fashion-mnist", "layout": "images", "rows": SIZES, "features": 64}
    (folder / "provenance.json").write_text(json.dumps(provenance), encoding="utf-8")
    return folder


def table(data: Path, optimizer: str, variants: dict, **changed) -> pd.DataFrame:
    protocol = {**PROTOCOL, **changed, "optimizers": {optimizer: variants}}
    return pd.concat(cnn.run(optimizer, protocol, data), ignore_index=True)


def values(found: pd.DataFrame, metric: str, seed: int = 0) -> np.ndarray:
    return found[(found.metric == metric) & (found.seed == seed)].value.to_numpy()


@pytest.mark.slow
def test_the_first_epoch_is_exercise_5_s_loop_by_torch_s_adagrad(digits):
    found = table(digits, "adagrad", {"as printed": {"lr": 0.05, "eps": 1e-8}}, epochs=1)
    train = split_of(open_prepared(digits), "train", 20, 8)
    weights, order, _ = generators(1)
    made = fresh_network(convolutional_network, train, weights)
    optimizer = torch.optim.Adagrad(made.parameters(), lr=0.05, eps=1e-8)
    total = 0.0
    for chosen in torch.randperm(20, generator=order).split(8):
        optimizer.zero_grad()
        loss = cross_entropy(made(train.pixels[chosen]), train.labels[chosen])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(chosen)
    # Three updates in float32, each of whose first steps has the length of the rate whatever the
    # gradient, so that rounding of tiny gradients is not amplified beyond this.
    assert values(found, "running_train_loss", seed=1)[0] == pytest.approx(total / 20, rel=1e-4)
    loss, accuracy = measure(made, train)
    assert values(found, "train_loss", seed=1)[1] == pytest.approx(loss, rel=1e-3)
    assert values(found, "train_accuracy", seed=1)[1] == accuracy


def test_epochs_and_steps_are_counted_with_the_last_smaller_batch(digits):
    found = table(digits, "sgd", {"v": {"lr": 0.01}})
    test = found[(found.metric == "test_loss") & (found.seed == 0)]
    assert list(found.columns) == list(COLUMNS)
    assert test.epoch.tolist() == [0, 1, 2]
    assert test.step.tolist() == [0, 3, 6]  # 20 images in batches of 8: three updates
    assert found.dataset.unique().tolist() == ["fashion-mnist"]
    assert found.seed.unique().tolist() == [0, 1]


def test_gaps_are_by_how_much_the_test_set_is_worse(digits):
    found = table(digits, "sgd", {"v": {"lr": 0.01}})
    train, test = (values(found, f"{split}_loss") for split in ("train", "test"))
    np.testing.assert_array_equal(values(found, "loss_gap"), test - train)
    train, test = (values(found, f"{split}_accuracy") for split in ("train", "test"))
    np.testing.assert_array_equal(values(found, "accuracy_gap"), train - test)


def test_a_second_run_gives_the_same_table_but_for_the_time_it_took(digits):
    first, second = (table(digits, "adam", {"v": {}}).drop(columns="seconds") for _ in range(2))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_a_diverged_run_stays_in_the_table_and_says_its_step(digits, capsys):
    found = table(digits, "sgd", {"v": {"lr": 1e30}}, seeds=1)
    assert found[found.metric == "diverged_at"][["value", "step", "epoch"]].values.tolist() == [
        [2.0, 2, 0]
    ]
    losses = values(found, "train_loss")
    assert math.isfinite(losses[0])
    assert len(losses) == 3
    assert not np.isfinite(losses[1:]).any()
    assert "sgd (v), seed 0: diverged at step 2" in capsys.readouterr().err


def test_every_finished_run_says_so_in_one_line(digits, capsys):
    table(digits, "sgd", {"v": {"lr": 0.01}})
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["cnn sgd (v), seed 0", "cnn sgd (v), seed 1"]


def test_the_accumulator_is_reset_once_an_epoch_whatever_its_length(digits):
    found = table(digits, "adagrad_reset", {"v": {"lr": 0.05}})
    assert {json.loads(given)["period"] for given in found.hyperparameters} == {3}
    given = table(digits, "adagrad_reset", {"v": {"lr": 0.05, "period": 2}})
    assert {json.loads(given)["period"] for given in given.hyperparameters} == {2}


def test_a_treatment_s_name_follows_the_variant_s(digits):
    treatments = {"plain": {}, "narrow": {"width": 0.1}}
    protocol = {**PROTOCOL, "treatments": treatments, "optimizers": {"sgd": {"v": {"lr": 0.01}}}}
    found = pd.concat(cnn_treatments.run("sgd", protocol, digits))
    assert found.variant.unique().tolist() == ["v, plain", "v, narrow"]


@pytest.mark.slow
def test_a_variant_is_scheduled_where_its_protocol_says_so(digits):
    """The timescale is half of eight updates: factors sqrt(4 / (4 + t)) from t = 0."""
    schedules = {"falling": {"shape": "inverse_square_root", "timescale": 0.5}}
    variants = {"constant": {"lr": 0.05}, "falling": {"lr": 0.05}}
    found = table(digits, "sgd", variants, schedules=schedules, epochs=2, batch=5, seeds=1)
    losses = {name: values(found[found.variant == name], "train_loss") for name in variants}
    expected = trained_by_hand(digits, 5, [0.05 * (4 / (4 + t)) ** 0.5 for t in range(8)])
    # float32 over eight small updates.
    assert losses["falling"][-1] == pytest.approx(expected, rel=1e-5)
    expected = trained_by_hand(digits, 5, [0.05] * 8)
    assert losses["constant"][-1] == pytest.approx(expected, rel=1e-5)


def test_an_unknown_schedule_is_refused_with_the_nearest_name(digits):
    with pytest.raises(ValueError, match="did you mean 'cosine'"):
        table(digits, "sgd", {"v": {"lr": 0.05}}, schedules={"v": {"shape": "cosinus"}})


def trained_by_hand(digits: Path, batch: int, rates: list[float]) -> float:
    """The loss after updates at these rates by torch's own SGD, on the first seed."""
    train = split_of(open_prepared(digits), "train", 20, 8)
    weights, order, _ = generators(0)
    made = fresh_network(convolutional_network, train, weights)
    optimizer, left = torch.optim.SGD(made.parameters(), lr=1.0), iter(rates)
    for _ in range(round(len(rates) * batch / 20)):
        for chosen in torch.randperm(20, generator=order).split(batch):
            optimizer.param_groups[0]["lr"] = next(left)
            optimizer.zero_grad()
            cross_entropy(made(train.pixels[chosen]), train.labels[chosen]).backward()
            optimizer.step()
    return measure(made, train)[0]


def treated(digits: Path, treatment: Treatment):
    prepared = open_prepared(digits)
    train, test = (split_of(prepared, split, 20, 8) for split in ("train", "test"))
    splits = {"train": train, "test": test}
    return train_treated(splits, rule("sgd"), {"lr": 0.05}, 0, treatment, PROTOCOL)


def test_a_smaller_share_of_the_images_takes_as_many_updates(digits):
    whole, half = (treated(digits, Treatment(share=share)) for share in (1.0, 0.5))
    assert half.updates_per_epoch == whole.updates_per_epoch
    train = split_of(open_prepared(digits), "train", 10, 8)
    weights, _, _ = generators(0)
    made = fresh_network(convolutional_network, train, weights)
    assert half.measured["train"]["loss"][0] == pytest.approx(measure(made, train)[0], rel=1e-6)


@pytest.mark.parametrize(
    "treatment", [Treatment(augmented=True), Treatment(standardised=True), Treatment(width=0.5),
                  Treatment(schedule={"shape": "polynomial"})]
)  # fmt: skip
def test_each_treatment_changes_the_training(digits, treatment):
    plain, changed = treated(digits, Treatment()), treated(digits, treatment)
    assert plain.running_loss[-1] != changed.running_loss[-1]


@pytest.mark.slow
def test_a_schedule_of_the_whole_run_falls_linearly_to_zero(digits):
    """Six updates at factors 1, 5/6 ... 1/6, by torch's own loop and rates set by hand."""
    history = treated(digits, Treatment(schedule={"shape": "polynomial"}))
    expected = trained_by_hand(digits, 8, [0.05 * left / 6 for left in (6, 5, 4, 3, 2, 1)])
    # float32 over six small updates.
    assert history.measured["train"]["loss"][-1] == pytest.approx(expected, rel=1e-5)


def test_standardised_images_have_mean_zero_and_deviation_one_where_they_were_fitted(digits):
    prepared = open_prepared(digits)
    train, test = (split_of(prepared, split, 20, 8) for split in ("train", "test"))
    found = standardised({"train": train, "test": test}, train)
    assert float(found["train"].pixels.mean()) == pytest.approx(0, abs=1e-6)  # float32
    assert float(found["train"].pixels.std(correction=0)) == pytest.approx(1, rel=1e-6)
    given = prepared.splits["train"].pixels / 255
    expected = (prepared.splits["test"].pixels / 255 - given.mean()) / given.std()
    np.testing.assert_allclose(found["test"].pixels[:, 0], expected, atol=1e-5)  # float32


def test_a_share_takes_the_first_images_and_repeating_goes_through_all_of_them(digits):
    train = split_of(open_prepared(digits), "train", 20, 8)
    part = repeated(first_share(train, 0.2), 5)
    np.testing.assert_array_equal(part.labels, np.tile(train.labels[:4], 5))
    np.testing.assert_array_equal(part.pixels[8:12], train.pixels[:4])


def test_quantiles_of_the_accumulator_s_root_are_those_of_squared_gradients_summed(digits):
    """One update: the root is the gradient's size, which torch's autograd gives directly."""
    protocol = {**PROTOCOL, "epochs": 1, "batch": 20, "optimizers": {"adagrad": {"v": {"lr": 0.1}}}}
    found = pd.concat(cnn_accumulators.analyse(protocol, digits, None))
    train = split_of(open_prepared(digits), "train", 20, 8)
    weights, _, _ = generators(0)
    made = fresh_network(convolutional_network, train, weights)
    cross_entropy(made(train.pixels), train.labels).backward()
    figure = found[found.figure == "distribution of sqrt(s) after the last epoch: Adagrad, v"]
    assert figure.series.nunique() == 8
    for name, parameter in made.named_parameters():
        part = figure[figure.series == cnn_accumulators.title(name)]
        expected = np.quantile(np.abs(parameter.grad.double().numpy()), part.x)
        # float32 gradients of a batch in another order.
        np.testing.assert_allclose(part.value, expected, rtol=1e-3, atol=1e-7)


def test_effective_rates_are_the_rate_over_the_median_root(digits):
    given = {"adagrad": {"v": {"lr": 0.1, "eps": 0.5}}}
    found = pd.concat(cnn_accumulators.analyse({**PROTOCOL, "optimizers": given}, digits, None))
    roots, rates = (
        found[found.figure == f"{metric} by epoch: Adagrad, v"].value.to_numpy()
        for metric in ("median of sqrt(s)", "median effective rate")
    )
    np.testing.assert_allclose(rates, 0.1 / (roots + 0.5), rtol=1e-12)


def test_accumulators_of_a_rule_without_one_are_refused(digits):
    given = {**PROTOCOL, "optimizers": {"adam": {"v": {}}}}
    with pytest.raises(ValueError, match=r"optimizers: there is no 'adam'"):
        list(cnn_accumulators.analyse(given, digits, None))


def configured(kind: str, name: str) -> dict:
    folder = {"runs": "experiments", "analyses": "analyses"}[kind]
    path = ROOT / "config" / folder / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))[folder]


@pytest.mark.parametrize("name", ["cnn", "cnn_treatments"])
def test_the_full_size_is_the_exercise_s_and_the_reduced_one_is_smaller(name):
    given = configured("runs", name)
    check_protocols("runs", given)
    full, size = at_scale(given[name], "full")
    assert size == "full"
    assert (full["train_images"], full["test_images"], full["side"]) == (60000, 10000, 28)
    assert (full["epochs"], full["batch"]) == (20, 64)
    assert given[name]["reduced"]["train_images"] < 60000


@pytest.mark.parametrize(
    ("kind", "name", "changed", "key"),
    [
        ("runs", "cnn", {"epoch": 3}, "epoch"),
        ("runs", "cnn", {"epochs": 0}, "epochs"),
        ("runs", "cnn", {"schedules": {"v": {"power": 1}}}, "shape"),
        ("runs", "cnn_treatments", {"treatments": {"plain": {"dropout": True}}}, "dropout"),
        ("runs", "cnn", {"optimizers": {"adagard": {"v": {}}}}, "adagrad"),
        ("runs", "cnn", {"optimizers": {"adam": {"v": {"rate": 1}}}}, "rate"),
    ],
)
def test_a_protocol_with_what_there_is_not_is_refused(kind, name, changed, key):
    given = configured(kind, name)
    with pytest.raises(ValueError, match=key):
        check_protocols(kind, {name: {**given[name], **changed}})


def test_the_command_writes_a_table_that_says_its_size(digits, tmp_path):
    given = {"cnn": {**PROTOCOL, "optimizers": {"sgd": {"v": {"lr": 0.01}}}}}
    config, output = tmp_path / "config.yaml", tmp_path / "sgd.parquet"
    config.write_text(yaml.safe_dump({"scale": "auto", "experiments": given}), encoding="utf-8")
    arguments = ["run", "cnn", "sgd", "--data", digits, "--config", config, "--output", output]
    result = CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0
    assert set(pd.read_parquet(output).metric) == {
        "train_loss", "train_accuracy", "test_loss", "test_accuracy", "running_train_loss",
        "loss_gap", "accuracy_gap",
    }  # fmt: skip
    assert read_protocol("runs", "cnn", config)[0]["epochs"] == 2
