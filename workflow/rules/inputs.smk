# What jobs are given: the project's modules, their source files, their part of the configuration.
import os
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path[:0] = [str(ROOT), str(ROOT / "workflow")]

import sources as source_files
import yaml
from configuration import check_configuration, check_schema
from data.registry import datasets
from experiments.comparison.settings import compared
from experiments.protocol import ALL, optimizers_of
from experiments.registry import declared
from grading.folder import TwiceTheSame, submissions_in
from resources import growing
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

state_of = source_files.state_of
source_files.prepare_environment(ROOT)


# Where results are in a bucket, jobs bring the project with them; its files are not in the bucket.
IN_BUCKET = workflow.storage_settings.default_storage_provider is not None


def code(*modules: str) -> list[str]:
    """Source files of the modules a job runs and of all that they import from the project."""
    return [] if IN_BUCKET else source_files.sources(ROOT, *modules)


def modules_of(kind: str, name: str, optimizer: str = "") -> list[str]:
    """What makes a table of runs, which are of one optimizer, or of an analysis."""
    rule_of = [f"optim.rules.{optimizer}"] if optimizer else []
    return ["experiments.__main__", f"experiments.{kind}.{name}", *rule_of]


def version_of(kind: str, name: str, optimizer: str = "") -> str:
    """The version of the sources behind a table, wherever the results are."""
    modules = modules_of(kind, name, optimizer)
    return source_files.version(ROOT, source_files.sources(ROOT, *modules))


def version_of_job(job) -> str:
    """The version of the sources among a rule's inputs: no results, and no files of a user's own.

    Not known where results are in a bucket, where no sources are among a job's inputs.
    """
    inputs = [str(path) for path in job.input if not callable(path)]
    sources = [path for path in inputs if Path(path).parts[0] in source_files.ROOMS]
    return "" if IN_BUCKET else source_files.version(ROOT, sources)


def catalogues_of(*rooms: str) -> list[str]:
    """The rooms' translations, which a job that translates its texts depends on."""
    return sorted(
        str(path) for room in rooms for path in Path(room, "locale").glob("*.po")
    )


def as_yaml(part: dict) -> str:
    """A part of the merged configuration, as text that a job is given in its params.

    Not a file that all jobs share: a job is to rerun where its own part changes, and only there.
    """
    return yaml.safe_dump(part, allow_unicode=True, sort_keys=False)


def dataset_of(kind: str, name: str) -> list[str]:
    """The prepared dataset that an experiment or analysis reads; none for those on functions."""
    dataset = declared(kind, name).dataset
    return [f"results/data/{dataset}"] if dataset else []


def tables_of(experiment: str) -> list[str]:
    """The run tables of an experiment, one an optimizer; none where it is not configured."""
    protocol = config["experiments"].get(experiment)
    optimizers = optimizers_of(protocol) if protocol else ()
    return [f"results/runs/{experiment}/{name}.parquet" for name in optimizers]


def shards_of(experiment: str, table: str) -> list[str]:
    """The parts of a table of runs, where they are split over jobs; none where they are not."""
    count = SPLIT.get(experiment, 0)
    folder = f"results/shards/{experiment}/{Path(table).stem}"
    return [f"{folder}/{number}-of-{count}.parquet" for number in range(1, count + 1)]


def either(names) -> str:
    """A pattern that matches these names and nothing else."""
    return "|".join(names) or "(?!)"


def gpus_of(kind: str, name: str) -> int:
    """GPUs that a job asks a cluster for: one where it can train on it."""
    return int(declared(kind, name).gpu)


def needed_by(analysis: str) -> list[str]:
    """What an analysis reads: tables of runs, and a dataset."""
    runs = declared("analyses", analysis).runs
    tables = [table for experiment in runs for table in tables_of(experiment)]
    return tables + dataset_of("analyses", analysis)


def protocol_of(wildcards) -> str:
    """The configuration a table depends on: its experiment's, without the other optimizers."""
    protocol = config["experiments"][wildcards.experiment]
    if protocol["optimizers"] != ALL:
        chosen = {wildcards.optimizer: protocol["optimizers"][wildcards.optimizer]}
        protocol = {**protocol, "optimizers": chosen}
    part = {wildcards.experiment: protocol}
    return as_yaml({"scale": config["scale"], "experiments": part})


def analysis_protocol(wildcards) -> str:
    """The configuration that an analysis depends on."""
    part = {wildcards.analysis: config["analyses"][wildcards.analysis]}
    return as_yaml({"scale": config["scale"], "analyses": part})


def students(folder: str) -> dict[str, Path]:
    """The submissions in a folder by the student's identifier; what is none, is named."""
    try:
        found, warnings = submissions_in(Path(folder))
    except TwiceTheSame as error:
        raise WorkflowError(str(error)) from None
    for warning in warnings:
        logger.warning(warning)
    return found


def starter_of(grading: dict) -> list[str]:
    """What all students were given: as configured, else as the assignment names it."""
    assignment = ROOT / "grading" / "assignments" / f"{grading['assignment']}.yaml"
    named = yaml.safe_load(assignment.read_text()) if assignment.is_file() else {}
    starter = grading.get("starter") or named.get("starter")
    return [starter] if starter else []


def results_of_class(wildcards) -> list[str]:
    """Every student's results.

    An error where there is no student, or one to grade and no jail to do it in.
    """
    if not STUDENTS:
        folder = config["grading"]["submissions"]
        raise WorkflowError(
            f"grading.submissions: there is no submission in {folder!r}"
        )
    results = [f"results/grading/{student}/results.json" for student in STUDENTS]
    if NO_JAIL and not NOT_ISOLATED and not all(map(os.path.exists, results)):
        raise WorkflowError(f"grading refuses: {NO_JAIL}")
    return results


try:
    check_schema(config)
except ValueError as error:
    raise WorkflowError(str(error)) from None

DATASETS = sorted(datasets())

# An experiment, analysis or optimizer that is set to null is left out.
for kind in ("experiments", "analyses"):
    given = config.get(kind) or {}
    config[kind] = {name: part for name, part in given.items() if part is not None}
for protocol in config["experiments"].values():
    if isinstance(protocol, dict) and isinstance(protocol.get("optimizers"), dict):
        chosen = protocol["optimizers"].items()
        protocol["optimizers"] = {
            name: part for name, part in chosen if part is not None
        }

try:
    check_configuration(config)
except ValueError as error:
    raise WorkflowError(str(error)) from None

# Experiments whose tables are made by several jobs each.
SPLIT = {name: count for name, count in config["shards"].items() if count > 1}
