# The exercises' statements, verified.
rule proofs:
    input:
        code("proofs.__main__", "proofs.exercises.*", "optim.rules.*"),
        sorted(str(path) for path in Path("proofs/written").glob("*.yaml")),
        catalogues_of("proofs", "optim"),
    output:
        "results/proofs/verdicts.json",
    log:
        "logs/proofs.log",
    conda:
        "../../environment.yml"
    params:
        seed=config["seed"],
    shell:
        "python -m proofs --seed {params.seed} --output {output} > {log} 2>&1"
