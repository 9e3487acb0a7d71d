"""What this machine has and lacks, and what each lack costs: `make doctor`, or `--json`.

Runs on the standard library alone, so that it can say what is wrong where nothing is installed yet.
Exit code 1 where something is missing without which nothing runs.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
LEAST_PYTHON = (3, 11)
LEAST_DISK_GB = 1.0
"""Free space that a run takes at most: results, prepared data and logs (0.4 GB measured)."""
LEAST_MEMORY_GB = 4.0
"""Two jobs at a time, at most 2 GB each."""
SECONDS = 3.0
"""How long a server may take to answer."""
NO_GRADING = "no grading: students' code is run in its jail only"
NO_PDF = "no report.pdf"


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing looked for: whether it is there, what was found, what its lack costs.

    needed: without it nothing runs.
    """

    name: str
    there: bool
    found: str
    cost: str = ""
    needed: bool = False


def said_by(command: list[str], seconds: float = 20.0) -> tuple[bool, str]:
    """Whether a command succeeds, and the last line that it says ("" for nothing)."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    lines = (done.stdout or done.stderr).strip().splitlines()
    return done.returncode == 0, lines[-1].strip() if lines else ""


def python() -> Finding:
    """The interpreter that runs this."""
    there = sys.version_info >= LEAST_PYTHON
    found = f"{platform.python_version()} ({sys.executable})"
    wanted = ".".join(map(str, LEAST_PYTHON))
    return Finding("Python", there, found, f"Python {wanted} or newer is needed", needed=True)


def locked(text: str) -> dict[str, str]:
    """Version by package of a lock's lines "name==version"; ranges are taken as any version."""
    pairs = (
        re.fullmatch(r"([A-Za-z0-9._-]+)(?:==(\S+)|[<>].*)", line) for line in text.split("\n")
    )
    return {pair[1]: pair[2] or "" for pair in pairs if pair}


def packages(lock: str) -> Finding:
    """The installed packages against the lock's text."""
    missing, other = [], []
    wanted = locked(lock)
    for name, version in wanted.items():
        try:
            # A local version label ("+cpu") names one build of a release.
            installed = metadata.version(name).split("+")[0]
        except metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if version and installed != version:
            other.append(f"{name} {installed}, locked {version}")
    if missing:
        found = f"{len(missing)} of {len(wanted)} are missing: {', '.join(missing[:3])} ..."
        return Finding("packages", False, found, "make setup installs them", needed=True)
    if other:
        found = f"{len(other)} of {len(wanted)} differ from the lock: {'; '.join(other[:3])}"
        return Finding("packages", False, found, "numbers may differ from those of the lock")
    return Finding("packages", True, f"all {len(wanted)} as in requirements.lock")


def program(title: str, names: tuple[str, ...], package: str, cost: str) -> Finding:
    """The first of several programs that do the same."""
    for name in names:
        path = shutil.which(name)
        if path:
            return Finding(title, True, path)
    return Finding(title, False, f"no {' or '.join(names)} (Debian package {package})", cost)


def gpu() -> Finding:
    """NVIDIA's GPUs, as its driver lists them."""
    cost = "networks train at their reduced sizes, linear sweeps on the cores"
    if shutil.which("nvidia-smi"):
        query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
        there, said = said_by(query)
        return Finding("GPU", there, said, "" if there else cost)
    return Finding("GPU", False, "no nvidia-smi", cost)


def latex() -> list[Finding]:
    """The typesetter, and the packages that the paper uses."""
    found = [
        program("LuaLaTeX", ("lualatex",), "texlive-luatex", NO_PDF),
        program("latexmk", ("latexmk",), "latexmk", NO_PDF),
    ]
    if shutil.which("kpsewhich"):
        styles = ("fontspec.sty", "booktabs.sty", "microtype.sty")
        there, _ = said_by(["kpsewhich", *styles])
        said = (
            "fontspec, booktabs, microtype" if there else "not all of fontspec, booktabs, microtype"
        )
        package = "" if there else " (Debian package texlive-latex-recommended)"
        found.append(Finding("LaTeX packages", there, said + package, NO_PDF))
    return found


def jail() -> list[Finding]:
    """Bubblewrap, and whether it may build a jail here."""
    installed = program("bubblewrap", ("bwrap",), "bubblewrap", NO_GRADING)
    if not installed.there:
        return [installed]
    there, said = said_by([sys.executable, "-m", "grading", "jail"], 90.0)
    return [installed, Finding("jail", there, said, NO_GRADING)]


def slurm() -> Finding:
    """A cluster's commands, and what its controller says of its partitions."""
    cost = "no jobs on a cluster, all run on this machine"
    if not shutil.which("sbatch"):
        return Finding("SLURM", False, "no sbatch (on a cluster: run this on its login node)", cost)
    there, said = said_by(["sinfo", "--noheader", "--format=%P %D nodes, %c cores, %m MB, gres %G"])
    return Finding("SLURM", there, said or "sinfo lists no partition", cost)


def datasets() -> list[Finding]:
    """Each dataset: where a copy is, or whether its official source answers."""
    try:
        from data.registry import datasets as registered
        from data.settings import read_settings
        from data.sources.check import copies

        settings = read_settings(ROOT / "config" / "config.yaml")
        known = registered()
    except ImportError as error:
        return [
            Finding("data", False, f"not looked at: {error}", "make setup installs what is needed")
        ]
    found = [_mirror(mirror) for mirror in settings.mirrors]
    for name, dataset in known.items():
        there = list(copies(dataset, settings))
        whole = [
            form
            for form in dataset.forms
            if {file.name for file in form.files} <= {each.file for each in there if not each.fault}
        ]
        own = settings.paths.get(name)
        if own or whole:
            place = f"your own copy, {own}" if own else f"in {there[0].place}"
            found.append(Finding(f"data: {name}", True, place))
            continue
        wrong = [each.fault for each in there if each.fault]
        url = next((url for form in dataset.forms for file in form.files for url in file.urls), "")
        reached = bool(url) and answers(url)
        said = wrong[0] if wrong else "not here"
        said += (
            "; the official source answers" if reached else "; the official source does not answer"
        )
        found.append(Finding(f"data: {name}", reached, said, "a stand-in, said on every table"))
    return found


def _mirror(mirror: str) -> Finding:
    cost = "the next mirror or the official source is asked"
    if "://" in mirror:
        there = answers(mirror)
        return Finding(f"mirror {mirror}", there, "answers" if there else "does not answer", cost)
    there = Path(mirror).expanduser().is_dir()
    return Finding(f"mirror {mirror}", there, "a folder" if there else "no such folder", cost)


def answers(url: str) -> bool:
    """Whether the server of an address takes a connection."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), SECONDS):
            return True
    except OSError:
        return False


def machine() -> list[Finding]:
    """Cores, memory and disk."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    free = shutil.disk_usage(ROOT).free / 1e9
    return [
        Finding("cores", cores > 1, str(cores), "everything takes twice as long as on two"),
        Finding(
            "memory", memory >= LEAST_MEMORY_GB, f"{memory:.1f} GB",
            f"below {LEAST_MEMORY_GB:g} GB give snakemake --cores 1",
        ),
        Finding(
            "disk", free >= LEAST_DISK_GB, f"{free:.1f} GB free in {ROOT}",
            f"a run needs {LEAST_DISK_GB:g} GB", needed=True,
        ),
    ]  # fmt: skip


def examine() -> list[Finding]:
    """Everything looked for, in the order it is shown."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    bash = program("bash", ("bash",), "bash", "every job is a bash command")
    return [
        python(),
        packages(lock),
        dataclasses.replace(bash, needed=True),
        program("git", ("git",), "git", "results do not say which commit made them"),
        *machine(),
        gpu(),
        *latex(),
        *jail(),
        slurm(),
        program(
            "Chromium", ("chromium-headless-shell", "chromium", "google-chrome"),
            "chromium-headless-shell", "tests of the page in a browser are skipped",
        ),
        *datasets(),
    ]  # fmt: skip


def table(findings: list[Finding]) -> str:
    """The findings as aligned lines: state, name, what was found, what it costs."""
    states = {
        (True, True): "ok",
        (True, False): "ok",
        (False, True): "NEEDED",
        (False, False): "lacks",
    }
    width = max(len(each.name) for each in findings)
    lines = []
    for each in findings:
        cost = "" if each.there or not each.cost else f": {each.cost}"
        state = states[each.there, each.needed]
        lines.append(f"{state:6}  {each.name:{width}}  {each.found}{cost}")
    return "\n".join(lines)


def main() -> int:
    """Print the findings; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="a JSON list of the findings")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    findings = examine()
    if arguments.json:
        print(json.dumps([dataclasses.asdict(each) for each in findings], indent=1))
    else:
        print(table(findings))
    return int(any(each.needed and not each.there for each in findings))


if __name__ == "__main__":
    sys.exit(main())
