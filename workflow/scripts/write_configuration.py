"""Write the configuration that Snakemake merged and validated, for the jobs to read."""

import json
from pathlib import Path

text = json.dumps(snakemake.params.config, ensure_ascii=False, indent=1, sort_keys=True)  # noqa: F821
Path(snakemake.output[0]).write_text(text + "\n", encoding="utf-8")  # noqa: F821
