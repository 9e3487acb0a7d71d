# What this machine lacks, what that costs, and which targets are therefore left out.
import shutil
import subprocess


def lacks(program: str, package: str, cost: str) -> bool:
    """True, after saying so in one line, where a program is missing."""
    if shutil.which(program):
        return False
    logger.warning(f"{program} is missing (Debian package {package}): {cost}")
    return True


def lacks_jail() -> bool:
    """True, after saying so in one line, where bubblewrap is missing or may not build a jail."""
    cost = "no grading, students' code is run in its jail only"
    if lacks("bwrap", "bubblewrap", cost):
        return True
    tried = subprocess.run(
        [sys.executable, "-m", "grading", "jail"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if tried.returncode == 0:
        return False
    logger.warning(f"no jail can be built here ({tried.stderr.strip()}): {cost}")
    return True


PDF = (
    []
    if lacks("lualatex", "texlive-luatex", "no report.pdf")
    or lacks("latexmk", "latexmk", "no report.pdf")
    else ["results/report/report.pdf"]
)
# Not the gradebook: a class's own, made by `make grade`, is not to be overwritten by the samples'.
GRADED = (
    []
    if lacks_jail()
    else [
        f"results/grading/{student}/results.json"
        for student in students(config["grading"]["submissions"])
    ]
)
