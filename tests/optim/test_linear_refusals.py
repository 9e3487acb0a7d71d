"""Rows, labels, budgets and schedules that the linear engine refuses, and what it says of them."""

import numpy as np
import pytest
from dense_reference import FEATURES

from optim.linear import train
from optim.plan import Run
from optim.problem import Problem
from optim.registry import rule


def test_a_row_that_names_a_feature_twice_is_refused():
    twice = (
        np.array([0, 2, 4], np.int64), np.array([3, 1, 2, 2], np.int32),
        np.ones(4, np.float32), np.array([0, 1], np.float32),
    )  # fmt: skip
    with pytest.raises(ValueError, match="row 1 names the feature 2 twice"):
        Problem(twice, {}, 5, "logistic")
    apart = (
        np.array([0, 1, 4], np.int64), np.array([2, 4, 1, 4], np.int32), *twice[2:],
    )  # fmt: skip
    with pytest.raises(ValueError, match="row 1 names the feature 4 twice"):
        Problem(apart, {}, 5, "logistic")


def test_rows_need_not_be_sorted_and_may_share_features():
    unsorted = (
        np.array([0, 2, 4], np.int64), np.array([3, 1, 4, 3], np.int32),
        np.ones(4, np.float32), np.array([0, 1], np.float32),
    )  # fmt: skip
    assert Problem(unsorted, {}, 5, "logistic").features == 5


def test_values_and_labels_that_are_not_finite_are_refused_with_their_row(rows):
    values = rows[2].copy()
    values[rows[0][17]] = np.nan
    with pytest.raises(ValueError, match="a value in row 17 is not finite"):
        Problem((*rows[:2], values, rows[3]), {}, FEATURES, "logistic")
    labels = rows[3].copy()
    labels[5] = np.inf
    with pytest.raises(ValueError, match="the label of row 5 is not finite"):
        Problem((*rows[:3], labels), {}, FEATURES, "squared")


def test_labels_other_than_0_and_1_are_refused_with_their_row(rows):
    labels = rows[3].copy()
    labels[17] = -1
    with pytest.raises(ValueError, match=r"label -1\.0 in row 17, expected 0 or 1"):
        Problem((*rows[:3], labels), {}, FEATURES, "logistic")


def test_a_feature_id_beyond_the_weights_is_refused(rows):
    with pytest.raises(ValueError, match=f"expected 0 to {FEATURES - 2}"):
        Problem(rows, {}, FEATURES - 1, "logistic")


def test_rows_in_another_precision_or_of_none_at_all_are_refused(rows):
    wide = rows[2].astype(np.float64)
    with pytest.raises(ValueError, match=r"values is float64 with 1 dim.* expected one of float32"):
        Problem((*rows[:2], wide, rows[3]), {}, FEATURES, "logistic")
    none = (rows[0][:1], rows[1][:0], rows[2][:0], rows[3][:0])
    with pytest.raises(ValueError, match="training rows: no rows"):
        Problem(none, {}, FEATURES, "logistic")


def test_rows_that_overlap_or_lack_values_are_refused(rows):
    turned = rows[0].copy()
    turned[[3, 4]] = turned[[4, 3]]
    for bad in ((turned, *rows[1:]), (*rows[:2], rows[2][:-1], rows[3])):
        with pytest.raises(ValueError, match="rows are not well-formed CSR"):
            Problem(bad, {}, FEATURES, "logistic")


def test_a_sweep_of_no_runs_and_a_penalty_below_zero_are_refused(rows):
    problem = Problem(rows, {}, FEATURES, "logistic")
    with pytest.raises(ValueError, match="at least one run"):
        train(problem, rule("sgd"), [], epochs=1)
    with pytest.raises(ValueError, match=r"l2 = -1, expected a finite number of at least 0"):
        train(problem, rule("sgd"), [Run({}, l2=-1)], epochs=1)


def test_rows_that_do_not_fit_their_pointers_are_refused(rows):
    with pytest.raises(ValueError, match="indptr does not describe 199 rows"):
        Problem((*rows[:3], rows[3][:-1]), {}, FEATURES, "logistic")


@pytest.mark.parametrize("given", [{"epochs": 0}, {"batch": 0}, {"thin": 0}])
def test_impossible_budgets_are_refused(problem, given):
    with pytest.raises(ValueError, match="at least 1"):
        train(problem, rule("sgd"), [Run({"lr": 0.1})], **{"epochs": 1, **given})


def test_a_width_that_is_not_compiled_for_is_refused(problem):
    with pytest.raises(ValueError, match="width is one of"):
        train(problem, rule("sgd"), [Run({"lr": 0.1})], epochs=1, width=7)


def test_a_rule_on_matrices_is_refused(problem):
    with pytest.raises(ValueError, match="full_matrix_adagrad is not coordinate-wise"):
        train(problem, rule("full_matrix_adagrad"), [Run({})], epochs=1)


def test_a_schedule_with_too_few_or_infinite_factors_is_refused(problem):
    for schedule in (lambda t: t[:-1], lambda t: 1 / (t - 1)):
        with np.errstate(divide="ignore"), pytest.raises(ValueError, match="one finite factor"):
            train(problem, rule("sgd"), [Run({"lr": 0.1}, schedule=schedule)], epochs=1)


def test_a_schedule_with_a_negative_factor_is_refused(problem):
    """It would be a negative learning rate, which AdaBound's bounds could not be told from."""
    with pytest.raises(ValueError, match=r"factor -1\.0 at step 3, expected at least 0"):
        train(problem, rule("sgd"), [Run({"lr": 0.1}, schedule=lambda t: 2.0 - t)], epochs=1)
