"""Join what every prepared dataset says of itself into the manifest."""

from pathlib import Path
from typing import Any

from data.manifest import write_manifest

job: Any = globals()["snakemake"]  # Snakemake puts it there before it runs a script

write_manifest(
    [Path(folder) / "provenance.json" for folder in job.input.datasets], Path(job.output[0])
)
