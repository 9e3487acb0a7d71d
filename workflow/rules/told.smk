# What provenance files are told by the workflow, which alone knows it.
import json


def versions() -> dict[str, str]:
    """By result, the version of the sources that it is made by."""
    jobs = {
        **{f"data/{name}": rules.prepare_dataset for name in DATASETS},
        "data/manifest.json": rules.manifest,
        "optim/checks.json": rules.checks,
        "optim/rules.json": rules.optimizers,
        "proofs/verdicts.json": rules.proofs,
        "claims/ledger.json": rules.ledger,
        **{"comparison.json": rules.comparison for _ in COMPARISON},
        "counterparts.json": rules.counterparts,
        "report/numbers.json": rules.numbers,
        "report/figures": rules.figures,
        "report/tables": rules.tables,
        "report/report.html": rules.html,
        **{f"report/{name}": rules.tex for name in TYPESET},
        "report/report.pdf": rules.pdf,
        "report/regrad.crate.zip": rules.crate,
    }
    tables = {
        path.removeprefix("results/"): version_of(*Path(path).with_suffix("").parts[1:])
        for path in RUNS + ANALYSES
    }
    return {**tables, **{name: version_of_job(job) for name, job in jobs.items()}}


def told_of_results() -> str:
    """What the workflow alone knows of the results, as JSON for their provenance.

    Of the configuration what no table says of itself, and no folder or address of somebody's own.
    """
    data = {
        key: value
        for key, value in config["data"].items()
        if key not in ("mirrors", "paths")
    }
    told = {
        "config": {"scale": config["scale"], "seed": config["seed"], "data": data},
        "code": versions(),
        "tables": sorted(path.removeprefix("results/") for path in RUNS + ANALYSES),
        "missing": MISSING,
    }
    return json.dumps(told)


def told_of_class() -> str:
    """What the workflow alone knows of a class's results, as JSON; no file of the class is named."""
    jobs = {
        "<student>/results.json": rules.grader,
        "<student>/feedback.html": rules.grader,
        "gradebook.csv": rules.gradebook,
        "canvas.csv": rules.canvas,
        "moodle.csv": rules.moodle,
        "audit.txt": rules.audit,
        "similarity.json": rules.similarity,
        "class.html": rules.class_page,
    }
    code = {name: version_of_job(job) for name, job in jobs.items()}
    language = config["grading"].get("language", "en")
    return json.dumps(
        {"config": {"assignment": ASSIGNMENT, "language": language}, "code": code}
    )
