# Training: one job an experiment and optimizer, each its own tidy table.
import importlib.util

DATASET_OF = {"rcv1": "rcv1", "airfoil": "airfoil"}
RUNS = [
    f"results/runs/{experiment}/{optimizer}.parquet"
    for experiment, protocol in config["experiments"].items()
    for optimizer in protocol["optimizers"]
]


def dataset_of(wildcards) -> list[str]:
    """The prepared dataset an experiment trains on; none for those on functions."""
    name = DATASET_OF.get(wildcards.experiment)
    return [f"results/data/{name}"] if name else []


def protocol_of(wildcards) -> str:
    """The configuration a table depends on: its experiment's, without the other optimizers."""
    protocol = config["experiments"][wildcards.experiment]
    chosen = {wildcards.optimizer: protocol["optimizers"][wildcards.optimizer]}
    return as_yaml(
        {"experiments": {wildcards.experiment: {**protocol, "optimizers": chosen}}}
    )


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
    params:
        config=protocol_of,
        data=lambda wildcards, input: f"--data {input.data}" if input.data else "",
    log:
        "logs/runs/{experiment}/{optimizer}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
    shell:
        "python -m experiments {wildcards.experiment} {wildcards.optimizer} {params.data}"
        " --config <(printf %s {params.config:q}) --output {output} > {log} 2>&1"
