# Which result stands for which figure or table of the documents. A missing one stops nothing: the
# report shows it.
rule counterparts:
    input:
        code(
            "experiments.__main__",
            "experiments.counterparts",
            "experiments.translation",
        ),
        catalogues_of("experiments"),
        sorted(str(path) for path in Path("experiments/counterparts").glob("*.yaml")),
        "results/provenance.json",
        RUNS,
        ANALYSES,
    output:
        "results/counterparts.json",
    log:
        "logs/counterparts.log",
    localrule: True
    conda:
        "../../environment.yml"
    shell:
        "python -m experiments counterparts --results results --output {output} > {log} 2>&1"
