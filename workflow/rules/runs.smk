# Training: one job an experiment and optimizer, each its own tidy table.
RUNS = [
    f"results/runs/{experiment}/{optimizer}.parquet"
    for experiment, protocol in config["experiments"].items()
    for optimizer in protocol["optimizers"]
]


rule run:
    input:
        lambda wildcards: code(
            "experiments.__main__",
            f"experiments.{wildcards.experiment}",
            f"optim.rules.{wildcards.optimizer}",
        ),
        data=dataset_of,
    output:
        "results/runs/{experiment}/{optimizer}.parquet",
    log:
        "logs/runs/{experiment}/{optimizer}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
    params:
        config=protocol_of,
        data=lambda wildcards, input: f"--data {input.data}" if input.data else "",
    shell:
        "python -m experiments {wildcards.experiment} {wildcards.optimizer} {params.data}"
        " --config <(printf %s {params.config:q}) --output {output} 2>&1 | tee {log}"
