# The exercises' statements, verified.
rule proofs:
    input:
        code("proofs.__main__", "proofs.exercises.*"),
    output:
        "results/proofs/verdicts.json",
    params:
        seed=config["seed"],
    log:
        "logs/proofs.log",
    conda:
        "../../environment.yml"
    shell:
        "python -m proofs --seed {params.seed} --output {output} > {log} 2>&1"
