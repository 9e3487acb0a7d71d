"""Commands of this room: `verify` the rules, make the `table` of them, list them as `rules`."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from pathlib import Path
from typing import Any

import click

from optim.registry import names, rule

CHECKS = Path("results/optim/checks.json")
PAGE = Path("docs/optimizers.md")
CATALOGUE = Path("results/optim/rules.json")


@click.group()
def main() -> None:
    """Verify the optimizers and document them."""


@main.command()
@click.option("--output", type=click.Path(path_type=Path), default=CHECKS, show_default=True)
@click.option("--only", type=click.Choice(names()), multiple=True, help="Rules; all if not given.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 though a check failed: OUTPUT shows it.")
def verify(output: Path, only: tuple[str, ...], exit_zero: bool) -> None:
    """Verify every rule against its references; exit 1 if any check failed."""
    from optim.verification import verify as checks_of

    found: list[dict[str, Any]] = []
    for name in only or names():
        for check in checks_of(rule(name)):
            found.append({**dataclasses.asdict(check), "passed": check.passed})
            if not check.passed:
                click.echo(
                    f"{check.rule}: {check.check} differs from {check.against} by "
                    f"{check.error:.2e}, expected at most {check.tolerance:g}",
                    err=True,
                )
    for entry in found:
        if not math.isfinite(entry["error"]):
            entry["error"] = None
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    failed = sum(not entry["passed"] for entry in found)
    click.echo(f"{output}: {len(found)} checks of {len(only or names())} rules, {failed} failed")
    sys.exit(1 if failed and not exit_zero else 0)


@main.command()
@click.option("--checks", type=click.Path(path_type=Path), default=CHECKS, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=PAGE, show_default=True)
def table(checks: Path, output: Path) -> None:
    """Write the page on all rules, with the checks they passed."""
    from optim.table import page

    found = _read(checks)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(page([rule(name) for name in names()], found), encoding="utf-8")
    click.echo(f"{output}: {len(names())} rules")


@main.command()
@click.option("--checks", type=click.Path(path_type=Path), default=CHECKS, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=CATALOGUE, show_default=True)
def rules(checks: Path, output: Path) -> None:
    """Write what the report shows of all rules as JSON, with the checks they passed or failed."""
    from optim.catalogue import catalogue

    entries = catalogue([rule(name) for name in names()], _read(checks))
    output.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(entries, ensure_ascii=False, indent=1, allow_nan=False)
    output.write_text(text + "\n", encoding="utf-8")
    click.echo(f"{output}: {len(entries)} rules")


def _read(checks: Path) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads(checks.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise click.ClickException(f"{checks}: not there; run python -m optim verify") from None
    except json.JSONDecodeError as error:
        raise click.ClickException(f"{checks}: not JSON ({error}); run verify again") from None
    return found


if __name__ == "__main__":
    main()
