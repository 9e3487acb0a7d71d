# Training, one job an experiment and optimizer, and the analyses: each its own tidy table.
RUNS = [
    path
    for experiment in config["experiments"]
    for path in tables_of(experiment)
    if there(path, dataset_of("runs", experiment), shards_of(experiment, path))
]
ANALYSES = [
    f"results/analyses/{analysis}.parquet"
    for analysis in config["analyses"]
    if there(f"results/analyses/{analysis}.parquet", needed_by(analysis))
]


rule run:
    input:
        lambda wildcards: code(
            *modules_of("runs", wildcards.experiment, wildcards.optimizer)
        ),
        data=lambda wildcards: dataset_of("runs", wildcards.experiment),
    output:
        "results/runs/{experiment}/{optimizer}.parquet",
    log:
        "logs/runs/{experiment}/{optimizer}.log",
    wildcard_constraints:
        experiment=either(name for name in config["experiments"] if name not in SPLIT),
    group:
        lambda wildcards: (None if gpus_of("runs", wildcards.experiment) else "runs")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1500, per_mb=10),
        runtime=growing(20, per_mb=0.5),
        gpu=lambda wildcards: gpus_of("runs", wildcards.experiment),
    params:
        config=protocol_of,
        data=lambda wildcards, input: f"--data {input.data}" if input.data else "",
        code=lambda wildcards: version_of(
            "runs", wildcards.experiment, wildcards.optimizer
        ),
        shard="",
    shell:
        "python -m experiments run {wildcards.experiment} {wildcards.optimizer} {params.shard}"
        " {params.data} --code {params.code}"
        " --config <(printf %s {params.config:q}) --output {output} 2>&1 | tee {log}"


# A part of the runs of a table: as many jobs as `shards` says, whose parts are then joined.
use rule run as shard with:
    output:
        temp("results/shards/{experiment}/{optimizer}/{number}-of-{total}.parquet"),
    log:
        "logs/shards/{experiment}/{optimizer}/{number}-of-{total}.log",
    wildcard_constraints:
        experiment=either(SPLIT),
        number=r"\d+",
        total=r"\d+",
    # Each a job of its own on a cluster, too: that is what it is split for.
    group:
        lambda wildcards: None
    params:
        shard="--shard {number}/{total}",


rule join:
    input:
        code("experiments.shards"),
        shards=lambda wildcards: shards_of(
            wildcards.experiment,
            f"results/runs/{wildcards.experiment}/{wildcards.optimizer}.parquet",
        ),
    output:
        "results/runs/{experiment}/{optimizer}.parquet",
    log:
        "logs/runs/{experiment}/{optimizer}.log",
    wildcard_constraints:
        experiment=either(SPLIT),
    conda:
        "../../environment.yml"
    shell:
        "python -m experiments join {input.shards} --output {output} 2>&1 | tee {log}"


# What is worth another machine, where not all of the workflow can be run there.
rule trained:
    input:
        RUNS,
    localrule: True


rule analysis:
    input:
        lambda wildcards: code(*modules_of("analyses", wildcards.analysis)),
        lambda wildcards: [
            table
            for experiment in declared("analyses", wildcards.analysis).runs
            for table in tables_of(experiment)
        ],
        data=lambda wildcards: dataset_of("analyses", wildcards.analysis),
    output:
        "results/analyses/{analysis}.parquet",
    log:
        "logs/analyses/{analysis}.log",
    group:
        lambda wildcards: (
            None if gpus_of("analyses", wildcards.analysis) else "analyses"
        )
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1500, per_mb=10),
        runtime=growing(20, per_mb=0.5),
        gpu=lambda wildcards: gpus_of("analyses", wildcards.analysis),
    params:
        code=lambda wildcards: version_of("analyses", wildcards.analysis),
        config=analysis_protocol,
        data=lambda wildcards, input: f"--data {input.data}" if input.data else "",
    shell:
        "python -m experiments analyse {wildcards.analysis} {params.data} --results results"
        " --code {params.code}"
        " --config <(printf %s {params.config:q}) --output {output} 2>&1 | tee {log}"
