"""Written proofs: right ones hold, and each wrong one is caught at the step where it goes wrong."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from proofs.exercises import written_proofs
from proofs.exercises.written_proofs import verdicts_of
from proofs.steps.__main__ import main
from proofs.steps.checking import StepFinding, check_proof, first_failure
from proofs.steps.reading import parse_proof, read_proof

WRITTEN = Path(written_proofs.FOLDER)
NAMES = ("change_of_variables", "gerschgorin", "orthogonal_invariance")


def written(name: str, *changes: tuple[str, str]) -> list[StepFinding]:
    """The findings about a written proof after some texts in it were replaced."""
    text = (WRITTEN / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{name}.yaml no longer says {old!r}"
        text = text.replace(old, new, 1)
    return check_proof(parse_proof(text.encode()), seed=0)


def small(given: str, steps: str, prove: str = "1 = 1", more: str = "") -> list[StepFinding]:
    """The findings about a proof written in a few lines."""
    text = (
        "title: a test\nplace: {document: test, section: here}\n"
        f"given: {{{given}}}\n{more}prove: {prove}\nsteps:\n{steps}"
    )
    return check_proof(parse_proof(text.encode()), seed=0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1, 99])
def test_the_proofs_of_the_assignment_hold_at_every_step(name: str, seed: int) -> None:
    findings = check_proof(read_proof(WRITTEN / f"{name}.yaml"), seed)
    assert first_failure(findings) is None
    assert findings[-1].step == "conclusion"
    assert all(finding.instances == 100 for finding in findings)


def test_every_written_proof_is_tested_here() -> None:
    assert {path.stem for path in WRITTEN.glob("*.yaml")} == set(NAMES)


WRONG = {
    "a lost square": (
        "orthogonal_invariance",
        [("=: norm(v)**2", "=: norm(v)")],
        ("step 6", "false"),
    ),
    "a transposed factor": (
        "orthogonal_invariance",
        [("=: v.T @ U.T @ U @ v", "=: v.T @ U @ U @ v")],
        ("step 3", "false"),
    ),
    "factors in the wrong order, which orthogonality alone makes right": (
        "orthogonal_invariance",
        [("=: v.T @ U.T @ U @ v", "=: v.T @ U @ U.T @ v")],
        ("step 3", "does not follow"),
    ),
    "no orthogonality": (
        "orthogonal_invariance",
        [("U: orthogonal(n)", "U: matrix(n)"), ("using: [U]", "using: []")],
        ("step 4", "false"),
    ),
    "orthogonality used and not cited": (
        "orthogonal_invariance",
        [("using: [U]", "using: []")],
        ("step 4", "does not follow"),
    ),
    "a transpose for a complex matrix": (
        "orthogonal_invariance",
        [("U: orthogonal(n)", "U: unitary(n)")],
        ("step 2", "false"),
    ),
    "the statement to prove as its own reason": (
        "orthogonal_invariance",
        [
            ("have: norm(U @ v)**2", "have: norm(c - d) = norm(U @ c - U @ d)"),
            ("=: (U @ v).T @ (U @ v)", "have: norm(U @ v)**2"),
        ],
        ("step 1", "does not follow"),
    ),
    "another statement than the one to prove": (
        "orthogonal_invariance",
        [("prove: norm(c - d) = norm(U @ c - U @ d)", "prove: norm(U @ c) = norm(c)")],
        ("conclusion", "does not follow"),
    ),
    "a false statement to prove": (
        "orthogonal_invariance",
        [("prove: norm(c - d) = norm(U @ c - U @ d)", "prove: norm(c - d) = norm(c) - norm(d)")],
        ("conclusion", "false"),
    ),
    "a swapped inequality": (
        "gerschgorin",
        [("- <=: sum(abs(M[j, k]) * abs(x[k])", '- ">=": sum(abs(M[j, k]) * abs(x[k])')],
        ("step 6", "false"),
    ),
    "a missing absolute value, of a complex number": (
        "gerschgorin",
        [("- <=: sum(abs(M[j, k]) * abs(x[k])", "- <=: sum(M[j, k] * abs(x[k])")],
        ("step 6", "undefined"),
    ),
    "a missing absolute value, of a real number": (
        "gerschgorin",
        [
            ("M: complex_matrix(n)", "M: symmetric(n)"),
            ("- <=: sum(abs(M[j, k]) * abs(x[k])", "- <=: sum(M[j, k] * abs(x[k])"),
        ],
        ("step 6", "false"),
    ),
    "rows taken for columns": (
        "gerschgorin",
        [
            (
                "=>: sum(M[j, k] * x[k] for k in range(n)) =",
                "=>: sum(M[k, j] * x[k] for k in range(n)) =",
            )
        ],
        ("step 2", "false"),
    ),
    "symmetry assumed": (
        "gerschgorin",
        [
            (
                "  - =>: sum(M[j, k] * x[k] for k in range(n)) = lam",
                "  - =>: M.T @ x = lam * x\n  - =>: sum(M[j, k] * x[k] for k in range(n)) = lam",
            )
        ],
        ("step 2", "false"),
    ),
    "any index for that of the largest component": (
        "gerschgorin",
        [("j: largest(x)", "j: index(n)")],
        ("step 7", "false"),
    ),
    "a division by a component that may be zero": (
        "gerschgorin",
        [
            ("j: largest(x)", "j: index(n)"),
            (
                "- <=: sum(abs(M[j, k]) * abs(x[j]) for k in range(n) if k != j)",
                "- =: sum(abs(M[j, k] * x[k]) for k in range(n) if k != j) / abs(x[j]) * abs(x[j])",
            ),
        ],
        ("step 7", "undefined"),
    ),
    "an eigenvector that is not said to be one": (
        "gerschgorin",
        [("using: [x]", "using: []")],
        ("step 1", "does not follow"),
    ),
    "the choice of the index not cited": (
        "gerschgorin",
        [("using: [j]", "using: []")],
        ("step 7", "does not follow"),
    ),
    "the diagonal term forgotten": (
        "gerschgorin",
        [
            (
                "for k in range(n) if k != j) = (lam - M[j, j]) * x[j]",
                "for k in range(n) if k != j) = lam * x[j]",
            )
        ],
        ("step 3", "false"),
    ),
    "the change of variables taken the wrong way": (
        "change_of_variables",
        [("=: c.T @ (U.T @ y)", "=: c.T @ (U @ y)")],
        ("step 6", "false"),
    ),
    "a decomposition in the other order": (
        "change_of_variables",
        [("Q: U.T @ L @ U", "Q: U @ L @ U.T")],
        ("step 2", "false"),
    ),
    "the factor one half lost": (
        "change_of_variables",
        [("- =: y.T @ L @ y / 2 + c.T @ x + b", "- =: y.T @ L @ y + c.T @ x + b")],
        ("step 10", "false"),
    ),
}


@pytest.mark.parametrize("mistake", sorted(WRONG))
@pytest.mark.slow
def test_a_mistake_is_caught_at_its_step(mistake: str) -> None:
    name, changes, expected = WRONG[mistake]
    failure = first_failure(written(name, *changes))
    assert failure is not None
    assert (failure.step, failure.outcome) == expected


def test_a_false_step_names_an_instance_a_person_can_check() -> None:
    failure = first_failure(written("orthogonal_invariance", ("=: norm(v)**2", "=: norm(v)")))
    assert failure is not None
    assert failure.where is not None
    names = failure.where.names
    # The left side is v.T @ v, the right one norm(v); the smallest instance is of order 1.
    assert names["n"] == "1"
    v = float(names["c"]) - float(names["d"])
    assert float(names["v"]) == v
    assert float(failure.where.left) == v * v
    assert float(failure.where.right) == abs(v)
    assert v * v != abs(v)


@pytest.mark.parametrize(
    ("mistake", "names"),
    [
        # x = 0 is where both agree; 1 is next.
        ("a lost square", {"n": "1", "U": "1", "c": "0", "d": "2"}),
        ("no orthogonality", {"n": "1", "U": "0", "c": "0", "d": "1"}),
        ("a transpose for a complex matrix", {"n": "2", "U": "[[1, 0], [0, 0+1i]]"}),
        ("a division by a component that may be zero", {"M": "[[0, 0], [0, 0]]", "x": "(1, 0)"}),
    ],
)
@pytest.mark.slow
def test_the_instance_of_the_first_failure_is_shrunk(mistake: str, names: dict[str, str]) -> None:
    proof, changes, _ = WRONG[mistake]
    failure = first_failure(written(proof, *changes))
    assert failure is not None
    assert failure.where is not None
    assert failure.where.drawn_as == "small integers, shrunk"
    assert {name: failure.where.names[name] for name in names} == names
    assert first_failure(written(proof, *changes)) == failure  # the same every time


def test_a_shrunk_instance_meets_the_assumptions() -> None:
    more = "assume: {large: x > 1}\n"
    failure = first_failure(small("x: real", "  - have: x = 7\n", more=more))
    assert failure is not None
    assert failure.where is not None
    assert failure.where.names == {"x": "2"}


def test_the_step_after_a_mistake_that_returns_to_the_truth_does_not_follow() -> None:
    findings = written("orthogonal_invariance", ("=: v.T @ eye(n) @ v", "=: 2 * v.T @ v"))
    assert [finding.outcome for finding in findings[3:6]] == ["false", "does not follow", "holds"]
    assert "start of the chain" in findings[4].reason


def test_a_true_step_after_a_false_line_does_not_follow() -> None:
    findings = small("x: real", "  - have: x = x + 1\n  - =>: x = x\n")
    assert [finding.outcome for finding in findings[:2]] == ["false", "does not follow"]
    assert "rests on is false" in findings[1].reason


def test_cancelling_a_factor_that_may_be_zero_is_false() -> None:
    findings = small(
        "a: real, b: real, s: real",
        "  - have: a * s = b * s\n  - =>: a = b\n",
        more="assume: {same: a * s = b * s}\n",
    )
    assert [finding.outcome for finding in findings[:2]] == ["holds", "false"]
    assert findings[1].where is not None
    assert findings[1].where.names["s"] == "0"


def test_cancelling_a_factor_that_is_not_zero_holds() -> None:
    given, assume = "a: real, s: real", "assume: {other_than_zero: abs(s) > 0}\n"
    steps = "  - have: a * s / s\n  - =: a\n    using: [other_than_zero]\n"
    findings = small(given, steps, prove="a * s / s = a", more=assume)
    assert first_failure(findings) is None
    # The same with the hypothesis uncited: it may be zero, and then there is no value.
    findings = small(given, steps.replace("other_than_zero", ""), "a * s / s = a", assume)
    assert findings[1].outcome == "does not follow"
    assert findings[1].where is not None
    assert "division by zero" in findings[1].where.left


def test_what_no_precision_decides_is_said_to_be_undecided() -> None:
    # sqrt(2)^2 is 2, which balls of any radius cannot tell from a little less.
    findings = small("x: real", "  - have: sqrt(2)**2\n  - <: 2\n")
    assert findings[1].outcome == "undecided"
    assert "512 bits" in findings[1].reason


def test_hypotheses_that_no_draw_meets_test_nothing() -> None:
    more = "assume: {impossible: abs(x) < 0}\n"
    (finding,) = small("x: real", "  - have: x = x + 1\n", more=more)
    assert finding.outcome == "not tested"
    assert "only 0" in finding.reason


def test_equality_read_from_either_side_is_the_statement_to_prove() -> None:
    steps = "  - have: norm(x)\n  - =: sqrt(sum(x[k]**2 for k in range(n)))\n"
    given = "n: order, x: vector(n)"
    prove = "sqrt(sum(x[k]**2 for k in range(n))) = norm(x)"
    assert first_failure(small(given, steps, prove)) is None
    more = "let: {length: norm(x)}\n"
    assert first_failure(small(given, steps, prove.replace("norm(x)", "length"), more)) is None


def test_a_chain_that_goes_up_and_down_shows_nothing() -> None:
    steps = '  - have: x\n  - <=: x + 1\n  - ">=": x\n'
    findings = small("x: real", steps, prove="x <= x")
    assert [finding.outcome for finding in findings] == [
        "holds",
        "holds",
        "holds",
        "does not follow",
    ]


def test_a_strict_link_makes_the_chain_strict() -> None:
    steps = "  - have: x\n  - <=: x\n  - <: x + 1\n  - =: 1 + x\n"
    assert first_failure(small("x: real", steps, prove="1 + x > x")) is None


def test_wrong_proofs_become_refuted_verdicts_with_their_counterexample() -> None:
    text = (WRITTEN / "orthogonal_invariance.yaml").read_text(encoding="utf-8")
    wrong = text.replace("=: norm(v)**2", "=: norm(v)")
    verdicts = {v.id: v for v in verdicts_of("wrong_one", parse_proof(wrong.encode()), seed=0)}
    refuted = verdicts["written-wrong-one-step-6"]
    assert (refuted.finding, refuted.evidence) == ("refuted", "counterexample")
    assert refuted.measured["left"] != refuted.measured["right"]
    held = verdicts["written-wrong-one-step-3"]
    assert (held.finding, held.evidence) == ("reproduced", "searched")
    assert held.trials > held.measured["instances"] == 100
    assert held.tolerance == 2.0**-64
    assert "U: orthogonal(n)" in held.hypotheses


def test_an_untested_proof_is_not_checkable_and_says_why() -> None:
    text = (WRITTEN / "orthogonal_invariance.yaml").read_text(encoding="utf-8")
    impossible = text.replace("let:", "assume:\n  impossible: norm(c) < 0\nlet:")
    verdicts = verdicts_of("impossible", parse_proof(impossible.encode()), seed=0)
    assert {verdict.finding for verdict in verdicts} == {"not checkable"}
    assert {verdict.evidence for verdict in verdicts} == {"none"}


def test_the_command_reports_each_step_and_fails_on_a_wrong_one(tmp_path: Path) -> None:
    right = WRITTEN / "orthogonal_invariance.yaml"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(right.read_text().replace("=: norm(v)**2", "=: norm(v)"))
    runner = CliRunner()
    assert runner.invoke(main, [str(right)]).exit_code == 0
    result = runner.invoke(main, [str(right), str(wrong)])
    assert result.exit_code == 1
    assert f"{wrong}, line 26: step 6: false: = norm(v)" in result.output
    assert "right for the start" in result.output or "the two sides differ" in result.output


def test_the_command_names_file_line_and_reason_of_a_broken_file(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("title: x\nplace: {document: a, section: b}\nproofs: none\n")
    result = CliRunner().invoke(main, [str(broken)])
    assert result.exit_code == 1
    assert f"{broken}, line 3: unknown key 'proofs'" in result.output


def test_the_proofs_of_the_assignment_take_about_a_second() -> None:
    start = time.process_time()
    verdicts = written_proofs.verify(0)
    # 0.5 s where this was written; ten times that is a sign that the work is no longer bounded.
    assert time.process_time() - start < 5
    assert {verdict.finding for verdict in verdicts} == {"reproduced"}


def test_a_positive_number_may_be_divided_by() -> None:
    findings = small("p: positive", "  - have: p / p\n  - =: 1\n", prove="p / p = 1")
    assert [finding.outcome for finding in findings] == ["holds"] * 3


def test_what_a_verdict_says_was_checked_names_the_orders() -> None:
    """A sum of n terms is at most 5 times the largest of them for n up to 5, and not beyond."""
    proof = read_proof(WRITTEN / "gerschgorin.yaml")
    last = verdicts_of("gerschgorin", proof, seed=0)[-1]
    assert "of orders 1 to 5" in last.explanation
