"""The child process in which a student's proof is checked, under limits of its own.

Reads one JSON object from its input and writes one to its output; see `grading.written`. Nothing of
a proof is ever run, but what it asks to be computed is the student's, and so it is done apart from
the judge: it can neither stop nor slow it beyond the limits.
"""

from __future__ import annotations

import base64
import json
import math
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from proofs.steps.__main__ import report
from proofs.steps.checking import check_proof, first_failure
from proofs.steps.givens import Given
from proofs.steps.language import Expression, ProofError
from proofs.steps.reading import HAVE, NoStepsError, Proof, Step, parse_proof

SPARE_SECONDS = 5


def main() -> None:
    """Check one proof within the limits that the request names.

    What it took to start is not the student's: the limit is on what comes after it.
    """
    asked = json.load(sys.stdin)
    started = time.process_time()
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory_bytes"],) * 2)
    most = math.ceil(started) + asked["seconds"]
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + SPARE_SECONDS))
    found = _found(asked)
    json.dump({**found, "seconds": time.process_time() - started}, sys.stdout)


def _found(asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        wrong = cause(asked)
    except NoStepsError:
        return {"cause": "", "steps": 0}
    content = base64.b64decode(asked["content"])
    return {"cause": wrong, "steps": 1 if wrong else len(_linked(parse_proof(content).steps))}


def cause(asked: Mapping[str, Any]) -> str:
    """What is wrong with a proof, in the first line that is; "" where all of it holds.

    Raises:
        NoStepsError: the proof has a statement, and no step yet.
    """
    required = parse_proof(f"{asked['statement']}\nsteps: [have: 1 = 1]\n".encode())
    try:
        proof = parse_proof(base64.b64decode(asked["content"]))
        _same_statement(proof, required)
        failure = first_failure(check_proof(proof, seed=asked["seed"]))
        if failure is not None:
            return f"Line {failure.line}, {report(failure)}"
        steps = len(_linked(proof.steps))
        if steps < asked["fewest_steps"]:
            return (
                f"The proof has {steps} steps after its starting lines, and needs at least "
                f"{asked['fewest_steps']}: say every line that a reader needs."
            )
        _cites(proof.steps)
        _enters_by_definition(proof.steps, asked["enters"])
    except NoStepsError:
        raise
    except ProofError as error:
        return f"Line {error.line}: {error.reason}."
    except (MemoryError, RecursionError):
        return "The proof needs more memory than a proof may take."
    return ""


def _linked(steps: Sequence[Step]) -> list[Step]:
    """The steps that follow from others, without the lines that chains start from."""
    return [step for step in steps if step.link != HAVE]


def _same_statement(proof: Proof, required: Proof) -> None:
    """Raise ProofError where hypotheses or what is to be proved are not those that were set."""
    for found, wanted, key in (
        (_givens(proof), _givens(required), "given"),
        (_texts(proof.assumptions), _texts(required.assumptions), "assume"),
        (proof.prove.text, required.prove.text, "prove"),
    ):
        if _plain(found) != _plain(wanted):
            raise ProofError(
                proof.prove.line, f"`{key}` is {found}; this check asks to keep it as {wanted}"
            )


def _givens(proof: Proof) -> str:
    return "; ".join(sorted(_given(given) for given in proof.givens))


def _given(given: Given) -> str:
    arguments = ", ".join(map(str, given.arguments))
    return f"{', '.join(given.names)}: {given.kind}" + (f"({arguments})" if arguments else "")


def _texts(named: Mapping[str, Expression]) -> str:
    return "; ".join(sorted(f"{name}: {each.text}" for name, each in named.items())) or "nothing"


def _plain(text: str) -> str:
    return "".join(text.split())


def _cites(steps: Sequence[Step]) -> None:
    """Raise ProofError for a step that does not say what it uses: it might use everything."""
    for step in steps:
        starts_from_a_value = step.link == HAVE and not _is_relation(step)
        if step.using is None and not starts_from_a_value:
            raise ProofError(step.line, "say what this step uses: `using: [...]`, [] for none")


def _is_relation(step: Step) -> bool:
    return any(sign in step.expression.text for sign in "=<>")


def _enters_by_definition(steps: Sequence[Step], enters: Mapping[str, Sequence[str]]) -> None:
    """Raise ProofError where a hypothesis is used for more than the rewriting that defines it.

    A line that is only true, and cites the hypothesis, would else be a leap over the whole proof.
    """
    for before, step in zip((None, *steps), steps, strict=False):
        for name in sorted((step.using or frozenset()) & set(enters)):
            old, new = (_bare(text) for text in enters[name])
            line = _bare(step.expression.text)
            start = "" if before is None else _bare(before.expression.text)
            reached = {one for a, b in ((old, new), (new, old)) for one in _rewritten(start, a, b)}
            # Stated alone, the definition would imply the whole statement in one step.
            alone = step.link != "=" or start in (old, new)
            if alone or line not in reached:
                raise ProofError(
                    step.line,
                    f"a step that uses {name} may only put {enters[name][1]} for "
                    f"{enters[name][0]}, or the other way, within a longer product of a chain; "
                    "make what else changes steps of its own",
                )


def _bare(text: str) -> str:
    """Without blanks and parentheses: products are associative, and truth is checked elsewhere."""
    return "".join(letter for letter in text if letter not in "() \n\t")


def _rewritten(line: str, old: str, new: str) -> set[str]:
    """The line with `old` put for `new` everywhere, or in one place, or a factor 1 left out."""
    found = {line.replace(old, new), line.replace(old, new, 1)} if old in line else set()
    return found | {line.replace(f"{old}@", "")} if f"{old}@" in line else found


if __name__ == "__main__":
    main()
