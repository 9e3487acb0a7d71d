"""The rows that the linear engine's tests train on."""

import pytest
from dense_reference import FEATURES, sparse_rows

from optim.problem import Problem


@pytest.fixture(scope="module")
def rows():
    return sparse_rows(0)


@pytest.fixture(scope="module")
def problem(rows):
    return Problem(rows, {"train": rows, "test": sparse_rows(1)}, FEATURES, "logistic")
