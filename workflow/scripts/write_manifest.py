"""Join what every prepared dataset says of itself into the manifest."""

from pathlib import Path

from snakemake.script import snakemake

from data.manifest import write_manifest

write_manifest(
    [Path(folder) / "provenance.json" for folder in snakemake.input.datasets],
    Path(snakemake.output[0]),
)
