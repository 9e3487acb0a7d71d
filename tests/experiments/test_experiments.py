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
from data.registry import datasets
from experiments import registry
from experiments.__main__ import main
from experiments.declaration import declaration
from experiments.least_squares import least_squares
from experiments.parquet import made_by, metadata, write_frames
from experiments.protocol import at_scale, check_protocols, given_protocol
from experiments.runs.quadratics import FUNCTIONS, descend, run
from experiments.table import COLUMNS, SCHEMA, Run, measurements

ROOT = Path(__file__).resolve().parents[2]


def test_the_least_squares_loss_is_half_the_mean_squared_error_of_scikit_learn_s_fit():
    x, y = make_regression(50, 4, noise=5.0, random_state=0)
    x, y = x.astype(np.float32), y.astype(np.float32)
    rows = Rows(np.arange(0, 201, 4), np.tile(np.arange(4, dtype=np.int32), 50), x.ravel(), y, 4)
    residual = y - LinearRegression().fit(x.astype(float), y).predict(x.astype(float))
    # Two direct solves in float64 of a well-conditioned problem.
    assert least_squares(rows).smallest == pytest.approx(np.mean(residual**2) / 2, rel=1e-10)


def test_the_printed_second_quadratic_has_twice_the_rotated_one_s_eigenvalues():
    np.testing.assert_allclose(np.linalg.eigvalsh(FUNCTIONS["f2 as printed"].hessian), [0.4, 8.0])
    np.testing.assert_allclose(
        np.linalg.eigvalsh(FUNCTIONS["f2 true rotation"].hessian), [0.2, 4.0]
    )


def test_the_printed_second_quadratic_is_the_printed_formula():
    x1, x2 = 3.0, 1.0
    x = np.array([x1, x2])
    assert x @ FUNCTIONS["f1"].hessian @ x / 2 == pytest.approx(0.1 * x1**2 + 2 * x2**2)
    assert x @ FUNCTIONS["f2 as printed"].hessian @ x / 2 == pytest.approx(
        0.1 * (x1 + x2) ** 2 + 2 * (x1 - x2) ** 2
    )


def test_adagrad_s_first_step_on_f1_moves_both_coordinates_by_the_learning_rate():
    """At step one the accumulator is g squared, so each coordinate moves by lr g / |g|."""
    path = descend(
        "adagrad", FUNCTIONS["f1"].hessian, np.array([3.0, 1.0]), 1, {"lr": 0.2, "eps": 0.0}
    )
    np.testing.assert_allclose(path.points, [[3.0, 1.0], [2.8, 0.8]], rtol=1e-15)


def quadratics(optimizer: str, variants: dict, steps: int = 200) -> pd.DataFrame:
    protocol = {"start": [3.0, 1.0], "steps": steps, "optimizers": {optimizer: variants}}
    return pd.concat(run(optimizer, protocol), ignore_index=True)


def path_of(table: pd.DataFrame, variant: str, metric: str) -> np.ndarray:
    return table[(table.variant == variant) & (table.metric == metric)].value.to_numpy()


def test_every_function_starts_where_the_documents_or_its_rotation_say():
    table = quadratics("sgd", {"as printed": {"lr": 0.2}})
    starts = {
        name: [path_of(table, name, metric)[0] for metric in ("x1", "x2", "objective")]
        for name in FUNCTIONS
    }
    assert starts["f1"] == pytest.approx([3, 1, 2.9])
    assert starts["f2 as printed"] == pytest.approx([3, 1, 9.6])
    # (3, 1) turned by 45 degrees: the same height of the same landscape, turned.
    assert starts["f2 true rotation"] == pytest.approx([np.sqrt(2), 2 * np.sqrt(2), 2.9])


def test_sgd_is_the_same_on_f1_and_on_its_true_rotation_and_adagrad_is_not():
    """Gradient descent commutes with a rotation; a rule by coordinates need not."""
    descent = quadratics("sgd", {"as printed": {"lr": 0.2}})
    straight, turned = (path_of(descent, name, "objective") for name in ("f1", "f2 true rotation"))
    np.testing.assert_allclose(turned, straight, rtol=1e-10)  # 200 steps of rounding in float64
    # Descent multiplies the coordinates by 1 - 0.2 * 0.2 and 1 - 0.2 * 4 a step.
    by_hand = 0.1 * (3 * 0.96**200) ** 2 + 2 * (0.2**200) ** 2
    assert straight[-1] == pytest.approx(by_hand, rel=1e-10)
    adagrad = quadratics("adagrad", {"as printed": {"lr": 0.2, "eps": 1e-8}})
    ends = [path_of(adagrad, name, "objective")[-1] for name in ("f1", "f2 true rotation")]
    assert ends[1] > 10 * ends[0]


def test_every_variant_is_run_on_every_function_and_the_printed_one_goes_by_the_function_alone():
    table = quadratics("sgd", {"half": {"lr": 0.1}, "as printed": {"lr": 0.2}}, steps=1)
    rates = table.groupby("variant").hyperparameters.unique().map(list).to_dict()
    printed, half = ['{"lr": 0.2}'], ['{"lr": 0.1}']
    assert rates == {
        "f1": printed, "f2 as printed": printed, "f2 true rotation": printed,
        "f1, half": half, "f2 as printed, half": half, "f2 true rotation, half": half,
    }  # fmt: skip
    # One step from (3, 1) with the gradient (0.2 * 3, 4 * 1).
    assert path_of(table, "f1, half", "x1")[1] == pytest.approx(3 - 0.1 * 0.6)
    assert path_of(table, "f1", "x2")[1] == pytest.approx(1 - 0.2 * 4)


def test_a_function_of_no_samples_has_no_batch(tmp_path):
    frames = [quadratics("sgd", {"as printed": {"lr": 0.2}}, 1)]
    write_frames(frames, SCHEMA, tmp_path / "t.parquet", {})
    assert pq.read_table(tmp_path / "t.parquet").column("batch").null_count == 3 * 4 * 2


def test_a_table_keeps_every_column_and_the_not_a_numbers_of_a_diverged_run(tmp_path):
    run = Run("rcv1", "rcv1", "sgd", "as printed", {"lr": 0.1}, 3)
    frame = measurements(
        run, "train_loss", np.array([0.5, np.nan]), epoch=np.arange(2), step=np.arange(2)
    )
    write_frames([frame, frame], SCHEMA, tmp_path / "runs" / "t.parquet", {})
    table = pd.read_parquet(tmp_path / "runs" / "t.parquet")
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 4
    assert np.isnan(table.value[1])
    assert json.loads(table.hyperparameters[0]) == {"lr": 0.1}
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["t.parquet"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rcv2", "sgd"], "did you mean 'rcv1'?"),
        (["rcv1", "adagrat"], "did you mean 'adagrad'?"),
        (["rcv1", "sgd"], "needs --data"),
        (["quadratics", "sgd", "--data", "."], "quadratics takes no dataset"),
        (["quadratics", "adam"], "experiments.quadratics.optimizers has no 'adam'"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest_name(arguments, told, tmp_path):
    output = ["--output", str(tmp_path / "t.parquet")]
    done = CliRunner().invoke(main, ["run", *arguments, *output])
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "t.parquet").exists()


KINDS = {"experiments": "runs", "analyses": "analyses"}


@pytest.mark.parametrize("key", KINDS)
def test_every_protocol_of_the_configuration_is_one(key):
    for path in sorted((ROOT / "config" / key).glob("*.yaml")):
        protocols = yaml.safe_load(path.read_text(encoding="utf-8"))[key]
        assert list(protocols) == [path.stem]
        check_protocols(KINDS[key], protocols)


@pytest.mark.parametrize("kind", KINDS.values())
def test_what_a_file_declares_is_what_its_module_holds(kind):
    """The declaration is read without running the file; running it must say the same."""
    for name in registry.names(kind):
        declared, module = registry.declared(kind, name), registry.module(kind, name)
        assert declared.dataset == getattr(module, "DATASET", None)
        assert declared.dataset is None or declared.dataset in datasets()
        assert declared.protocol == getattr(module, "PROTOCOL", {})
        assert declared.runs == getattr(module, "RUNS", ())
        assert set(declared.runs) <= set(registry.names("runs"))


def test_a_declaration_that_is_computed_is_refused_with_its_line(tmp_path):
    path = tmp_path / "odd.py"
    path.write_text("import os\n\nDATASET = os.name\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"odd\.py, line 3: DATASET is computed"):
        declaration(path)


QUADRATICS = {"start": [3.0, 1.0], "steps": 5, "optimizers": {"sgd": {"a": {"lr": 0.1}}}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"steps": 0}, r"experiments\.quadratics\.steps: 0 is less than the minimum of 1"),
        ({"stepz": 3}, r"quadratics: there is no key 'stepz'; did you mean 'steps'"),
        ({"start": [1.0]}, r"quadratics\.start: \[1\.0\] is too short"),
        ({"optimizers": {"sdg": {"a": {}}}}, "did you mean 'sgd'"),
        ({"optimizers": {"sgd": {"a": {"lr": -1.0}}}}, "'a': .*lr"),
        ({"reduced": {"steps": 0}}, r"quadratics\.reduced\.steps: 0"),
    ],
)
def test_a_mistake_in_a_protocol_is_named_by_its_key(change, told):
    with pytest.raises(ValueError, match=told):
        check_protocols("runs", {"quadratics": {**QUADRATICS, **change}})


def test_a_protocol_is_reduced_where_there_is_no_gpu_and_full_size_is_not_asked_for(monkeypatch):
    protocol = {**QUADRATICS, "reduced": {"steps": 2}}
    reduced = ({**QUADRATICS, "steps": 2}, "reduced")
    monkeypatch.setattr("experiments.protocol.has_cuda_driver", lambda: False)
    assert at_scale(protocol, "auto") == reduced
    monkeypatch.setattr("experiments.protocol.has_cuda_driver", lambda: True)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert at_scale(protocol, "auto") == reduced
    assert at_scale(protocol, "full") == (QUADRATICS, "full")
    assert at_scale(QUADRATICS, "auto") == (QUADRATICS, "full")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert at_scale(protocol, "auto") == (QUADRATICS, "full")


def test_a_table_says_what_made_it(tmp_path):
    path = tmp_path / "t.parquet"
    frames = [quadratics("sgd", {"as printed": {"lr": 0.2}}, 1)]
    write_frames(frames, SCHEMA, path, metadata(QUADRATICS, "full"))
    found = made_by(path)
    assert found["protocol"] == QUADRATICS
    assert found["scale"] == "full"
    assert found["versions"]["numpy"] == np.__version__
    assert found["full"] == {}


def test_a_reduced_table_says_how_the_full_one_is():
    given = {**QUADRATICS, "reduced": {"steps": 2}}
    assert metadata({**QUADRATICS, "steps": 2}, "reduced", given)["full"] == {"steps": 5}
    assert metadata(QUADRATICS, "full", given)["full"] == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scale: ful\n", "scale: there is no 'ful'; did you mean 'full'"),
        ("- quadratics\n", "found list, expected keys with values"),
        ("experiments: {\n", "not YAML"),
    ],
)
def test_a_protocol_file_that_cannot_be_right_is_named_with_its_mistake(tmp_path, text, told):
    config = tmp_path / "mine.yaml"
    protocol = yaml.safe_dump({"experiments": {"quadratics": QUADRATICS}})
    config.write_text(text + protocol if text.startswith("scale") else text)
    with pytest.raises(ValueError, match=told) as raised:
        given_protocol("runs", "quadratics", config)
    assert "mine.yaml" in str(raised.value)
