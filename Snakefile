"""Regrad: re-runs the coursework, verifies it, grades submissions, renders the report."""

from copy import deepcopy
from pathlib import Path

import yaml
from snakemake.utils import min_version, update_config

min_version("9.27")


configfile: "config/config.yaml"


# What an experiment or analysis is to do stands in a file of its own. Beneath what the command line
# says, and not each by `configfile`, which tells of every one of them that something was said.
told = deepcopy(config)
for path in sorted(Path(workflow.basedir, "config").glob("*/*.yaml")):
    update_config(config, yaml.safe_load(path.read_text(encoding="utf-8")))
update_config(config, told)


include: "workflow/rules/inputs.smk"
include: "workflow/rules/missing.smk"
include: "workflow/rules/machine.smk"
include: "workflow/rules/told.smk"


rule all:
    default_target: True
    input:
        "results/report/report.html",
        "results/report/tables",
        "results/report/regrad.crate.zip",
        PDF,
        GRADED,


include: "workflow/rules/data.smk"
include: "workflow/rules/runs.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/counterparts.smk"
include: "workflow/rules/optimizers.smk"
include: "workflow/rules/proofs.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/grading.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/faults.smk"
