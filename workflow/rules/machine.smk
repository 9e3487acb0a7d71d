# What this machine lacks, what that costs, and which targets are therefore left out.
import shutil


def lacks(program: str, package: str, cost: str) -> bool:
    """True, after saying so in one line, where a program is missing."""
    if shutil.which(program):
        return False
    logger.warning(f"{program} is missing (Debian package {package}): {cost}")
    return True


PDF = (
    []
    if lacks("lualatex", "texlive-luatex", "no report.pdf")
    or lacks("latexmk", "latexmk", "no report.pdf")
    else ["results/report/report.pdf"]
)
GRADEBOOK = (
    []
    if lacks(
        "bwrap", "bubblewrap", "no grading, students' code is run in its jail only"
    )
    else ["results/grading/gradebook.csv"]
)
