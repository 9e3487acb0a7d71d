"""Runs latexmk with LuaLaTeX over the paper, in a folder of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import matplotlib

WIDEST_OVERFULL = 2.0
"""Points by which a line may stick out before it is reported."""

NEEDED = ("latexmk", "lualatex")


class NoLatex(Exception):
    """LaTeX is not on this machine; the message says what is missing and what that costs."""


class TypesettingFailed(Exception):
    """LuaLaTeX refused the paper; the message has its own words."""


def typeset(source: Path, target: Path, epoch: int) -> list[str]:
    """Make `target` (a PDF) from `source`; returns complaints worth a look, none if all is well.

    `epoch` is the date the PDF carries, in seconds since 1970, so that two runs are identical.
    Raises NoLatex, TypesettingFailed.
    """
    absent = [program for program in NEEDED if shutil.which(program) is None]
    if absent:
        raise NoLatex(
            f"{' and '.join(absent)} not found, so there is no {target.name}; "
            "the page report.html has the same content"
        )
    build = source.parent / "build"
    build.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(epoch),
        "FORCE_SOURCE_DATE": "1",
        "OSFONTDIR": str(Path(matplotlib.get_data_path()) / "fonts" / "ttf"),
        "openout_any": "p",
        "max_print_line": "1000",
    }
    command = [
        "latexmk", "-norc", "-lualatex", "-interaction=nonstopmode", "-halt-on-error",
        "-no-shell-escape", "-silent", f"-output-directory={build.name}", source.name,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=source.parent, env=environment, capture_output=True, text=True, check=False,
        errors="replace",
    )  # fmt: skip
    log = build / f"{source.stem}.log"
    words = log.read_text(encoding="utf-8", errors="replace") if log.exists() else done.stderr
    if done.returncode != 0:
        raise TypesettingFailed(f"{source}: LuaLaTeX stopped. {first_error(words)} (see {log})")
    shutil.copyfile(build / f"{source.stem}.pdf", target)
    return complaints(words)


def first_error(log: str) -> str:
    """The first error of a LaTeX log with the line it names."""
    found = re.search(r"^! .*?(?=\n\n|\Z)", log, flags=re.MULTILINE | re.DOTALL)
    return " ".join(found.group(0).split()) if found else "no error line in its log"


def complaints(log: str) -> list[str]:
    """Lines that stick out by more than `WIDEST_OVERFULL` points, and glyphs no font has."""
    wide = [
        line
        for line in log.splitlines()
        if (found := re.match(r"Overfull \\[hv]box \((\d+\.\d+)pt too", line))
        and float(found.group(1)) > WIDEST_OVERFULL
    ]
    lost = [line for line in log.splitlines() if line.startswith("Missing character")]
    undefined = [line for line in log.splitlines() if "undefined on input line" in line]
    return [*wide, *dict.fromkeys(lost), *undefined]
