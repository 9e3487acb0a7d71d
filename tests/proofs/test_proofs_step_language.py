"""The language of the steps: what it means, and that nothing outside it is read or run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from flint import acb, acb_mat, arb, ctx

from proofs.steps.checking import check_proof
from proofs.steps.evaluate import Budget, evaluate
from proofs.steps.language import ProofError, parse
from proofs.steps.reading import parse_proof, read_proof
from proofs.steps.values import Truth, UndefinedError, Value, closeness, equal, shown

NAMES: dict[str, Value] = {
    "n": 2,
    "j": 1,
    "x": acb_mat([[3], [-4]]),
    "z": acb(3, 4),
    "M": acb_mat([[1, 2], [3, 4]]),
    "C": acb_mat([[acb(0, 1), 1], [2, acb(1, -1)]]),
}


def value(text: str) -> Value | Truth:
    """The value of an expression on the names above."""
    return evaluate(parse(text, 1, frozenset(NAMES)), NAMES, Budget())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("2 ** -1", "0.5"),
        ("0.1", "0.1"),
        ("-x", "(-3, 4)"),
        ("x[0] - x[j]", "7"),
        ("x[n - 1]", "-4"),
        ("M[0, j]", "2"),
        ("M @ x", "(-5, -7)"),
        ("x.T @ M @ x", "13"),  # 3 (-5) - 4 (-7)
        ("x @ x.T", "[[9, -12], [-12, 16]]"),
        ("M.T", "[[1, 3], [2, 4]]"),
        ("C.H", "[[0-1i, 2], [1, 1+1i]]"),
        ("2 * x / 4", "(1.5, -2)"),
        ("(x.T @ x) * x", "(75, -100)"),
        ("abs(z)", "5"),
        ("conj(z)", "3-4i"),
        ("re(z) + im(z)", "7"),
        ("norm(x)", "5"),
        ("norm(x.T)", "5"),
        ("sqrt(16)", "4"),
        ("trace(M) + det(M)", "3"),
        ("det(inv(M))", "-0.5"),
        ("diag(M)", "[[1, 0], [0, 4]]"),
        ("diag(x)", "[[3, 0], [0, -4]]"),
        ("eye(n) + ones(2)", "[[2, 1], [1, 2]]"),
        ("max(1, x[0], 2) + min(1, 2)", "4"),
        ("sum(M[j, k] for k in range(n) if k != j)", "3"),
        ("sum(x[k] for k in range(n) if k > 5)", "0"),
        ("max(abs(x[k]) for k in range(n))", "4"),
        ("all(abs(x[k]) > 2 for k in range(n))", "true"),
        ("any(x[k] > 3 for k in range(n))", "false"),
        ("1 < 2 <= 2 and not 2 < 1", "true"),
        ("x[0] = 3 or x[0] = 4", "true"),
        ("x[0] == 3", "true"),
        ("x != M @ x", "true"),
        ("3 >= z", None),
    ],
)
def test_what_an_expression_means(text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(UndefinedError, match="not real"):
            value(text)
    else:
        assert shown(value(text)) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 / (n - 2)", "division by zero"),
        ("x / 0", "division by zero"),
        ("(n - 2) ** -2", "division by zero"),
        ("sqrt(0 - 1)", "negative number"),
        ("sqrt(z)", "not real"),
        ("inv(ones(2))", "singular"),
    ],
)
def test_what_has_no_value_says_why(text: str, reason: str) -> None:
    with pytest.raises(UndefinedError, match=reason):
        value(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("M @ x + M", "2x1 plus a 2x2"),
        ("x @ M", "2x1 times a 2x2"),
        ("x * M", "multiplied by @"),
        ("norm(M)", "of a vector"),
        ("x = M", "compared"),
        ("x[2]", r"entry \[2, 0\]"),
        ("x[0 - 1]", "counted from 0"),
        ("M[0, 0, 0]", "3 indices"),
        ("x[z]", "whole number"),
        ("abs(x)", "scalar is needed"),
        ("det(x)", "square matrix"),
        ("(1 < 2) + 1", "a relation stands where a value"),
        ("all(x[k] for k in range(n))", "a value stands where a relation"),
        ("max(x[k] for k in range(0))", "the max of nothing"),
        ("sum(k for k in range(9))", "ranges go up to 8"),
        ("ones(9)", "orders go from 1 to 8"),
        ("sum(1 for k in range(n) if sqrt(2)**2 = 2)", "about whole numbers"),
    ],
)
def test_what_has_no_meaning_is_an_error_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(ProofError, match=reason) as caught:
        value(text)
    assert caught.value.line == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('__import__("os").system("id")', "no such function"),
        ("x.__class__", "unknown attribute"),
        ("(lambda: 1)()", "Lambda|no such function"),
        ("open('/etc/passwd')", "no such function|unknown name"),
        ("[k for k in range(3)]", "ListComp"),
        ("{1: 2}", "Dict"),
        ("f'{x}'", "JoinedStr"),
        ("'a' * 9", "not a number"),
        ("True", "not a number"),
        ("2j", "not a number"),
        ("1e999", "numbers go up to"),
        ("12345678", "numbers go up to"),
        ("n / 1e-400", "'1e-400' has more digits than are read"),
        ("n + 1e-999999999", "'1e-999999999' has more digits than are read"),
        ("n + 1e-99999999999999999999999", "has more digits than are read"),
        ("x[0] = 0.12345678901234567890123", "has more digits than are read"),
        ("2 ** 9", "up to 8"),
        ("2 ** n", "up to 8"),
        ("2 ** (1 + 1)", "up to 8"),
        ("(y := 1)", "not an expression"),
        ("x = = 2", "not an expression"),
        ("y + 1", "unknown name 'y'; known are: C, M, j, n, x, z"),
        ("sum(n for n in range(3))", "'n' is taken"),
        ("sum(k for k in x)", "range"),
        ("sum(k for k in range(1, 2))", "range"),
        ("sum(k + l for k in range(2) for l in range(2))", "one range at a time"),
        ("sum(1, 2)", "needs a range"),
        ("abs(1, 2)", "takes 1 argument"),
        ("abs(*x)", "Starred"),
        ("norm(x, ord=1)", "takes 1 argument"),
        ("norm(**x)", "no named arguments"),
        ("x if n else z", "IfExp"),
        ("x[0:1]", "Slice"),
        ("n // 2", "FloorDiv"),
        ("-" * 300 + "1", "nested deeper"),
        ("(" * 250, "not an expression"),
        ("+".join(["n"] * 180), "parts|nested"),
        ("1" + "+1" * 300, "601 characters"),
        ("x\0", "cannot be read|not an expression"),
    ],
)
def test_what_is_outside_the_language_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        parse(text, 7, frozenset(NAMES))


def test_sums_of_a_hundred_million_terms_are_refused_before_they_start() -> None:
    text = "1"
    for name in "abcdefgh":
        text = f"sum({text} for {name} in range(8))"
    with pytest.raises(ProofError, match="8 ranges in one expression; at most 3"):
        parse(text, 1, frozenset())


HEAD = """title: t
place: {document: a, section: b}
given:
  n: order
  M: complex_matrix(n)
"""
TAIL = "prove: 1 = 1\nsteps: [{have: 1 = 1}]\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "empty"),
        ("- a\n- b", 1, "key: value"),
        ("title: [", 1, "not YAML"),
        ('title: "\\UFFFFFFFF"', 1, "an escape that stands for no character"),
        ('title: "\\U00110000"', 1, "an escape that stands for no character"),
        ("title: a\n\ttab: b", 2, "not YAML"),
        ("a: &x [1]\nb: *x", 1, "anchors, aliases"),
        ("a: !!python/object/apply:os.system ['id']", 1, "tags"),
        ("[" * 3000, 1, "nested deeper"),
        ("{a: " * 2000, 1, "nested deeper"),
        ("title: x\0", 1, "not YAML"),
        ("title: " + "x" * 20001, 1, "at most 20000 bytes"),
        (HEAD + "prove: 1 = 1\n", 1, "the key 'steps' is missing"),
        (HEAD + "lemma: 1\n" + TAIL, 6, "unknown key 'lemma'"),
        (HEAD + "  n: order\n" + TAIL, 6, "'n' stands here twice"),
        (HEAD + "  x: tensor(n)\n" + TAIL, 6, "is no kind; expected one of: order"),
        (HEAD + "  x: vector(m)\n" + TAIL, 6, "m must be given before"),
        (HEAD + "  x: vector(M)\n" + TAIL, 6, "as one of: order"),
        (HEAD + "  x: vector(99)\n" + TAIL, 6, "names or 1 to 5"),
        (HEAD + "  x: vector\n" + TAIL, 6, "takes 1 argument"),
        (HEAD + "  lam: eigenpair(M)\n" + TAIL, 6, "gives two names"),
        (HEAD + "  a, b: vector(n)\n" + TAIL, 6, "gives one name"),
        (HEAD + "  sum: vector(n)\n" + TAIL, 6, "cannot be a name"),
        (HEAD + "  j: largest(M)\n" + TAIL, 6, "M must be given before"),
        (HEAD + "  j: largest(3)\n" + TAIL, 6, "a vector given before"),
        (HEAD + "let: {M: n + 1}\n" + TAIL, 6, "cannot be a name"),
        (HEAD + "let: {a: b, b: n}\n" + TAIL, 6, "unknown name 'b'"),
        (HEAD + "assume: {small: n + 1}\n" + TAIL, 6, "is a value; a relation"),
        (HEAD + "prove: n\nsteps: [{have: 1 = 1}]\n", 6, "is a value; a relation"),
        (HEAD + "prove: 1 = 1\nsteps: []\n", 7, "at least one step"),
        (HEAD + "prove: 1 = 1\nsteps:\n" + "  - have: 1\n" * 41, 8, "at most 40 steps"),
        (HEAD + "prove: 1 = 1\nsteps:\n  - =: 1\n", 8, "the first step starts a chain"),
        (HEAD + "prove: 1 = 1\nsteps:\n  - have: 1\n    =: 2\n", 8, "exactly one of"),
        (HEAD + "prove: 1 = 1\nsteps:\n  - have: 1\n  - =>: 1 = 1\n", 9, "not a single value"),
        (HEAD + "prove: 1 = 1\nsteps:\n  - have: 1 = 1\n  - =: 1\n", 9, "after a relation"),
        (HEAD + "prove: 1 = 1\nsteps:\n  - have: 1\n  - =: 1 < 2\n", 9, "joins values"),
        (HEAD + "prove: 1 = 1\nsteps:\n  - have: 1\n  - >=: 1\n", 9, 'in quotes: - ">=": '),
        (HEAD + "prove: 1 = 1\nsteps:\n  - have: 1\n  - >: 1\n", 9, "in quotes"),
        (HEAD + "prove: 1 = 1\nsteps:\n  - have: 1\n    using: [Z]\n", 9, "known are M, n"),
        (HEAD + "prove: 1 = 1\nsteps:\n  - have: 1\n    using: M\n", 9, "a list of names"),
    ],
)
def test_a_malformed_file_gets_its_line_and_reason(text: str, line: int, reason: str) -> None:
    start = time.process_time()
    with pytest.raises(ProofError, match=reason) as caught:
        parse_proof(text.encode())
    assert caught.value.line == line
    assert time.process_time() - start < 1  # what a person waits for without noticing


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(ProofError, match="line 2: not UTF-8"):
        parse_proof(b"title: x\n\xff\xfe")


def test_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + "prove: y = 1\nsteps: [{have: 1 = 1}]\n")
    with pytest.raises(ProofError, match=r"mine\.yaml, line 6: unknown name 'y'"):
        read_proof(path)


@pytest.mark.slow
def test_work_is_bounded_whatever_the_steps_ask_for() -> None:
    step = (
        "  - have: sum(sum(sum(abs(M[a, b]) * abs(M[b, c]) * abs(M[c, a]) "
        "for a in range(8 - 8 + n)) for b in range(n)) for c in range(n))\n"
    )
    start = time.process_time()
    with pytest.raises(ProofError, match="more work than"):
        check_proof(parse_proof((HEAD + "prove: 1 = 1\nsteps:\n" + step * 40).encode()), seed=0)
    # 0.7 s where this was written; the bound is there to catch work that no longer ends.
    assert time.process_time() - start < 4


def test_definitions_within_definitions_do_not_multiply() -> None:
    names = "abcdefghi"
    lets = "".join(
        f"  {new}: {' + '.join([old] * 20)}\n" for old, new in zip("n" + names, names, strict=False)
    )
    text = HEAD + "let:\n" + lets + "prove: i = i\nsteps: [{have: i}, {'=': i}]\n"
    findings = check_proof(parse_proof(text.encode()), seed=0)  # 20^9 terms, were they put in
    assert findings[-1].outcome == "holds"


def test_the_length_of_a_vector_known_only_in_balls_is_a_number() -> None:
    names: dict[str, Value] = {"x": acb_mat([[acb(1, arb(0, 1e-30))], [acb(arb(0, 1e-30))]])}
    found = evaluate(parse("norm(x)", 1, frozenset(names)), names, Budget())
    assert isinstance(found, acb)
    assert found.contains(1)
    assert found.rad() < 1e-15


@pytest.mark.parametrize(
    ("power", "text"), [(2000, "1.148130695e+602"), (-2000, "8.709809816e-603")]
)
def test_a_number_beyond_doubles_is_still_shown(power: int, text: str) -> None:
    assert shown(acb(arb(2) ** power)) == text


def test_agreement_is_close_only_to_half_the_precision() -> None:
    with ctx.workprec(128):
        assert closeness() == arb(2) ** -64
        third = acb(arb(1) / 3)
        assert equal(third * 3, acb(1)) is Truth.CLOSE
        assert equal(acb(1), acb(1)) is Truth.TRUE
        assert equal(acb(1), acb(1) + acb(arb(2) ** -100)) is Truth.FALSE
        assert equal(acb(arb(1, 1e-9)), acb(1)) is Truth.UNDECIDED
