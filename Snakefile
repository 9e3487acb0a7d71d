"""Regrad: re-runs the coursework, verifies it, grades submissions, renders the report."""

from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


# What an experiment or analysis is to do stands in a file of its own.
for path in sorted(Path(workflow.basedir, "config").glob("*/*.yaml")):

    configfile: path


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
