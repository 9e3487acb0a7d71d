"""Packs the whole run as an RO-Crate: code, results and report in one zip file, and what made them.

Follows the profile Workflow Run Crate: the Snakefile is the main workflow, one action ran it. The
licence is the one of the project's code; data are described and not included, since their licences
differ; neither are students' results.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import os
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from rocrate.model.computationalworkflow import ComputationalWorkflow
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from reports.number import slug
from reports.results import MANIFEST, PROVENANCE, Results
from reports.tidy import Missing

ROOT = Path(__file__).resolve().parent.parent
VERSION = "1.1"
"""Of RO-Crate: the one that the profiles of workflow runs build on."""

METADATA = "ro-crate-metadata.json"
WORKFLOW = "Snakefile"
CODE = (
    "CITATION.cff", "LICENSE", "Makefile", "README.md", WORKFLOW, "environment.yml",
    "pyproject.toml", "requirements.lock", "benchmarks/", "claims/", "config/", "data/", "docs/",
    "examples/", "experiments/", "grading/", "language/", "optim/", "profiles/", "proofs/",
    "reports/", "workflow/",
)  # fmt: skip
"""What of the project's folder made the run; a folder is described as a whole."""

FILES = (
    MANIFEST, "optim/rules.json", "optim/checks.json", "proofs/verdicts.json",
    "claims/ledger.json", PROVENANCE, "counterparts.json", "comparison.json",
    "report/numbers.json", "report/report.html", "report/report.pdf", "report/report.tex",
    "report/numbers.tex", "report/references.bib",
)  # fmt: skip
"""Result files of every run, below results/; the tables are those that the provenance lists."""

FOLDERS = {
    "report/figures/": "Every figure of the report, as SVG and as PDF",
    "report/tables/": "Every table of the report, as CSV and as LaTeX",
}
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
_BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_FORMATS = {
    ".parquet": "application/vnd.apache.parquet", ".bib": "application/x-bibtex",
    ".tex": "application/x-tex", ".yml": "application/yaml", ".lock": "text/plain",
    ".md": "text/markdown", ".toml": "application/toml",
}  # fmt: skip


class NoCrate(Exception):
    """The run cannot be packed; the message says what is missing."""


def write_crate(results: Results, root: Path, target: Path) -> None:
    """Pack the run whose result files are below `root` into the zip file `target`.

    Two packings of the same files are the same bytes: all carry the date of the results.
    Raises NoCrate where nothing says when and from what the results were made.
    """
    provenance = results.provenance
    if isinstance(provenance, Missing):
        raise NoCrate(f"{provenance.reason}; it says when and from what the results were made")
    finished = datetime.fromisoformat(provenance["finished"])
    code = {name: ROOT / name for name in CODE if (ROOT / name).exists()}
    made = {f"results/{name}": root / name for name in _made(provenance, root)}
    crate = _described(results, provenance, code, made)
    metadata = json.dumps(crate.metadata.generate(), indent=1, sort_keys=True, ensure_ascii=False)
    with zipfile.ZipFile(target, "w") as packed:
        _pack(packed, METADATA, (metadata + "\n").encode(), finished)
        ours = _tracked(ROOT)
        for name, path in (code | made).items():
            for inner in _files(path):
                if name in code and ours is not None and inner not in ours:
                    continue
                below = inner.relative_to(path).as_posix() if path.is_dir() else ""
                _pack(packed, name + below, inner.read_bytes(), finished)


def _made(provenance: dict[str, Any], root: Path) -> Iterator[str]:
    """What is there of the results, below their folder."""
    tables = [str(name) for name in provenance.get("tables") or ()]
    for name in (*FILES, *sorted(tables), *FOLDERS):
        if (root / name).exists():
            yield name


def _files(path: Path) -> list[Path]:
    """The file, or the files of a folder in order, without what Python compiled."""
    if path.is_file():
        return [path]
    found = (inner for inner in path.rglob("*") if inner.is_file())
    return sorted(inner for inner in found if "__pycache__" not in inner.parts)


def _tracked(root: Path) -> set[Path] | None:
    """The files of the project itself; None where no repository tells them from one's own.

    A class's answers, a salt or hidden checks may lie among the sources, and are not to be packed.
    Of sources that are not committed yet the provenance's commit tells by its "+".
    """
    command = ["git", "-C", str(root), "ls-files", "-z"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return {root / os.fsdecode(name) for name in listed.split(b"\0") if name}


_COMPRESSED = {".parquet", ".pdf", ".zip", ".gz"}


def _pack(packed: zipfile.ZipFile, name: str, content: bytes, date: datetime) -> None:
    entry = zipfile.ZipInfo(name, date.timetuple()[:6])
    entry.external_attr = 0o644 << 16
    dense = Path(name).suffix in _COMPRESSED
    packed.writestr(entry, content, zipfile.ZIP_STORED if dense else zipfile.ZIP_DEFLATED, 6)


def _described(
    results: Results, provenance: dict[str, Any], code: dict[str, Path], made: dict[str, Path]
) -> ROCrate:
    """The crate's description; its files are packed by `write_crate`."""
    crate = ROCrate(version=VERSION)
    crate.metadata.extra_terms["sha256"] = "http://schema.org/sha256"
    root, commit = crate.root_dataset, str(provenance.get("commit", "unknown"))
    root["name"] = "Regrad: coursework on optimization, re-run and checked"
    root["description"] = (
        "Every experiment, exercise and claim of two documents on Adagrad and gradient descent, "
        "re-run and verified: the code, what it measured, and the report made from that."
    )
    crate.datePublished = provenance["finished"]
    root["version"] = f"{provenance.get('project_version', 'unknown')}, commit {commit}"
    root["license"] = _licence(crate)
    root["conformsTo"] = [_profile(crate, *each) for each in _PROFILES.items()]
    for name, path in (code | made).items():
        if name != WORKFLOW:
            _add(crate, name, path)
    if "README.md" in code:
        crate.get("README.md")["about"] = root
    workflow = _workflow(crate, provenance, commit)
    action = _action(crate, provenance, workflow)
    action["object"] = _datasets(crate, results)
    action["result"] = [crate.get(name) for name in made]
    root["mentions"] = action
    return crate


def _licence(crate: ROCrate) -> ContextEntity:
    """The licence that pyproject.toml names, a name of SPDX's list."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = {
        "@type": "CreativeWork",
        "name": project["license"],
        "description": "Of Regrad's own code. Those of the data stand with the datasets.",
    }
    return crate.add(
        ContextEntity(crate, f"https://spdx.org/licenses/{project['license']}", properties=told)
    )


def _profile(crate: ROCrate, address: str, name: str) -> ContextEntity:
    told = {"@type": "CreativeWork", "name": name, "version": address.rsplit("/", 1)[1]}
    return crate.add(ContextEntity(crate, address, properties=told))


def _add(crate: ROCrate, name: str, path: Path) -> None:
    """A file with its size and hash, or a folder as a whole."""
    if path.is_dir():
        told = FOLDERS.get(name.removeprefix("results/"), f"Source files: {name}")
        crate.add_dataset(dest_path=name, properties={"name": name, "description": told})
        return
    content = path.read_bytes()
    properties = {
        "name": name,
        "encodingFormat": _format(path),
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    crate.add_file(dest_path=name, properties=properties)


def _format(path: Path) -> str:
    known = _FORMATS.get(path.suffix) or mimetypes.types_map.get(path.suffix)
    return known or "text/plain"


def _workflow(crate: ROCrate, provenance: dict[str, Any], commit: str) -> ComputationalWorkflow:
    """The Snakefile with the packages that it ran on."""
    packages = dict(provenance.get("packages") or {})
    bioschemas = {
        "@type": "CreativeWork",
        "name": "Bioschemas profile ComputationalWorkflow",
        "version": _BIOSCHEMAS.rsplit("/", 1)[1],
    }
    told = {"name": "Regrad's workflow", "version": commit, "encodingFormat": "text/plain"}
    workflow = crate.add_workflow(
        dest_path=WORKFLOW, main=True, lang="snakemake", lang_version=packages.get("snakemake"),
        properties=told,
    )  # fmt: skip
    workflow["conformsTo"] = crate.add(ContextEntity(crate, _BIOSCHEMAS, properties=bioschemas))
    packages["Python"] = provenance.get("python", "unknown")
    workflow["softwareRequirements"] = [
        _software(crate, name, str(version)) for name, version in sorted(packages.items())
    ]
    return workflow


def _software(crate: ROCrate, name: str, version: str) -> ContextEntity:
    home = "https://www.python.org/" if name == "Python" else f"https://pypi.org/project/{name}/"
    told = {"@type": "SoftwareApplication", "name": name, "softwareVersion": version, "url": home}
    return crate.add(ContextEntity(crate, home, properties=told))


def _action(
    crate: ROCrate, provenance: dict[str, Any], workflow: ComputationalWorkflow
) -> ContextEntity:
    """The run: what ran, where, until when, and whether all of it came to its end."""
    machine = ", ".join(
        str(provenance[key]) for key in ("system", "processor") if key in provenance
    )
    told: dict[str, Any] = {
        "@type": "CreateAction",
        "name": "Run of Regrad's workflow",
        "description": f"Ran on {machine or 'an unknown machine'}.",
        "endTime": provenance["finished"],
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    failed = provenance.get("missing") or {}
    if failed:
        told["actionStatus"] = "http://schema.org/FailedActionStatus"
        told["error"] = "; ".join(f"{name}: {why}" for name, why in sorted(failed.items()))
    action = crate.add(ContextEntity(crate, "#run", properties=told))
    action["instrument"] = workflow
    return action


def _datasets(crate: ROCrate, results: Results) -> list[ContextEntity]:
    """The datasets as the manifest has them: what was used, from where, under which licence."""
    if isinstance(results.manifest, Missing):
        return []
    return [_dataset(crate, entry) for entry in results.manifest]


def _one_or_all(values: list[str]) -> str | list[str]:
    """JSON-LD has no list of one."""
    return values[0] if len(values) == 1 else values


def _dataset(crate: ROCrate, entry: dict[str, Any]) -> ContextEntity:
    told = {
        "@type": "CreativeWork",
        "name": entry["name"],
        "description": f"{entry.get('kind')}: {entry.get('source')}. {entry.get('note') or ''}",
        "license": str(entry.get("licence", "none stated")),
        "citation": str(entry.get("citation", "")),
    }
    digests = entry.get("sha256")
    if isinstance(digests, dict):
        told["sha256"] = _one_or_all([f"{file} {hash_}" for file, hash_ in sorted(digests.items())])
    return crate.add(ContextEntity(crate, f"#data-{slug(entry['name'])}", properties=told))
