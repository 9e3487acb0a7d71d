"""Named, seeded families of random and adversarial matrices.

A family draws one matrix of order n from a generator. Every entry is a double and is taken as the
exact number it is, so ball and rational arithmetic speak of the very matrix that was drawn.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating] | NDArray[np.complexfloating]
Vector = NDArray[np.floating] | NDArray[np.complexfloating]
Draw = Callable[[np.random.Generator, int], Matrix]


def generator(seed: int, name: str) -> np.random.Generator:
    """A stream of its own for `name`: a check added leaves the others' instances as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def complex_gaussian(rng: np.random.Generator, n: int) -> Matrix:
    """Independent standard normal real and imaginary parts."""
    return rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n))


def real_gaussian(rng: np.random.Generator, n: int) -> Matrix:
    """Independent standard normal entries."""
    return rng.standard_normal((n, n))


def hermitian(rng: np.random.Generator, n: int) -> Matrix:
    """A complex Hermitian matrix: real spectrum."""
    drawn = complex_gaussian(rng, n)
    return drawn + drawn.conj().T


def haar_orthogonal(rng: np.random.Generator, n: int) -> Matrix:
    """QR of a Gaussian matrix with the signs of R taken out (Mezzadri, Notices AMS 54, 2007)."""
    q, r = np.linalg.qr(real_gaussian(rng, n))
    return q * np.where(np.diag(r) < 0, -1.0, 1.0)


def haar_unitary(rng: np.random.Generator, n: int) -> Matrix:
    """The complex case of `haar_orthogonal`: the phases of R's diagonal taken out."""
    q, r = np.linalg.qr(complex_gaussian(rng, n))
    diagonal = np.diag(r)
    unitary: Matrix = q * (diagonal / np.abs(diagonal))
    return unitary


def signed_permutation(rng: np.random.Generator, n: int) -> Matrix:
    """A permutation matrix with random signs: orthogonal without any rounding."""
    signed: Matrix = np.eye(n)[rng.permutation(n)] * rng.choice([-1.0, 1.0], size=n)
    return signed


def reflection(rng: np.random.Generator, n: int) -> Matrix:
    """A Householder reflection: orthogonal, determinant -1."""
    normal = rng.standard_normal(n)
    return np.eye(n) - 2.0 * np.outer(normal, normal) / (normal @ normal)


def plane_rotations(rng: np.random.Generator, n: int) -> Matrix:
    """A product of n rotations, each of a random plane by a random angle."""
    product = np.eye(n)
    for _ in range(n if n > 1 else 0):
        i, j = rng.choice(n, size=2, replace=False)
        angle = rng.uniform(0.0, 2.0 * np.pi)
        c, s = np.cos(angle), np.sin(angle)
        product[[i, j]] = np.array([[c, -s], [s, c]]) @ product[[i, j]]
    return product


def ill_scaled(rng: np.random.Generator, n: int) -> Matrix:
    """A complex Gaussian matrix between D and 1/D, D powers of two from 2^-15 to 2^15."""
    scale = np.exp2(rng.integers(-15, 16, size=n).astype(float))
    scaled: Matrix = complex_gaussian(rng, n) * scale[:, None] / scale[None, :]
    return scaled


def diagonally_dominant(rng: np.random.Generator, n: int) -> Matrix:
    """Row sums far below the diagonal: small discs, mostly apart."""
    return complex_gaussian(rng, n) / (4.0 * n) + np.diag(np.arange(n) * (1.0 + 1.0j))


def jordan_block(rng: np.random.Generator, n: int) -> Matrix:
    """One Jordan block: a single eigenvalue of multiplicity n and one eigenvector (defective)."""
    eigenvalue = complex(*rng.integers(-3, 4, size=2))
    block: Matrix = eigenvalue * np.eye(n) + np.eye(n, k=1)
    return block


def disguised_jordan(rng: np.random.Generator, n: int) -> Matrix:
    """A Jordan block in another basis, by an integer matrix of determinant 1: exact, and full."""
    lower = np.tril(rng.integers(-1, 2, size=(n, n)), -1) + np.eye(n)
    inverse = np.rint(np.linalg.inv(lower))
    eigenvalue = float(rng.integers(-3, 4))
    disguised: Matrix = lower @ (eigenvalue * np.eye(n) + np.eye(n, k=1)) @ inverse
    return disguised


def grcar(_rng: np.random.Generator, n: int) -> Matrix:
    """Grcar's Toeplitz matrix: far from normal, eigenvalues sensitive to every entry."""
    return -np.eye(n, k=-1) + sum(np.eye(n, k=k) for k in range(4))


ORTHOGONAL: Mapping[str, Draw] = {
    "Haar orthogonal": haar_orthogonal,
    "Haar unitary": haar_unitary,
    "signed permutation": signed_permutation,
    "reflection": reflection,
    "plane rotations": plane_rotations,
}

SQUARE: Mapping[str, Draw] = {
    "complex Gaussian": complex_gaussian,
    "real Gaussian": real_gaussian,
    "Hermitian": hermitian,
    "unitary": haar_unitary,
    "ill-scaled": ill_scaled,
    "diagonally dominant": diagonally_dominant,
    "Jordan block": jordan_block,
    "disguised Jordan block": disguised_jordan,
    "Grcar": grcar,
}


def draws(
    families: Mapping[str, Draw], orders: tuple[int, ...], repeats: int, rng: np.random.Generator
) -> Iterator[tuple[str, Matrix]]:
    """`repeats` matrices of every family at every order, each with its family's name."""
    for name, draw in families.items():
        for order in orders:
            for _ in range(repeats):
                yield name, draw(rng, order)
