"""Join what every prepared dataset says of itself into the manifest."""

from pathlib import Path

from data.manifest import write_manifest

write_manifest(
    [Path(folder) / "provenance.json" for folder in snakemake.input.datasets],  # noqa: F821
    Path(snakemake.output[0]),  # noqa: F821
)
