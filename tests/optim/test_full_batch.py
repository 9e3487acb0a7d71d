"""Full-batch training: against dense arithmetic, and against the engine with one batch a step."""

import numpy as np
import pytest
import scipy.sparse
import torch

from optim.full_batch import LOSSES, products, train_full_batch
from optim.linear import train
from optim.plan import Run
from optim.problem import Problem, Rows
from optim.registry import rule


@pytest.fixture(scope="module")
def rows() -> Rows:
    draw = np.random.default_rng(0)
    matrix = scipy.sparse.random_array((120, 30), density=0.15, rng=draw, format="csr")
    labels = (matrix @ draw.normal(size=30) > 0).astype(np.float32)
    return Rows(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float32),
        labels,
    )


def test_gradient_descent_is_the_textbook_s(rows):
    """Three steps of lr 0.5 with a dense matrix, from the definitions."""
    problem = Problem(rows, {}, 30, "logistic")
    history = train_full_batch(problem, rule("gradient_descent"), [{"lr": 0.5}], steps=3, seed=2)
    x = scipy.sparse.csr_array((rows.values, rows.indices, rows.indptr), (120, 30)).toarray()
    x = np.hstack([x, np.ones((120, 1))])
    w = np.append(np.random.default_rng([2, 0]).normal(0, 0.01, (30, 1)), 0.0)
    losses = []
    for _ in range(4):
        p = 1 / (1 + np.exp(-x @ w))
        losses.append(-np.mean(rows.labels * np.log(p) + (1 - rows.labels) * np.log(1 - p)))
        if len(losses) < 4:
            w = w - 0.5 * x.T @ (p - rows.labels) / 120
    np.testing.assert_allclose(history.losses[:, 0], losses, rtol=1e-12)  # both in float64
    np.testing.assert_allclose(history.weights[:, 0], w, rtol=1e-10)
    assert np.all(np.diff(history.losses[:, 0]) < 0)


@pytest.mark.parametrize("name", ["sgd", "adagrad", "adam"])
@pytest.mark.parametrize("loss", ["logistic", "squared"])
def test_it_agrees_with_the_engine_where_a_batch_is_the_whole_set(rows, name, loss):
    problem = Problem(rows, {"train": rows}, 30, loss)
    runs = [{"lr": 0.1}, {"lr": 0.3}]
    full = train_full_batch(problem, rule(name), runs, steps=20, seed=1)
    engine = train(problem, rule(name), [Run(r, 1) for r in runs], epochs=20, batch=120)
    np.testing.assert_allclose(
        engine.measured["train"]["loss"], full.losses, rtol=1e-4
    )  # the engine's float32
    np.testing.assert_allclose(engine.weights, full.weights, rtol=1e-3, atol=1e-4)


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta state")
def test_torch_s_products_are_scipy_s(rows):
    draw = np.random.default_rng(3)
    w, s = draw.normal(size=(30, 2)), draw.normal(size=(120, 2))
    forward, backward = products(rows, 30, "cpu")
    torch_forward, torch_backward = products(rows, 30, "cpu:0")
    # Sums of the same float64 products in another order.
    np.testing.assert_allclose(torch_forward(w), forward(w), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(torch_backward(s), backward(s), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("loss", ["logistic", "squared"])
def test_a_slope_is_the_derivative_of_its_loss(loss):
    z, y, h = np.array([-30.0, -1.0, 0.0, 0.5, 40.0]), np.array([0.0, 1.0, 1.0, 0.0, 1.0]), 1e-6
    up, down = (LOSSES[loss](z + d, y)[0] for d in (h, -h))
    np.testing.assert_allclose(LOSSES[loss](z, y)[1], (up - down) / (2 * h), atol=1e-8)


def test_a_run_that_diverges_is_named_with_its_step(rows):
    problem = Problem(rows, {}, 30, "squared")
    with np.errstate(over="ignore", invalid="ignore"):
        history = train_full_batch(problem, rule("sgd"), [{"lr": 1e200}, {"lr": 0.1}], steps=5)
    assert history.diverged[0] in (1, 2)
    assert history.diverged[1] == 0
    assert np.isfinite(history.losses[:, 1]).all()


def test_a_start_that_is_not_finite_already_is_laid_to_the_first_step(rows):
    huge = rows._replace(labels=np.full(120, 1e38, np.float32))
    with np.errstate(over="ignore", invalid="ignore"):
        history = train_full_batch(
            Problem(huge, {}, 30, "squared"), rule("sgd"), [{"lr": 1e300}], steps=3
        )
    assert history.diverged[0] == 1


def test_a_budget_of_zero_is_refused(rows):
    with pytest.raises(ValueError, match="at least 1"):
        train_full_batch(Problem(rows, {}, 30, "logistic"), rule("sgd"), [{}], steps=0)


def test_what_cannot_train_is_refused_in_words(rows):
    problem = Problem(rows, {}, 30, "logistic")
    with pytest.raises(ValueError, match=r"'cpu' .* or a torch device such as 'cuda', found 'gpu'"):
        train_full_batch(problem, rule("sgd"), [{}], steps=1, device="gpu")
    with pytest.raises(ValueError, match="at least one run"):
        train_full_batch(problem, rule("sgd"), [], steps=1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_demanded_and_not_there_is_an_error_that_says_what_to_do(rows):
    with pytest.raises(RuntimeError, match=r"'cuda', but torch finds no GPU.*device = 'cpu'"):
        train_full_batch(
            Problem(rows, {}, 30, "logistic"), rule("sgd"), [{}], steps=1, device="cuda"
        )
