# What this machine lacks, what that costs, and which targets are therefore left out.
import shutil
import subprocess


def lacks(program: str, package: str, cost: str) -> bool:
    """True, after saying so in one line, where a program is missing."""
    if shutil.which(program):
        return False
    logger.warning(f"{program} is missing (Debian package {package}): {cost}")
    return True


def why_no_jail() -> str:
    """Why submissions cannot be jailed here, and what to do; "" where they can.

    Not asked in a job on a cluster, whose targets are chosen where it was submitted.
    """
    if not workflow.is_main_process and not config["grading"].get("not_isolated"):
        return ""
    tried = subprocess.run(
        [sys.executable, "-m", "grading", "jail"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return tried.stderr.strip() if tried.returncode else ""


PDF = (
    []
    if lacks("lualatex", "texlive-luatex", "no report.pdf")
    or lacks("latexmk", "latexmk", "no report.pdf")
    else ["results/report/report.pdf"]
)
NO_JAIL = why_no_jail()
# Read anew at each start: what was graded without a jail is graded again as soon as there is one.
NOT_ISOLATED = bool(NO_JAIL) and config["grading"].get("not_isolated", False)
if NOT_ISOLATED:
    logger.warning(f"submissions are graded without a jail, and stamped so: {NO_JAIL}")
elif NO_JAIL:
    logger.warning(f"no submission is graded here: {NO_JAIL}")
# Not the gradebook: a class's own, made by `make grade`, is not to be overwritten by the samples'.
GRADED = (
    []
    if NO_JAIL and not NOT_ISOLATED
    else [
        f"results/grading/{student}/results.json"
        for student in students(config["grading"]["submissions"])
    ]
)
GRADED += ["results/grading/provenance.json"] if GRADED else []
