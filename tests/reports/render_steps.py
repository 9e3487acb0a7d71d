"""Runs the report's commands as the workflow would."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from reports.__main__ import main


def make(results: Path, *commands: str, out: Path | None = None, language: str = "en") -> Path:
    """Run the commands as the workflow would; returns the folder with what they made."""
    folder = out or results / "report"
    folder.mkdir(exist_ok=True)
    targets = {
        "numbers": "numbers.json", "figures": "figures", "html": "report.html",
        "tables": "tables", "crate": "regrad.crate.zip",
    }  # fmt: skip
    for command in commands:
        arguments = [command, "--results", str(results)]
        if command in ("html", "tex", "tables"):
            arguments += ["--numbers", str(folder / "numbers.json")]
            arguments += ["--figures", str(folder / "figures")] if command != "tables" else []
        if command in ("figures", "html", "tex", "tables"):
            arguments += ["--language", language]
        arguments += ["--out", str(folder / targets.get(command, "report.tex"))]
        outcome = CliRunner().invoke(main, arguments, catch_exceptions=False)
        assert outcome.exit_code == 0, outcome.output
    return folder
