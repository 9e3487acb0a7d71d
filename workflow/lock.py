"""Make requirements.lock and environment.yml anew from pyproject.toml: `make lock`.

Installs the newest versions that pyproject.toml allows into an environment of its own and writes
down what came. The environment.yml for conda names the same versions of the direct dependencies.
What builds the documentation is in docs/requirements.lock alone.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CONDA_NAMES = {
    "torch": "pytorch",
    "matplotlib": "matplotlib-base",
    "snakemake": "snakemake-minimal",
    "nvidia-cuda-runtime": "cuda-cudart",
}
"""Names that differ on conda-forge and bioconda (where Snakemake is)."""

RANGES = {"nvidia-cuda-runtime": ">=13,<14"}
"""What is locked to a range: torch's CUDA build, where pip takes it, pins a version of its own."""

PYPI_ONLY = ("axe-core-python", "copydetect", "roc-validator", "rocrate", "vl-convert-python")
"""What is taken from PyPI in a conda environment, too: not found, or not sure, on its channels."""


def direct_dependencies() -> list[str]:
    """Requirements of pyproject.toml: the project's and the developers'."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["project"]["dependencies"] + project["dependency-groups"]["dev"]


def documentation_dependencies() -> list[str]:
    """Requirements of pyproject.toml that build the documentation, and nothing else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["dependency-groups"]["docs"]


def package_name(requirement: str) -> str:
    """Normalised name of a requirement such as "pandas<3"."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None, requirement
    return re.sub(r"[-_.]+", "-", match.group()).lower()


def installed(requirements: list[str]) -> dict[str, str]:
    """Version of every package that installing `requirements` brings, by name."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", *requirements], check=True)
        frozen = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout
    pairs = (line.split("==") for line in frozen.splitlines() if "==" in line)
    # A local version label ("+cpu") names one build of a release; the lock names the release.
    return {name: version.split("+")[0] for name, version in pairs}


def lock_text(versions: dict[str, str], what: str = "the project runs on") -> str:
    """Text of requirements.lock."""
    head = f"# Every package {what}, pinned. Made by 'make lock' from pyproject.toml.\n"
    return head + "".join(
        f"{name}{RANGES.get(package_name(name), f'=={version}')}\n"
        for name, version in versions.items()
    )


def conda_text(versions: dict[str, str]) -> str:
    """Text of environment.yml: the direct dependencies at the locked versions."""
    locked = {package_name(name): version for name, version in versions.items()}
    lines = [
        "# For conda and mamba. Made by 'make lock' from pyproject.toml, versions as in the lock.",
        "name: regrad",
        "channels:",
        "  - conda-forge",
        "  - bioconda",
        "dependencies:",
        "  - python>=3.11,<3.14",
    ]
    for name in sorted(package_name(requirement) for requirement in direct_dependencies()):
        if name in PYPI_ONLY:
            continue
        version = RANGES.get(name, f"={locked[name]}")
        lines.append(f"  - {CONDA_NAMES.get(name, name)}{version}")
    lines += ["  - pip", "  - pip:"]
    lines += [f"      - {name}=={locked[name]}" for name in PYPI_ONLY]
    return "\n".join(lines) + "\n"


def read_lock(name: str = "requirements.lock") -> dict[str, str]:
    """Versions (or ranges) that a lock names, by the name it uses."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pinned = (re.fullmatch(r"([A-Za-z0-9._-]+)(?:==|(?=[<>]))(\S+)", line) for line in lines)
    return {match[1]: match[2] for match in pinned if match}


def main() -> None:
    """Write both lock files and environment.yml."""
    versions = installed(direct_dependencies())
    (ROOT / "requirements.lock").write_text(lock_text(versions), encoding="utf-8")
    (ROOT / "environment.yml").write_text(conda_text(versions), encoding="utf-8")
    of_documentation = installed(documentation_dependencies())
    text = lock_text(of_documentation, "that builds the documentation")
    (ROOT / "docs" / "requirements.lock").write_text(text, encoding="utf-8")
    print(f"{len(versions)} and {len(of_documentation)} packages pinned", file=sys.stderr)


if __name__ == "__main__":
    main()
