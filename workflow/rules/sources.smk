# Lets every job import the project's modules, and name its source files among its inputs.
import os
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path[:0] = [str(ROOT), str(ROOT / "workflow")]
os.environ["PYTHONPATH"] = str(ROOT)
# Jobs run the Python that runs Snakemake, whether its environment is activated or not.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
os.environ.setdefault("PYTHONUNBUFFERED", "1")

import sources as source_files
import yaml


def code(*modules: str) -> list[str]:
    """Source files of the modules a job runs and of all that they import from the project."""
    return source_files.sources(ROOT, *modules)


def as_yaml(part: dict) -> str:
    """A part of the merged configuration, as text that a job is given in its params.

    Not a file that all jobs share: a job is to rerun where its own part changes, and only there.
    """
    return yaml.safe_dump(part, allow_unicode=True)
