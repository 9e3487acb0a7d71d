"""Paths on x^2 + 10 y^2 and their stability limits, by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from experiments.analyses.stability_limits import (
    PRINTED,
    analyse,
    closed_form,
    measured_growth,
)
from experiments.parquet import write_frames
from experiments.runs import bowl_paths, saddle_escape
from experiments.stability import growth, largest_stable_rate, update_matrix
from experiments.table import SCHEMA
from optim.registry import rule

AHEAD = {PRINTED: 0.9, "Nesterov": 0.09}


def paths(optimizer: str, variants: dict, steps: int = 50) -> pd.DataFrame:
    protocol = {
        "start": [4.0, 4.0], "steps": steps, "optimizers": {optimizer: variants},
        "look_ahead": {optimizer: {name: AHEAD[name] for name in variants if name in AHEAD}},
    }  # fmt: skip
    return pd.concat(bowl_paths.run(optimizer, protocol), ignore_index=True)


def of(table: pd.DataFrame, metric: str, variant: str = "as printed") -> np.ndarray:
    return table[(table.metric == metric) & (table.variant == variant)].value.to_numpy()


def test_sgd_at_the_printed_rate_swings_between_4_and_minus_4_for_ever():
    """Each step multiplies x by 1 - 0.1 * 2 and y by 1 - 0.1 * 20 = -1."""
    table = paths("sgd", {"as printed": {"lr": 0.1}})
    # 1 - 0.1 * 20 is -1 within rounding.
    np.testing.assert_allclose(of(table, "y"), 4 * (-1.0) ** np.arange(51), rtol=1e-13)
    np.testing.assert_allclose(of(table, "x"), 4 * 0.8 ** np.arange(51), rtol=1e-13)
    assert of(table, "objective")[-1] == pytest.approx(10 * 4**2, rel=1e-4)


def test_the_first_two_steps_of_momentum_by_hand():
    """v = 80, then 0.9 * 80 + 20 * (4 - 8) = -8; y = 4 - 8 = -4, then -4 + 0.8."""
    table = paths("momentum", {"as printed": {"lr": 0.1, "momentum": 0.9}}, steps=2)
    np.testing.assert_allclose(of(table, "y"), [4, -4, -3.2], rtol=1e-13)


def test_the_paths_are_torch_s():
    for optimizer, nesterov in (("momentum", False), ("nesterov", True)):
        table = paths(optimizer, {"as printed": {"lr": 0.05, "momentum": 0.9}})
        w = torch.tensor([4.0, 4.0], dtype=torch.float64, requires_grad=True)
        other = torch.optim.SGD([w], lr=0.05, momentum=0.9, nesterov=nesterov)
        for _ in range(50):
            other.zero_grad()
            (w[0] ** 2 + 10 * w[1] ** 2).backward()
            other.step()
        ours = [of(table, "x")[-1], of(table, "y")[-1]]
        # Fifty steps of rounding in another order.
        np.testing.assert_allclose(ours, w.detach(), rtol=1e-10)


def test_the_printed_look_ahead_leaves_out_the_learning_rate_and_is_another_path():
    """From velocity 80 it takes the gradient at -4 - 0.9 * 80 = -76, where Nesterov's takes it at
    -4 - 0.09 * 80 = -11.2: velocities 0.9 * 80 - 20 * 76 and 0.9 * 80 - 20 * 11.2."""
    given = {"lr": 0.1, "momentum": 0.9}
    table = paths("momentum", {PRINTED: given, "Nesterov": given}, steps=2)
    assert of(table, "y", PRINTED)[2] == pytest.approx(-4 - 0.1 * (72 - 1520))
    assert of(table, "y", "Nesterov")[2] == pytest.approx(-4 - 0.1 * (72 - 224))


def test_a_look_ahead_of_no_variant_is_refused_with_the_nearest_name():
    protocol = {
        "start": [4.0, 4.0], "steps": 1, "look_ahead": {"sgd": {"as prnted": 0.9}},
        "optimizers": {"sgd": {"as printed": {"lr": 0.1}}},
    }  # fmt: skip
    with pytest.raises(ValueError, match=r"look_ahead\.sgd: there is no 'as prnted'; did you mean"):
        next(bowl_paths.run("sgd", protocol))


def test_a_path_that_overflows_is_kept_and_says_where():
    table = paths("momentum", {PRINTED: {"lr": 0.1, "momentum": 0.9}}, steps=200)
    objective = of(table, "objective", PRINTED)
    assert objective.size == 201
    first = int(np.flatnonzero(~np.isfinite(objective))[0])
    assert of(table, "diverged_at", PRINTED).tolist() == [first]


MADE = {"protocol": {}}
"""What the analysis reads of a table's making: no look-ahead."""

LIMITS = {"sgd": 0.1, "momentum": 0.19, "nesterov": 0.19 / 2.8, "nesterov_lookahead": 0.19 / 2.8}


@pytest.mark.parametrize("name", LIMITS)
def test_the_limit_found_from_eigenvalues_is_the_closed_form(name):
    chosen = rule(name)
    given = {} if name == "sgd" else {"momentum": 0.9}
    found = largest_stable_rate(chosen, chosen.hyperparameters(**given), 20.0)
    # Bisection to 1e-12; the eigenvalue's own rounding, 1e-14, counts more for a larger slope.
    assert found == pytest.approx(LIMITS[name], rel=1e-9)
    assert closed_form(name, 0.9, 20.0) == pytest.approx(LIMITS[name], rel=1e-12)


def test_the_printed_look_ahead_has_a_limit_on_gentle_slopes_only():
    chosen = rule("momentum")
    given = chosen.hyperparameters(momentum=0.9)
    assert largest_stable_rate(chosen, given, 20.0, look_ahead=0.9) == 0
    assert closed_form(PRINTED, 0.9, 20.0) == 0
    # At curvature 1.5 the constant term is 0.9 * (1 - 1.5) = -0.45, the limit 2 * 0.55 / 1.5.
    found = largest_stable_rate(chosen, given, 1.5, look_ahead=0.9)
    assert found == pytest.approx(1.1 / 1.5, rel=1e-9)
    assert closed_form(PRINTED, 0.9, 1.5) == pytest.approx(1.1 / 1.5)


def test_an_update_matrix_by_hand():
    given = {"lr": 0.1, "momentum": 0.9}
    # v = 0.9 v + 2 w; w = w - 0.1 v.
    expected = [[1 - 0.2, -0.09], [2.0, 0.9]]
    np.testing.assert_allclose(update_matrix(rule("momentum"), given, 2.0), expected, rtol=1e-14)
    assert growth(rule("sgd"), {"lr": 0.1}, [2.0, 30.0]) == pytest.approx(2.0)


def test_a_rule_that_is_not_linear_has_no_update_matrix():
    for name in ("adam", "adagrad"):
        with pytest.raises(ValueError, match="not a linear rule"):
            update_matrix(rule(name), rule(name).hyperparameters(), 1.0)


def test_growth_is_measured_over_turns():
    turning = np.cos(np.arange(201)) ** 2 * 0.9 ** (2 * np.arange(201))
    # The two maxima may be up to a turn of pi steps more or less apart than a hundred steps.
    assert measured_growth(turning) == pytest.approx(0.9, abs=0.9 ** (1 - np.pi / 100) - 0.9)
    assert measured_growth(np.ones(201)) == 1.0


def test_runs_grow_as_their_eigenvalues_say(tmp_path: Path):
    beside = {"below": {"lr": 0.09}, "at": {"lr": 0.1}, "above": {"lr": 0.11}}
    folder = tmp_path / "runs"
    write_frames([paths("sgd", beside, 200)], SCHEMA, folder / "bowl_paths" / "sgd.parquet", MADE)
    saddle = {
        "start_x": 1.0, "start_y": [0.0, 1e-6], "noise": [1e-6], "seeds": 2, "steps": 400,
        "thin": 10, "optimizers": {"sgd": {"small rate": {"lr": 0.05}}},
    }  # fmt: skip
    frames = saddle_escape.run("sgd", saddle)
    write_frames(frames, SCHEMA, folder / "saddle_escape" / "sgd.parquet", MADE)
    protocol = {"momentum": 0.9, "largest_rate": 0.2, "rates": 4}
    table = pd.concat(analyse(protocol, None, tmp_path))
    runs = table[table.figure == "runs beside their limit"]
    measured = runs.pivot(index="label", columns="metric", values="value")
    assert measured["learning rate over its limit"].to_dict() == pytest.approx(
        {"below": 0.9, "at": 1.0, "above": 1.1}
    )
    # Along y: 1 - 20 lr. Below the limit x, with 1 - 2 lr = 0.82, is the slower one.
    expected = {"below": 0.82, "at": 1.0, "above": 1.2}
    assert measured["growth from eigenvalues"].to_dict() == pytest.approx(expected)
    assert measured["growth measured"].to_dict() == pytest.approx(expected, abs=0.01)
    left = table[(table.figure == "leaving the saddle") & (table.label.str.endswith("y = 1e-06"))]
    left = left.set_index("metric").value
    by_hand = np.log(0.5 / 1e-6) / np.log(1.05)
    assert left["steps to escape from growth without noise"] == pytest.approx(by_hand)
    # The cube slows the last steps: y grows by 1 + 0.05 (1 - y^2), not by 1.05.
    assert left["steps to escape measured (median)"] == pytest.approx(by_hand, abs=5)
    assert left["steps to escape measured (median)"] > by_hand
