"""Exercise 1: lengths are kept by orthogonal matrices, and the checks see when they are not."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.exact import cayley, identity, random_orthogonal, random_unitary_as_real, squared_norm
from proofs.exercises import orthogonal_invariance, orthogonality_needed
from proofs.exercises.orthogonal_invariance import (
    derivation_residue,
    keeps_distance_exactly,
    near_miss,
    relative_gap_and_bound,
    vector_pairs,
)
from proofs.exercises.orthogonality_needed import changed_vector, complex_rotation, lengths
from proofs.instances import ORTHOGONAL, generator, haar_unitary
from proofs.rounding import gamma, invariance_bound, orthogonality_defect, real_form


def test_the_derivation_leaves_nothing_under_the_hypothesis() -> None:
    assert derivation_residue(sympy.Q.orthogonal).is_ZeroMatrix


@pytest.mark.parametrize("weaker", [sympy.Q.invertible, sympy.Q.symmetric, sympy.Q.square])
def test_the_derivation_does_not_go_through_on_a_weaker_hypothesis(weaker: sympy.Q) -> None:
    assert not derivation_residue(weaker).is_ZeroMatrix


def test_a_cayley_transform_by_hand() -> None:
    # K = [[0, 1/2], [-1/2, 0]] gives the rotation of the triangle 3, 4, 5.
    half = fmpq(1, 2)
    assert cayley(fmpq_mat([[0, half], [-half, 0]])) == fmpq_mat(
        [[fmpq(3, 5), fmpq(-4, 5)], [fmpq(4, 5), fmpq(3, 5)]]
    )


@settings(max_examples=25, deadline=None)
@given(order=st.integers(1, 7), seed=st.integers(0, 2**32))
def test_rational_orthogonal_matrices_are_orthogonal_exactly(order: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    u = random_orthogonal(rng, order)
    assert u.transpose() * u == identity(order)
    c, d = fmpq_mat(order, 1, list(range(order))), fmpq_mat(order, 1, [fmpq(1, 3)] * order)
    assert keeps_distance_exactly(u, c, d)


def test_both_signs_of_the_determinant_are_drawn() -> None:
    rng = np.random.default_rng(0)
    assert {int(random_orthogonal(rng, 3).det().p) for _ in range(20)} == {-1, 1}


def test_a_unitary_in_real_form_commutes_with_the_imaginary_unit() -> None:
    n = 3
    u = random_unitary_as_real(np.random.default_rng(1), n)
    imaginary = fmpq_mat(
        2 * n, 2 * n, [(j == i - n) - (j == i + n) for i in range(2 * n) for j in range(2 * n)]
    )
    assert imaginary * imaginary == -1 * identity(2 * n)
    assert u * imaginary == imaginary * u
    assert u.transpose() * u == identity(2 * n)


def test_one_wrong_entry_is_seen_exactly() -> None:
    u = random_orthogonal(np.random.default_rng(2), 4)
    u[1, 2] += fmpq(1, 10**30)
    c, d = fmpq_mat(4, 1, [1, 2, 3, 4]), fmpq_mat(4, 1, [0, 1, 0, 0])
    assert not keeps_distance_exactly(u, c, d)
    assert squared_norm(u * c - u * d) != squared_norm(c - d)


def test_the_rounding_bound_by_hand() -> None:
    assert gamma(4) == pytest.approx(4 * 2.0**-53, rel=1e-14)  # n u / (1 - n u), u = 2^-53
    # n = 1, no defect: one product, and four roundings in each of two norms.
    u = 2.0**-53
    assert invariance_bound(1, 0.0, 1.0) == pytest.approx(u + 2 * 4 * u, rel=1e-12)
    # A defect of 1/4 on top of it may change the length by at most a quarter, and no less is said.
    assert invariance_bound(1, 0.25, 8.0) == pytest.approx(2.0, rel=1e-12)


@pytest.mark.parametrize("family", sorted(ORTHOGONAL))
def test_floating_point_stays_within_its_bound(family: str) -> None:
    rng = generator(9, family)
    u = ORTHOGONAL[family](rng, 40)
    defect = float(orthogonality_defect(u).upper())
    assert defect < 1e-13
    for _, c, d in vector_pairs(rng, u):
        gap, bound = relative_gap_and_bound(u, defect, c, d)
        assert gap <= bound < 1e-12


@pytest.mark.parametrize("family", sorted(ORTHOGONAL))
def test_a_matrix_that_is_a_little_off_breaks_the_bound(family: str) -> None:
    # Stretched by 1e-9, with the bound of an orthogonal one: the searched check would say refuted.
    rng = generator(9, family)
    u = ORTHOGONAL[family](rng, 40)
    defect = float(orthogonality_defect(u).upper())
    (_, c, d), *_ = vector_pairs(rng, u)
    gap, bound = relative_gap_and_bound(u * (1.0 + 1e-9), defect, c, d)
    assert gap > 100 * bound


def test_a_transposed_product_is_not_taken_for_the_product() -> None:
    stretched = np.array([[1.0, 1e-3], [0.0, 1.0]])
    assert float(orthogonality_defect(stretched)) == pytest.approx(
        math.sqrt(2 * 1e-6 + 1e-12), rel=1e-9
    )


def test_the_defect_of_a_complex_matrix_counts_each_entry_once() -> None:
    # U = (1 + i) / 1 has U* U - I = 1, whatever its real form looks like.
    assert float(orthogonality_defect(np.array([[1.0 + 1.0j]]))) == pytest.approx(1.0)
    assert real_form(np.array([[1.0 + 2.0j]])).tolist() == [[1.0, -2.0], [2.0, 1.0]]


def test_a_stretched_axis_changes_length_by_just_the_bound() -> None:
    # diag(1 + t, 1) moves e1 to 1 + t: the squared length changes by 2t + t^2, which is the defect.
    change, defect = near_miss(np.diag([1.0 + 2.0**-20, 1.0]), np.array([1.0, 0.0]))
    assert float(change) == pytest.approx(2.0**-19 + 2.0**-40, rel=1e-15)
    assert change.overlaps(defect)
    assert change > 0


def test_an_orthogonal_matrix_is_not_reported_as_an_adversary() -> None:
    change, defect = near_miss(np.array([[0.0, 1.0], [-1.0, 0.0]]), np.array([3.0, 4.0]))
    assert change == 0
    assert defect == 0


def test_changed_vectors_by_hand() -> None:
    assert changed_vector(((0, 1), (-1, 0))) is None
    assert changed_vector(((1, 0), (0, 2))) == (0, 1)
    assert changed_vector(((1, 1), (0, 1))) == (0, 1)


@pytest.mark.slow
def test_the_verdicts_of_the_exercise() -> None:
    verdicts = {verdict.id: verdict for verdict in orthogonal_invariance.verify(5)}
    assert {verdict.finding for verdict in verdicts.values()} == {"reproduced"}
    floating = verdicts["exercise-1-floating-point"]
    assert floating.measured["largest_gap_over_sizes"] <= floating.tolerance < 1e-11
    assert sum(floating.measured["instances_by_family"].values()) == floating.trials
    near = verdicts["exercise-1-nearly-orthogonal"].measured
    assert near["undecided"] == near["beyond_the_bound"] == 0
    assert near["largest_share_of_the_bound"] > 0.99
    needed = {verdict.id: verdict for verdict in orthogonality_needed.verify(5)}
    assert needed["exercise-1-hypothesis-needed"].measured["smallest_matrix"] == [[2]]


@pytest.mark.slow
def test_drawing_matrices_that_are_not_orthogonal_refutes(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_quite(rng: np.random.Generator, n: int) -> fmpq_mat:
        return random_orthogonal(rng, n) * fmpq(1001, 1000)

    monkeypatch.setattr(orthogonal_invariance, "random_orthogonal", not_quite)
    monkeypatch.setattr(orthogonal_invariance, "invariance_bound", lambda *_: 1e-30)
    verdicts = {verdict.id: verdict for verdict in orthogonal_invariance.verify(5)}
    assert verdicts["exercise-1-exact-instances"].finding == "refuted"
    exact = verdicts["exercise-1-exact-instances"]
    assert "orthogonal, order 1" in exact.measured["broken"]
    assert exact.measured["counterexample"]["U"] in ("[[1001/1000]]", "[[-1001/1000]]")
    assert exact.evidence == "counterexample"
    assert "On 7 of 14" in exact.explanation
    assert "Not on: orthogonal, order 1" in exact.explanation
    floating = verdicts["exercise-1-floating-point"]
    assert (floating.finding, floating.evidence) == ("refuted", "counterexample")
    assert "beyond it" in floating.explanation
    assert floating.measured["found_on"] in floating.explanation


@pytest.mark.slow
def test_what_holds_on_samples_is_searched_and_names_the_proof_for_all() -> None:
    verdicts = {verdict.id: verdict for verdict in orthogonal_invariance.verify(5)}
    exact = verdicts["exercise-1-exact-instances"]
    assert (exact.evidence, exact.trials) == ("searched", 14)
    assert "On 14 of 14" in exact.explanation
    assert orthogonal_invariance.WRITTEN in exact.explanation
    assert verdicts["exercise-1-nearly-orthogonal"].evidence == "searched"
    assert verdicts["exercise-1-derivation"].evidence == "exact"


def test_the_derivation_tells_what_is_left_when_it_does_not_go_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = derivation_residue(sympy.Q.invertible)
    monkeypatch.setattr(orthogonal_invariance, "derivation_residue", lambda _assumption: left)
    verdict = orthogonal_invariance._derivation()
    assert verdict.finding == "refuted"
    assert f"leaves {left}" in verdict.explanation


def test_a_defect_that_is_taken_too_small_is_told_as_beyond_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        orthogonal_invariance, "orthogonality_defect", lambda u: orthogonality_defect(u) / 2
    )
    # On an axis the change is the whole defect; on a vector far from it, it may be below half.
    verdict = orthogonal_invariance._nearly_orthogonal(5)
    assert (verdict.finding, verdict.evidence) == ("refuted", "counterexample")
    assert f"certainly beyond it on {verdict.measured['beyond_the_bound']}," in verdict.explanation
    assert verdict.measured["beyond_the_bound"] >= 12


def test_a_complex_rotation_is_orthogonal_without_the_conjugate_and_stretches() -> None:
    # t = i / 2: (1 - t^2) / (1 + t^2) = (5/4) / (3/4) and 2t / (1 + t^2) = i / (3/4).
    u = complex_rotation((Fraction(0), Fraction(1, 2)))
    assert u == sympy.Matrix([[5, -4 * sympy.I], [4 * sympy.I, 5]]) / 3
    assert sympy.expand(u.T * u) == sympy.eye(2)
    assert lengths(u, (1, 0)) == (1, sympy.Rational(41, 9))  # (25 + 16) / 9


def test_the_change_of_a_complex_vector_is_that_of_its_length() -> None:
    rng = generator(3, "near miss")
    u = haar_unitary(rng, 4) * 1.001
    v = rng.standard_normal(4) + 1j * rng.standard_normal(4)
    change, defect = near_miss(u, v)
    assert float(change) == pytest.approx(
        1.001**2 - 1, rel=1e-10
    )  # doubles that are nearly unitary
    # U^* U - I = (1.001^2 - 1) I, of Frobenius norm twice that for order 4.
    assert float(defect) == pytest.approx(2 * (1.001**2 - 1), rel=1e-10)


def test_a_search_that_finds_nothing_says_how_far_it_went(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orthogonality_needed, "changed_vector", lambda _matrix: None)
    verdict = orthogonality_needed._hypothesis_needed("name", "a matrix", lambda det: det**2 == 1)
    assert (verdict.finding, verdict.evidence) == ("reproduced with a caveat", "searched")
    assert verdict.explanation.startswith(f"None of {verdict.trials} integer matrices")
