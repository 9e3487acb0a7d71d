"""Full-batch training of linear models: each step one sparse product forward and one back."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from optim.block import INITIAL_SCALE
from optim.problem import Problem, Rows
from optim.rule import Rule

Array = NDArray[np.float64]
Product = Callable[[Array], Array]


@dataclasses.dataclass(frozen=True)
class FullBatchHistory:
    """What R runs of full-batch training left behind, all in float64.

    `losses` [steps + 1, R] are means over the training rows, row 0 before the first step;
    `seconds` [steps + 1] elapsed; `diverged` [R] the first step after which the loss was not
    finite, 0 for none; `weights` [features + 1, R] end with the intercept.
    """

    losses: Array
    seconds: Array
    diverged: NDArray[np.int64]
    weights: Array


def train_full_batch(
    problem: Problem,
    rule: Rule,
    runs: Sequence[Mapping[str, float]],
    *,
    steps: int,
    seed: int = 0,
    device: str = "cpu",
) -> FullBatchHistory:
    """Take `steps` steps along the gradient over all training rows, for all runs together.

    `device` is "cpu" (SciPy) or a torch device such as "cuda" (torch's sparse products). The first
    weights are those that `optim.linear.train` starts from with this seed. Raises ValueError for no
    steps, no runs, a rule on matrices or a device that torch does not know, and RuntimeError for a
    GPU that is not there.
    """
    if steps < 1:
        raise ValueError(f"steps = {steps}, expected at least 1")
    if not runs:
        raise ValueError("full-batch training needs at least one run")
    if not rule.coordinatewise:
        raise ValueError(f"{rule.name} is not coordinate-wise: the linear engine cannot run it")
    chosen = [rule.hyperparameters(**run) for run in runs]
    forward, backward = products(problem.train, problem.features, device)
    labels = problem.train.labels.astype(np.float64)[:, None]
    weights = np.zeros((problem.features + 1, len(runs)))
    start = np.random.default_rng([seed, 0])
    weights[:-1] = start.normal(0, INITIAL_SCALE, (problem.features, 1))
    states = [rule.initial_state(weights[:, r], run) for r, run in enumerate(chosen)]
    losses, seconds = np.zeros((steps + 1, len(runs))), np.zeros(steps + 1)
    began = time.perf_counter()
    for t in range(1, steps + 2):
        values, slopes = LOSSES[problem.loss](forward(weights[:-1]) + weights[-1], labels)
        losses[t - 1], seconds[t - 1] = values.mean(axis=0), time.perf_counter() - began
        if t > steps:
            break
        slopes /= labels.size
        bottom = slopes.sum(axis=0) * problem.intercept
        gradient = np.vstack([backward(slopes), bottom])
        for r, run in enumerate(chosen):
            weights[:, r], states[r] = rule.step(weights[:, r], gradient[:, r], states[r], t, run)
    wrong = ~np.isfinite(losses)
    # Row 0 is before the first step; where even that is not finite, the first step is named.
    first = np.maximum(wrong.argmax(axis=0), 1) * wrong.any(axis=0)
    return FullBatchHistory(losses, seconds, first, weights)


def logistic(z: Array, y: Array) -> tuple[Array, Array]:
    """Logistic losses and their derivatives in the margins `z`, for labels in {0, 1}.

    As `optim.kernels.functions.logistic`, whose digits they keep.
    """
    e = np.exp(-np.abs(z))
    p, rest = (np.where(side, 1, e) / (1 + e) for side in (z >= 0, z < 0))
    return np.log1p(e) + (np.maximum(z, 0) - y * z), (1 - y) * p - y * rest


def squared(z: Array, y: Array) -> tuple[Array, Array]:
    """Half squared errors and their derivatives in the predictions `z`."""
    return (z - y) ** 2 / 2, z - y


LOSSES = {"logistic": logistic, "squared": squared}


def products(rows: Rows, features: int, device: str) -> tuple[Product, Product]:
    """Multiply by the rows' matrix [n, features], and by its transpose, on `device`."""
    shape = (rows.labels.size, features)
    matrix = scipy.sparse.csr_array((rows.values, rows.indices, rows.indptr), shape)
    matrix = matrix.astype(np.float64)
    if device == "cpu":
        back = matrix.T.tocsr()
        return (lambda w: matrix @ w), (lambda s: back @ s)
    import torch

    _check_device(device)

    def on_device(sparse: scipy.sparse.csr_array) -> Product:
        held = torch.sparse_csr_tensor(
            torch.from_numpy(sparse.indptr.astype(np.int64)),
            torch.from_numpy(sparse.indices.astype(np.int64)),
            torch.from_numpy(sparse.data),
            sparse.shape,
            check_invariants=True,
        ).to(device)
        return lambda x: (held @ torch.from_numpy(np.ascontiguousarray(x)).to(device)).cpu().numpy()

    return on_device(matrix), on_device(matrix.T.tocsr())


def _check_device(device: str) -> None:
    """Raise ValueError where a device is none of torch's, RuntimeError where it is not there."""
    import torch

    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise ValueError(
            f"device is 'cpu' (SciPy) or a torch device such as 'cuda', found {device!r}"
        ) from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise RuntimeError(
            f"device = {device!r}, but torch finds no GPU (torch {torch.__version__}): install a "
            "build of torch for CUDA and make `nvidia-smi` list a GPU, or train with device = 'cpu'"
        )
