"""Write the configuration that Snakemake merged and validated, for the jobs to read."""

from pathlib import Path

import yaml

text = yaml.safe_dump(snakemake.params.config, allow_unicode=True)  # noqa: F821
Path(snakemake.output[0]).write_text(text, encoding="utf-8")  # noqa: F821
