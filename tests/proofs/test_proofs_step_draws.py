"""What is drawn for the names a written proof gives: it meets its hypothesis, and only that."""

from __future__ import annotations

import pytest
from flint import acb, acb_mat, ctx

from proofs.steps.evaluate import Budget, evaluate
from proofs.steps.givens import FLAVOURS, Given, NoInstanceError, draw, parse_given, relaxed
from proofs.steps.language import ProofError, parse
from proofs.steps.meeting import meet
from proofs.steps.statements import Statement
from proofs.steps.values import Truth

HYPOTHESES = {
    "orthogonal": "A.T @ A = eye(n)",
    "unitary": "A.H @ A = eye(n)",
    "symmetric": "A.T = A",
    "hermitian": "A.H = A",
    "skew": "A.T = 0 - A",
    "diagonal": "diag(A) = A",
    "positive_definite": "A.T = A and det(A) > 0 and trace(A) > 0",
}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("kind", sorted(HYPOTHESES))
def test_what_is_drawn_meets_its_hypothesis(kind: str, flavour: str) -> None:
    text = HYPOTHESES[kind].replace("0 - A", "-1 * A")
    givens = (Given(("n",), "order", (), 1), Given(("A",), kind, ("n",), 1))
    for order in (1, 2, 4):
        with ctx.workprec(128):
            names = draw(givens, flavour, order, seed=order)
            truth = evaluate(parse(text, 1, frozenset(names)), names, Budget())
        assert isinstance(truth, Truth)
        assert truth >= Truth.CLOSE


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_positive_number_is_never_zero(flavour: str) -> None:
    given = (Given(("p",), "positive", (), 1),)
    for seed in range(30):
        found = draw(given, flavour, 1, seed)["p"]
        assert isinstance(found, acb)
        assert found.real > 0
        assert found.imag.is_zero()


def eigen_givens(kind: str) -> tuple[Given, ...]:
    return (
        Given(("n",), "order", (), 1),
        Given(("M",), kind, ("n",), 1),
        Given(("lam", "x"), "eigenpair", ("M",), 1),
        Given(("j",), "largest", ("x",), 1),
    )


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("kind", ["matrix", "complex_matrix", "symmetric", "unitary"])
def test_a_drawn_eigenpair_is_one(kind: str, flavour: str) -> None:
    text = "M @ x = lam * x and norm(x) > 0 and all(abs(x[k]) <= abs(x[j]) for k in range(n))"
    drawn = 0
    for seed in range(8):
        with ctx.workprec(128):
            try:
                names = draw(eigen_givens(kind), flavour, 3, seed)
            except NoInstanceError:  # a multiple eigenvalue of a sparse symmetric matrix, say
                continue
            drawn += 1
            truth = evaluate(parse(text, 1, frozenset(names)), names, Budget())
        assert isinstance(truth, Truth)
        assert truth >= Truth.CLOSE
    assert drawn > 0


def test_eigenvectors_with_zeros_and_exact_ones_are_among_the_draws() -> None:
    zeros = exact = 0
    for seed in range(20):
        with ctx.workprec(128):
            names = draw(eigen_givens("complex_matrix"), "sparse", 3, seed)
            x = names["x"]
            assert isinstance(x, acb_mat)
            zeros += any(entry == 0 for entry in x.entries())
            exact += all(entry.is_exact() for entry in x.entries())
    assert zeros == exact == 20


def test_one_seed_draws_one_instance_at_every_precision() -> None:
    givens = (Given(("n",), "order", (), 1), Given(("U",), "orthogonal", ("n",), 1))
    with ctx.workprec(128):
        coarse = draw(givens, "Gaussian", 4, seed=5)["U"]
    with ctx.workprec(512):
        fine = draw(givens, "Gaussian", 4, seed=5)["U"]
    assert isinstance(coarse, acb_mat)
    assert isinstance(fine, acb_mat)
    assert coarse.contains(fine)


def test_dropping_a_hypothesis_leaves_the_weaker_kind_only() -> None:
    givens = eigen_givens("symmetric")
    assert [g.kind for g in relaxed(givens, frozenset({"x"}))] == [
        "order",
        "matrix",
        "eigenpair",
        "some_index",
    ]
    assert relaxed(givens, frozenset({"M", "lam", "j"})) == givens


def test_a_premise_is_met_by_matrices_drawn_without_it() -> None:
    givens = relaxed(eigen_givens("complex_matrix"), frozenset())
    premise = Statement(parse("M @ x = lam * x", 1, frozenset({"M", "x", "lam"})))
    met = 0
    for seed in range(10):
        with ctx.workprec(128):
            drawn = draw(givens, "small integers", 3, seed)
            names = meet(premise, drawn, givens, {}, Budget())
            if names is None:
                continue
            met += 1
            assert premise.truth(names, Budget()) >= Truth.CLOSE
            assert names["x"] is not drawn["M"]
    assert met >= 5


def test_an_argument_of_a_kind_is_parsed_and_never_run() -> None:
    with pytest.raises(ProofError, match="is no kind"):
        parse_given("x", "__import__('os').system('id')", 1, {})
