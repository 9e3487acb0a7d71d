"""`python -m proofs.steps FILE...`: check written proofs, a line a step."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from proofs.steps.checking import StepFinding, check_proof, first_failure
from proofs.steps.language import ProofError
from proofs.steps.reading import read_proof


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
def main(files: tuple[str, ...]) -> None:
    """Check the proofs in FILES; the exit status is 1 where a step of one does not hold."""
    failed = False
    for file in files:
        try:
            findings = check_proof(read_proof(Path(file)), seed=0)
        except ProofError as error:
            click.echo(f"{file}, line {error.line}: {error.reason}", err=True)
            failed = True
            continue
        for finding in findings:
            click.echo(f"{file}, line {finding.line}: {report(finding)}")
        failed = failed or first_failure(findings) is not None
    sys.exit(1 if failed else 0)


def report(finding: StepFinding) -> str:
    """A finding in words: the outcome and, where it does not hold, why and on what instance."""
    head = f"{finding.step}: {finding.outcome}: {finding.text}"
    if finding.outcome == "holds":
        return head
    lines = [head, f"  {finding.reason}"]
    if finding.where is not None:
        named = ", ".join(f"{name} = {value}" for name, value in finding.where.names.items())
        lines += [
            f"  with {named}",
            f"  left  {finding.where.left}",
            f"  right {finding.where.right}",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main(prog_name="python -m proofs.steps")
