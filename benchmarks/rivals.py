"""What the linear engine is measured against, each trained on the same rows in the same run."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import scipy.sparse

from optim.problem import Problem, Rows


def matrix_of(rows: Rows, features: int) -> scipy.sparse.csr_matrix:
    """The rows as SciPy's CSR matrix, float32."""
    return scipy.sparse.csr_matrix(
        (rows.values, rows.indices, rows.indptr), shape=(rows.labels.size, features)
    )


def document_seconds(problem: Problem, optimizer: str, lr: float, samples: int) -> float:
    """Seconds an update of the assignment's own algorithm, over `samples` updates.

    What sections 2.3.1 and 3.6.3 do at each sample: turn the row into a dense tensor, take the
    gradient by autograd, and update every weight. On one thread.
    """
    import torch

    torch.set_num_threads(1)
    matrix = matrix_of(problem.train, problem.features)
    weights = torch.zeros((problem.features, 1), requires_grad=True)
    intercept = torch.zeros(1, requires_grad=True)
    sums = [torch.zeros_like(weights), torch.zeros_like(intercept)]
    criterion = torch.nn.BCEWithLogitsLoss()
    order = np.random.default_rng(0).permutation(problem.train.labels.size)[: samples + 50]
    began = time.perf_counter()
    for number, row in enumerate(order):
        if number == 50:  # the first updates warm torch up
            began = time.perf_counter()
        x = torch.tensor(matrix[row].toarray())
        y = torch.tensor([[problem.train.labels[row]]])
        loss = criterion(x @ weights + intercept, y)
        loss.backward()
        with torch.no_grad():
            for parameter, total in zip((weights, intercept), sums, strict=True):
                gradient = parameter.grad
                assert gradient is not None  # backward() has just filled it
                if optimizer == "adagrad":
                    total += gradient**2
                    parameter -= lr / (torch.sqrt(total) + 1e-8) * gradient
                else:
                    parameter -= lr * gradient
                gradient.zero_()
        loss.item()  # kept for the plot, at every step
    return (time.perf_counter() - began) / samples


def sgd_classifier_seconds(problem: Problem, lr: float, epochs: int) -> float:
    """Seconds of scikit-learn's SGDClassifier for `epochs` epochs of logistic loss, no penalty."""
    from sklearn.linear_model import SGDClassifier

    matrix = matrix_of(problem.train, problem.features)
    model = SGDClassifier(
        loss="log_loss", penalty=None, learning_rate="constant", eta0=lr, max_iter=epochs,
        tol=None, shuffle=True, random_state=0,
    )  # fmt: skip
    began = time.perf_counter()
    model.fit(matrix, problem.train.labels)
    return time.perf_counter() - began


def vowpal_wabbit_seconds(problem: Problem, lr: float, epochs: int) -> float | None:
    """Seconds of Vowpal Wabbit for `epochs` passes over its own binary cache; None without it.

    The difference between all passes and one, which parses the text and writes the cache.
    """
    try:
        import vowpalwabbit
    except ImportError:
        return None
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "rows.vw"
        _write_vw(problem.train, text)
        common = f"--quiet --loss_function logistic --sgd -l {lr} --power_t 0 -b 18 --holdout_off"
        seconds = {}
        for passes in (1, 1 + epochs):
            cache = Path(folder) / f"{passes}.cache"
            began = time.perf_counter()
            workspace = vowpalwabbit.Workspace(
                f"{common} -d {text} --passes {passes} --cache_file {cache} -k"
            )
            workspace.finish()
            seconds[passes] = time.perf_counter() - began
    return seconds[1 + epochs] - seconds[1]


def _write_vw(rows: Rows, path: Path) -> None:
    """Write the rows as Vowpal Wabbit's text, labels -1 and 1."""
    with path.open("w", encoding="ascii") as stream:
        for row in range(rows.labels.size):
            part = slice(rows.indptr[row], rows.indptr[row + 1])
            pairs = zip(rows.indices[part], rows.values[part], strict=True)
            features = " ".join(f"{j}:{x:.6g}" for j, x in pairs)
            stream.write(f"{1 if rows.labels[row] > 0 else -1} | {features}\n")
