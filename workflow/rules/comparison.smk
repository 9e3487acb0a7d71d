# The searched and retrained rules, compared: one summary of all problems.
COMPARED = [
    table
    for experiment in compared(config["experiments"])
    for table in tables_of(experiment)
]
COMPARISON = (
    ["results/comparison.json"]
    if COMPARED and there("results/comparison.json", COMPARED)
    else []
)


rule comparison:
    input:
        code("experiments.comparison.__main__"),
        tables=COMPARED,
    output:
        "results/comparison.json",
    log:
        "logs/comparison.log",
    conda:
        "../../environment.yml"
    params:
        config=as_yaml({"comparison": config.get("comparison")}),
    shell:
        "python -m experiments.comparison {input.tables} --config <(printf %s {params.config:q})"
        " --output {output} 2>&1 | tee {log}"
