"""Experiments whose runs are split over jobs, against the same experiments in one job."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from prepared_documents import write_prepared

from data.prepared import array_file
from experiments.__main__ import main
from experiments.parquet import made_by, read_frame, read_table, write_table
from experiments.registry import declared, names
from experiments.shards import Shard, parsed

LINEAR = {"epochs": 2, "batch": 1, "seeds": 3, "test_rows": 100}
RATES = {"sgd": {"slow": {"lr": 0.01}, "fast": {"lr": 0.3}}}
IMAGES = {"train_images": 8, "test_images": 4, "side": 4, "epochs": 1, "batch": 4, "seeds": 3}
PROTOCOLS: Mapping[str, Mapping[str, Any]] = {
    "airfoil": {"epochs": 2, "batch": 4, "seeds": 3, "curve_every": 8, "optimizers": RATES},
    "rcv1": {**LINEAR, "thin": 2, "moving_average": 4, "log_every": 4, "optimizers": RATES},
    "rcv1_less_aggressive": {
        **LINEAR, "frequency_edges": [1], "optimizers": RATES,
        "schedules": {"fast": {"shape": "cosine", "final": 0.1}},
    },
    "batch_sizes": {
        "batches": [4, 10], "in_proportion": {"fast": 0.5}, "longer": 2, "epochs": 2, "seeds": 3,
        "points": 4, "test_rows": 100, "optimizers": RATES,
    },
    "weight_decay": {
        **LINEAR, "thin": 4, "weight_decays": {"adamw": [0.0, 0.1]}, "document_counts": [1],
        "optimizers": {"adamw": {"default": {}}},
    },
    "cnn": {**IMAGES, "reset_epochs": 1, "schedules": {}, "optimizers": RATES},
    "cnn_treatments": {
        **IMAGES, "treatments": {"few": {"share": 0.5}, "moved": {"augmented": True}},
        "optimizers": RATES,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def datasets(tmp_path_factory) -> dict[str, Path]:
    """Small data in the layouts of the three datasets."""
    folder, generator = tmp_path_factory.mktemp("prepared"), np.random.default_rng(0)
    x = generator.normal(size=(40, 5))
    classes = (x[:, 0] + 0.5 * generator.normal(size=40) > 0).astype(float)
    found = {
        name: write_prepared(folder / name, {"train": (x[:30], y[:30]), "test": (x[30:], y[30:])})
        for name, y in (("rcv1", classes), ("airfoil", x @ np.arange(5.0)))
    }
    sizes, images = {"train": 8, "test": 4}, folder / "fashion-mnist"
    images.mkdir()
    for split, n in sizes.items():
        pixels = generator.integers(0, 255, (n, 4, 4)).astype(np.uint8)
        np.save(array_file(images, split, "pixels"), pixels)
        np.save(array_file(images, split, "labels"), (np.arange(n) % 2).astype(np.uint8))
    told = {"name": "fashion-mnist", "layout": "images", "rows": sizes, "features": 16}
    (images / "provenance.json").write_text(json.dumps(told), encoding="utf-8")
    return {**found, "fashion-mnist": images}


def call(*arguments: object) -> str:
    """What a command that succeeds says."""
    called = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert called.exit_code == 0, called.output
    return called.output


def refused(*arguments: object) -> str:
    """What a command says that is refused as mistaken."""
    called = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert called.exit_code == 2
    return " ".join(called.output.split())


@pytest.fixture
def trained(datasets, tmp_path):
    """Trains a shard, or all, of an experiment by its small protocol; returns the table's path."""

    def train(experiment: str, shard: str | None = None) -> Path:
        protocol = PROTOCOLS[experiment]
        config = tmp_path / f"{experiment}.yaml"
        config.write_text(yaml.safe_dump({"experiments": {experiment: dict(protocol)}}))
        output = tmp_path / f"{experiment} {(shard or 'whole').replace('/', ' of ')}.parquet"
        (optimizer,) = protocol["optimizers"]
        data = datasets[declared("runs", experiment).dataset]
        only = ("--shard", shard) if shard else ()
        call(
            "run",
            experiment,
            optimizer,
            *only,
            "--data",
            data,
            "--config",
            config,
            "--output",
            output,
        )
        return output

    return train


def without_seconds(path: Path) -> pd.DataFrame:
    return read_frame(path).drop(columns="seconds")


def test_every_experiment_that_can_be_split_is_split_here():
    assert {name for name in names("runs") if declared("runs", name).splits} == set(PROTOCOLS)


@pytest.mark.parametrize("experiment", PROTOCOLS)
@pytest.mark.slow
def test_joined_shards_are_the_table_of_a_single_job(experiment, trained, tmp_path):
    whole = trained(experiment)
    shards = [trained(experiment, f"{number}/4") for number in (3, 1, 4, 2)]
    joined = tmp_path / "joined.parquet"
    call("join", *shards, "--output", joined)
    found, expected = without_seconds(joined), without_seconds(whole)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert made_by(joined) == made_by(whole)
    parts = [read_frame(shard)[["variant", "seed", "batch"]].drop_duplicates() for shard in shards]
    assert min(map(len, parts)) > 0
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_more_shards_than_runs_leave_some_empty_and_join_all_the_same(trained, tmp_path):
    shards = [trained("airfoil", f"{number}/8") for number in range(1, 9)]
    assert sorted(len(read_frame(shard)) for shard in shards)[:2] == [0, 0]
    call("join", *shards, "--output", tmp_path / "joined.parquet")
    whole = without_seconds(trained("airfoil"))
    joined = without_seconds(tmp_path / "joined.parquet")
    pd.testing.assert_frame_equal(joined, whole, check_exact=True)


def test_what_is_no_set_of_shards_is_not_joined(trained, tmp_path):
    first, second = trained("airfoil", "1/2"), trained("airfoil", "2/2")
    into = ("--output", tmp_path / "joined.parquet")
    assert "found the shards 2/2, expected 1/2, 2/2" in refused("join", second, *into)
    again = refused("join", first, second, second, *into)
    assert "found the shards 1/2, 2/2, 2/2, expected 1/2, 2/2" in again
    assert "expected a shard of one" in refused("join", trained("airfoil"), *into)
    other = trained("rcv1", "2/2")
    assert "were made with another protocol" in refused("join", first, other, *into)
    assert not (tmp_path / "joined.parquet").exists()


def test_an_experiment_whose_runs_stay_together_names_those_that_can_be_split():
    said = refused("run", "quadratics", "sgd", "--shard", "1/2", "--output", "unused")
    assert "the runs of quadratics are not split" in said
    assert "those of airfoil, batch_sizes, cnn" in said


def test_shards_of_nodes_with_and_without_a_gpu_are_not_mixed(trained, tmp_path):
    first, second = trained("airfoil", "1/2"), trained("airfoil", "2/2")
    into = ("--output", tmp_path / "joined.parquet")
    table, made = read_table(second), made_by(second)
    write_table(table, second, {**made, "scale": "reduced"})
    assert "as where one node alone has a GPU" in refused("join", first, second, *into)
    column = table.column_names.index("device")
    on_gpu = table.set_column(column, "device", [["cuda"] * len(table)])
    write_table(on_gpu, second, made)
    assert "of the devices cpu and cuda" in refused("join", first, second, *into)


def test_a_table_joined_from_several_machines_names_them_all(trained, tmp_path):
    first, second = trained("airfoil", "1/2"), trained("airfoil", "2/2")
    here = made_by(second)["machine"]
    there = {**here, "processor": "another"}
    write_table(read_table(second), second, {**made_by(second), "machine": there})
    call("join", first, second, "--output", tmp_path / "joined.parquet")
    found = made_by(tmp_path / "joined.parquet")
    assert found["machines"] == [here, there]
    assert "machine" not in found


@pytest.mark.parametrize("text", ["3/2", "0/2", "2", "1/2/3", "a/b"])
def test_what_names_no_shard_is_refused(text):
    with pytest.raises(ValueError, match=r"expected NUMBER/COUNT, such as 2/4"):
        parsed(text)


@pytest.mark.parametrize("runs", [0, 1, 7, 32])
@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_shards_take_every_run_once_in_order_and_evenly(runs, count):
    stretches = [Shard(number, count).stretch(runs) for number in range(1, count + 1)]
    assert [run for stretch in stretches for run in stretch] == list(range(runs))
    assert max(map(len, stretches)) - min(map(len, stretches)) <= 1


def test_several_sweeps_are_cut_as_if_they_were_one():
    # Ten runs in three sweeps, cut after the third and the sixth.
    assert Shard(1, 3).stretches([2, 5, 3]) == [range(2), range(1), range(0)]
    assert [list(each) for each in Shard(2, 3).stretches([2, 5, 3])] == [[], [1, 2, 3], []]
    assert [list(each) for each in Shard(3, 3).stretches([2, 5, 3])] == [[], [4], [0, 1, 2]]
