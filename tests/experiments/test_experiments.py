"""The experiments' tables: what they measure, against independent arithmetic."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner
from sklearn.datasets import make_regression
from sklearn.linear_model import LinearRegression

from data.prepared import Rows
from experiments.__main__ import EXPERIMENTS, main
from experiments.airfoil import least_squares_loss
from experiments.quadratics import HESSIANS, trajectory
from experiments.table import COLUMNS, Run, measurements, write_table

ROOT = Path(__file__).resolve().parents[2]


def test_the_least_squares_loss_is_half_the_mean_squared_error_of_scikit_learn_s_fit():
    x, y = make_regression(50, 4, noise=5.0, random_state=0)
    x, y = x.astype(np.float32), y.astype(np.float32)
    rows = Rows(
        np.arange(0, 201, 4), np.tile(np.arange(4, dtype=np.int32), 50), x.ravel(), y, features=4
    )
    residual = y - LinearRegression().fit(x.astype(float), y).predict(x.astype(float))
    # Two direct solves in float64 of a well-conditioned problem.
    assert least_squares_loss(rows) == pytest.approx(np.mean(residual**2) / 2, rel=1e-10)


def test_the_printed_second_quadratic_has_twice_the_rotated_one_s_eigenvalues():
    np.testing.assert_allclose(np.linalg.eigvalsh(HESSIANS["f2 as printed"]), [0.4, 8.0])
    np.testing.assert_allclose(np.linalg.eigvalsh(HESSIANS["f2 true rotation"]), [0.2, 4.0])


def test_the_printed_second_quadratic_is_the_printed_formula():
    x1, x2 = 3.0, 1.0
    x = np.array([x1, x2])
    assert x @ HESSIANS["f1"] @ x / 2 == pytest.approx(0.1 * x1**2 + 2 * x2**2)
    assert x @ HESSIANS["f2 as printed"] @ x / 2 == pytest.approx(
        0.1 * (x1 + x2) ** 2 + 2 * (x1 - x2) ** 2
    )


def test_adagrad_s_first_step_on_f1_moves_both_coordinates_by_the_learning_rate():
    """At step one the accumulator is g squared, so each coordinate moves by lr g / |g|."""
    path = trajectory("adagrad", HESSIANS["f1"], np.array([3.0, 1.0]), 1, {"lr": 0.2, "eps": 0.0})
    np.testing.assert_allclose(path, [[3.0, 1.0], [2.8, 0.8]], rtol=1e-15)


def test_sgd_is_the_same_on_f1_and_on_its_true_rotation_and_adagrad_is_not():
    """Gradient descent commutes with a rotation; a rule by coordinates need not."""
    turn = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)
    start = np.array([3.0, 1.0])
    ends = {}
    for name, given in (("sgd", {"lr": 0.2}), ("adagrad", {"lr": 0.2, "eps": 1e-8})):
        straight = trajectory(name, HESSIANS["f1"], turn @ start, 50, given)
        turned = trajectory(name, HESSIANS["f2 true rotation"], start, 50, given)
        ends[name] = np.abs(turned @ turn - straight).max()
    assert ends["sgd"] < 1e-12  # fifty steps of rounding in float64
    assert ends["adagrad"] > 0.01


def test_a_table_keeps_every_column_and_the_not_a_numbers_of_a_diverged_run(tmp_path):
    run = Run("rcv1", "rcv1", "sgd", "as printed", {"lr": 0.1}, 3)
    frame = measurements(
        run, "train_loss", np.array([0.5, np.nan]), epoch=np.arange(2), step=np.arange(2)
    )
    write_table([frame, frame], tmp_path / "runs" / "t.parquet")
    table = pd.read_parquet(tmp_path / "runs" / "t.parquet")
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 4
    assert np.isnan(table.value[1])
    assert json.loads(table.hyperparameters[0]) == {"lr": 0.1}
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["t.parquet"]


@pytest.fixture(scope="module")
def airfoil(tmp_path_factory) -> Path:
    from data.prepare import prepare
    from data.settings import Settings

    folder = tmp_path_factory.mktemp("data") / "airfoil"
    prepare("airfoil", Settings(source="stand-in"), folder)
    return folder


def test_every_optimizer_of_the_airfoil_protocol_ends_near_the_least_squares_optimum(
    airfoil, tmp_path
):
    for optimizer in ("adagrad_eps_inside", "sgd", "adam"):
        output = tmp_path / f"{optimizer}.parquet"
        arguments = ["airfoil", optimizer, "--data", str(airfoil), "--output", str(output)]
        config = ["--config", str(ROOT / "config" / "config.yaml")]
        done = CliRunner().invoke(main, arguments + config, catch_exceptions=False)
        assert done.exit_code == 0
        table = pq.read_table(output).to_pandas()
        ends = table[(table.metric == "train_loss") & (table.epoch == 20)].value
        optimum = table[table.metric == "least_squares_loss"].value.iloc[0]
        assert len(ends) == 5
        assert (ends >= optimum - 1e-6).all()  # nothing is below the optimum but rounding
        assert (ends <= optimum * 1.01).all()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rcv2", "sgd"], "did you mean 'rcv1'?"),
        (["rcv1", "adagrat"], "did you mean 'adagrad'?"),
        (["rcv1", "sgd"], "needs --data"),
        (["quadratics", "adam"], "experiments.quadratics.optimizers has no 'adam'"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest_name(arguments, told, tmp_path):
    config = ["--config", str(ROOT / "config" / "config.yaml")]
    output = ["--output", str(tmp_path / "t.parquet")]
    done = CliRunner().invoke(main, arguments + config + output)
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "t.parquet").exists()


def test_every_experiment_of_the_configuration_exists():
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    assert set(config["experiments"]) <= set(EXPERIMENTS)
