"""The assignment's matrices (sections 3.2.2 and 3.8): scaling by the diagonal, discs, isometry.

What exercises 1, 3 and 4 prove or state, computed: lengths under random orthogonal matrices, how
far eigenvalues are inside Gerschgorin's discs, and the examples' eigenvalues before and after
scaling. Beside them: how scaling changes the condition number of random matrices, which it need
not lower.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import ortho_group

from experiments.series import points

DATASET = None
PROTOCOL = {
    "matrices": {"$ref": "#/$defs/count"},
    "sizes": {"type": "array", "items": {"$ref": "#/$defs/count"}, "minItems": 1},
    "seed": {"type": "integer", "minimum": 0},
}
NAME = "diagonal_preconditioning"
EXAMPLES = {
    "section 3.2.2": np.array([[100.0, 5.0], [5.0, 1.0]]),
    "exercise 4": np.array([[4.0, 1.0, 2.0], [1.0, 9.0, 3.0], [2.0, 3.0, 16.0]]),
}


def analyse(
    protocol: Mapping[str, Any], _data: None = None, _results: None = None
) -> Iterator[pd.DataFrame]:
    """Yield the examples, then what random matrices show."""
    for name, matrix in EXAMPLES.items():
        yield from _example(name, matrix)
    generator = np.random.default_rng(protocol["seed"])
    changes, inside, ratios = [], [], []
    for size in protocol["sizes"]:
        matrices = [generator.standard_normal((size, size)) for _ in range(protocol["matrices"])]
        vectors = generator.standard_normal((protocol["matrices"], size))
        rotations = ortho_group.rvs(size, protocol["matrices"], random_state=generator)
        changes.append(float(np.max(length_changes(rotations, vectors))))
        inside.append(float(max(farthest_outside(matrix) for matrix in matrices)))
        definite = [matrix @ matrix.T / size + 0.01 * np.eye(size) for matrix in matrices]
        ratios.append([np.linalg.cond(scaled(m)) / np.linalg.cond(m) for m in definite])
    for figure, metric, values in (
        ("exercise 1: lengths under orthogonal matrices", "largest relative change", changes),
        (
            "exercise 3: eigenvalues and discs",
            "farthest outside all discs, negative is inside",
            inside,
        ),
    ):
        yield points(
            NAME, figure, "random matrices", metric, values, x=protocol["sizes"], x_name="size"
        )
    figure = "exercise 4: condition number after scaling over that before"
    for series, share in (("quantile 0.05", 0.05), ("median", 0.5), ("quantile 0.95", 0.95)):
        yield points(
            NAME, figure, series, "ratio", np.quantile(ratios, share, axis=1),
            x=protocol["sizes"], x_name="size",
        )  # fmt: skip
    raised = np.mean(np.array(ratios) > 1, axis=1)
    figure = "exercise 4: random matrices whose condition number scaling raises"
    yield points(
        NAME, figure, "random matrices", "share", raised, x=protocol["sizes"], x_name="size",
    )  # fmt: skip


def scaled(matrix: np.ndarray) -> np.ndarray:
    """diag^-1/2 Q diag^-1/2, of equation 4: entries Q_ij / sqrt(Q_ii Q_jj)."""
    roots = np.sqrt(np.diag(matrix))
    return matrix / np.outer(roots, roots)


def discs(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centres and radii of Gerschgorin's discs, by rows."""
    centres = np.diag(matrix)
    return centres, np.abs(matrix).sum(axis=1) - np.abs(centres)


def farthest_outside(matrix: np.ndarray) -> float:
    """How far the worst eigenvalue is from its nearest disc's edge; negative inside."""
    centres, radii = discs(matrix)
    distances = np.abs(np.linalg.eigvals(matrix)[:, None] - centres) - radii
    return float(distances.min(axis=1).max())


def length_changes(rotations: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Relative changes of the vectors' lengths [n] under matrices [n, size, size]."""
    before = np.linalg.norm(vectors, axis=1)
    after = np.linalg.norm(np.einsum("nij,nj->ni", rotations, vectors), axis=1)
    return np.abs(after - before) / before


def _example(name: str, matrix: np.ndarray) -> Iterator[pd.DataFrame]:
    for series, one in (("before scaling", matrix), ("after scaling", scaled(matrix))):
        rows = len(one)
        labels = [f"row {i + 1}, column {j + 1}" for i in range(rows) for j in range(rows)]
        yield points(NAME, f"{name}: entries", series, "entry", one.ravel(), labels=labels)
        eigenvalues = np.linalg.eigvalsh(one)
        centres, radii = discs(one)
        figure = f"{name}: eigenvalues"
        yield points(NAME, figure, series, "eigenvalue", eigenvalues, x=np.arange(1, rows + 1),
                     x_name="eigenvalue")  # fmt: skip
        yield points(
            NAME, f"{name}: numbers", series, "value",
            [eigenvalues[-1] / eigenvalues[0], (centres - radii).min(), (centres + radii).max()],
            labels=["condition number", "left edge of the discs", "right edge of the discs"],
        )  # fmt: skip
