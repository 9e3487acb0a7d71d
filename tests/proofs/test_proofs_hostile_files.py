"""Students' proofs are hostile input: every file is answered with a line and a reason, in a second.

Processor time is measured, so that a busy machine fails nothing.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import get_args

import pytest

from proofs.exercises import written_proofs
from proofs.steps.checking import Outcome, StepFinding, check_proof
from proofs.steps.language import ProofError
from proofs.steps.reading import MOST_BYTES, parse_proof

HEAD = "title: t\nplace: {document: a, section: b}\n"
LONGEST = 1.0  # seconds, asked of it; the slowest took 0.8 where this was written


def answered(content: bytes) -> list[StepFinding] | ProofError:
    """What the checker says of a file, within the time that it may take."""
    start = time.process_time()
    try:
        answer: list[StepFinding] | ProofError = check_proof(parse_proof(content), seed=0)
    except ProofError as error:
        answer = error
    assert time.process_time() - start < LONGEST
    if isinstance(answer, ProofError):
        assert 1 <= answer.line <= content.count(b"\n") + 1
        assert answer.reason
    else:
        assert all(finding.outcome in get_args(Outcome) for finding in answer)
    return answer


def proof(givens: list[str], steps: str, more: str = "", prove: str = "1 = 1") -> bytes:
    """A file with these givens and steps."""
    listed = "".join(f"  {given}\n" for given in givens)
    return f"{HEAD}given:\n{listed}{more}prove: {prove}\nsteps:\n{steps}".encode()


def nested(text: str, times: int, outer: str) -> str:
    """The text wrapped again and again."""
    for _ in range(times):
        text = outer.replace("_", text)
    return text


PAIRS = [f"l{k}, x{k}: eigenpair(M)" for k in range(10)]
TURNS = [f"U{k}: unitary(5)" for k in range(11)]
POWERS = nested("x", 30, "(_)**8")
TRIPLE = "sum(sum(sum(_ for a in range(8)) for b in range(8)) for c in range(8))"
ALL_CITED = "using: [" + ", ".join(f"U{k}" for k in range(11)) + "]"
AGAIN = "  - have: 2 = 2\n    using: []\n" * 40

HOSTILE = {
    # YAML that grows, nests or does not end
    "billion laughs": b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "a merge of itself": b"a: &a\n  <<: *a\n",
    "an object to be built": b"!!python/object/new:os.system ['true']\n",
    "deep flow sequences": b"[" * 20_000,
    "deep flow mappings": b"{a: " * 5_000,
    "deep block mappings": "".join(" " * k + "a:\n" for k in range(190)).encode(),
    "deep block sequences": b"- " * 9_000,
    "many items": b"-\n" * 9_900,
    "many complex keys": b"? a\n" * 4_900,
    "many documents": b"---\n" * 4_900,
    "many directives": b"%YAML 1.1\n" * 1_900,
    "an open quote": b"'" * 19_999,
    "escapes": b'a: "' + b"\\u0041" * 3_300 + b'"',
    "a block that never ends": b"a: |\n" + b" x\n" * 6_000,
    "too many bytes": b"#" * (MOST_BYTES + 1),
    "comments only": b"#\n" * 9_990,
    "tabs": b"\t" * 19_999,
    "no text": b"\xff\xfe\x00\x01",
    "surrogates": b"title: \xed\xa0\x80\n",
    "null bytes": b"\0" * 100,
    "emoji": ("\U0001f600" * 4_900).encode(),
    "a direction of writing": f"{HEAD}given: {{x: real}}\nprove: 'x = x \u202e'\n".encode(),
    # names and kinds
    "a name of 15,000 letters": f"{HEAD}given:\n  {'x' * 15_000}: real\n".encode(),
    "a definition of 15,000 letters": proof(["x: real"], AGAIN, f"let:\n  {'y' * 900}: x\n"),
    "a name that looks like another": proof(["x: real", "ｘ: real"], AGAIN),
    "a letter that is two": proof(["ﬁ: real"], AGAIN),
    "a kind with more behind it": proof(["n: order", f"U: orthogonal(n){' ' * 99} or not"], AGAIN),
    "a kind with a comment": proof(["n: order", "U: 'orthogonal(n) # not'"], AGAIN),
    "400 givens": proof([f"x{k}: real" for k in range(400)], AGAIN),
    "400 definitions": proof(
        ["x: real"], AGAIN, "let:\n" + "".join(f"  y{k}: x\n" for k in range(400))
    ),
    "no givens": f"{HEAD}given: {{}}\nprove: 1 = 1\nsteps: [{{have: 2 = 2, using: []}}]".encode(),
    # expressions
    "a step too many": proof(["x: real"], "  - have: x\n" * 41),
    "deep parentheses": proof(["x: real"], f"  - have: {'(' * 190}x{')' * 190}\n"),
    "deep signs": proof(["x: real"], f"  - have: {'-' * 390}x\n"),
    "a huge exponent": proof(["x: real"], "  - have: x ** 99999999999\n"),
    "towers of powers": proof(["x: real"], f"  - have: {POWERS}\n  - =: {POWERS} + 1\n" * 20),
    "towers of definitions": proof(
        ["x: real"],
        "  - have: a11\n  - =: a11 + 1\n" * 20,
        f"let:\n  a0: {POWERS}\n"
        + "".join(f"  a{k}: {POWERS.replace('x', f'a{k - 1}')}\n" for k in range(1, 12)),
    ),
    "small powers": proof(["x: positive"], f"  - have: {nested('x', 30, '(_)**-8')}\n" * 40),
    "a huge number": proof(["x: real"], f"  - have: {'9' * 390}\n"),
    "a huge decimal": proof(["x: real"], "  - have: 1e999999999\n"),
    "a tiny decimal": proof(["x: real"], "  - have: x * 5e-324 * 5e-324 = 0\n" * 40),
    "a huge range": proof(["x: real"], "  - have: sum(x for k in range(1000000))\n"),
    "ranges of ranges": proof(
        ["x: real"], f"  - have: {TRIPLE.replace('_', 'sqrt(a*b*c)')}\n" * 40
    ),
    "conditions of ranges": proof(
        ["x: real"],
        f"  - have: {TRIPLE.replace('_ for a in range(8)', 'x for a in range(8) if a < b')}\n" * 40,
    ),
    "matrices in ranges": proof(
        ["x: real"], f"  - have: {TRIPLE.replace('_', 'ones(8)[a, b] * x')}\n" * 40
    ),
    "determinants in ranges": proof(
        ["M: complex_matrix(5)"], f"  - have: {TRIPLE.replace('_', 'det(inv(M))')}\n" * 40
    ),
    "long products": proof(["M: complex_matrix(5)"], f"  - have: {' @ '.join('M' * 35)}\n" * 40),
    "long comparisons": proof(["x: real"], f"  - have: {' <= '.join('x' * 60)}\n" * 40),
    "a comment": proof(["x: real"], "  - have: 'x = x # or less'\n"),
    "attributes": proof(["M: matrix(2)"], "  - have: M.__class__.__mro__\n"),
    "a call": proof(["x: real"], "  - have: __import__('os').system('true')\n"),
    # draws
    "many eigenpairs": proof(["n: order", "M: hermitian(5)", *PAIRS], AGAIN),
    "eigenpairs of a sum": proof(["n: order", "M: complex_matrix(5)", *PAIRS], AGAIN),
    "eigenpairs, never decided": proof(
        ["M: hermitian(5)", *PAIRS], "  - have: sqrt(2)**2 < 2\n    using: [M]\n" * 40
    ),
    "many rotations": proof(["n: order", *TURNS], AGAIN),
    "many rotations, all cited": proof(
        ["n: order", *TURNS], f"  - have: 2 = 2\n    {ALL_CITED}\n" * 40
    ),
    "premises that are hard to meet": proof(
        ["n: order", "M: matrix(5)", "N: matrix(5)", "x: vector(5)"],
        "  - have: M @ N @ M @ N @ x = x\n  - =>: M @ x = x\n    using: []\n" * 20,
    ),
    "40 false steps of an instance to shrink": proof(
        [f"M{k}: complex_matrix(3)" for k in range(3)], "  - have: M0 = M1\n" * 40
    ),
    "40 false steps about eigenpairs": proof(
        ["n: order", "M: hermitian(n)", "l, x: eigenpair(M)", "m, y: eigenpair(M)"],
        "  - have: M @ x = M @ y\n" * 40,
    ),
    "undefined and undecided": proof(["x: real"], "  - have: 1/x\n  - =: sqrt(2)**2/x\n" * 20),
    "false towers": proof(["x: real"], f"  - have: {nested('x', 25, '(_)**8')} = 3\n" * 40),
    "40 false steps to show": proof(
        [f"M{k}: complex_matrix(5)" for k in range(11)], "  - have: M0 = M1\n" * 40
    ),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
@pytest.mark.slow
def test_a_hostile_file_is_answered_within_a_second(name: str) -> None:
    assert answered(HOSTILE[name])


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("billion laughs", 1, "anchors, aliases"),
        ("a direction of writing", 4, r"U\+202E cannot be seen"),
        ("a name that looks like another", 5, "'ｘ' cannot be a name"),
        ("a letter that is two", 4, "'ﬁ' cannot be a name"),
        ("a definition of 15,000 letters", 6, "cannot be a name"),
        ("a kind with more behind it", 5, "is no kind"),
        ("a kind with a comment", 5, "is no kind"),
        ("a comment", 7, "would hide the rest"),
        ("a huge exponent", 7, "up to 8"),
        ("a huge range", 7, "ranges go up to 8"),
        ("many eigenpairs", 15, "more work than"),
        ("matrices in ranges", 7, "more work than"),
    ],
)
@pytest.mark.slow
def test_a_hostile_file_is_told_where_and_why(name: str, line: int, reason: str) -> None:
    with pytest.raises(ProofError, match=reason) as caught:
        check_proof(parse_proof(HOSTILE[name]), seed=0)
    assert caught.value.line == line


ALPHABET = [*"abxUM019 \n\t:-[]{}()=<>!*/@.,'\"&#|?%\\~^", "é", "\u202e", "𝒙", "\0", "range", "**"]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.slow
def test_a_written_proof_with_random_damage_is_answered_too(seed: int) -> None:
    rng = random.Random(seed)
    paths = sorted(Path(written_proofs.FOLDER).glob("*.yaml"))
    for _ in range(10):
        text = list(rng.choice(paths).read_text(encoding="utf-8"))
        for _ in range(rng.choice([1, 2, 5, 50])):
            at = rng.randrange(len(text))
            match rng.randrange(4):
                case 0:
                    text[at] = rng.choice(ALPHABET)
                case 1:
                    text.insert(at, rng.choice(ALPHABET))
                case 2:
                    del text[at]
                case _:
                    other = rng.randrange(len(text))
                    text[at:at] = text[other : other + rng.randrange(60)]
        answered("".join(text).encode("utf-8", "surrogatepass"))


def test_the_written_proofs_spend_no_more_than_half_of_their_work() -> None:
    from proofs.steps.checking import _Checker
    from proofs.steps.evaluate import MOST_WORK
    from proofs.steps.reading import read_proof
    from proofs.steps.statements import claims

    for path in Path(written_proofs.FOLDER).glob("*.yaml"):
        read = read_proof(path)
        checker = _Checker(read, seed=0)
        for claim in claims(read):
            checker.check(claim)
        assert checker.budget.left > MOST_WORK / 2, path
