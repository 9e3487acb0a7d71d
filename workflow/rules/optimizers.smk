# The optimizers, verified and typeset. A failed check stops nothing: the report shows it.
rule checks:
    input:
        code("optim.__main__", "optim.verification", "optim.rules.*"),
    output:
        "results/optim/checks.json",
    log:
        "logs/optim/checks.log",
    conda:
        "../../environment.yml"
    shell:
        "python -m optim verify --exit-zero --output {output} > {log} 2>&1"


rule optimizers:
    input:
        code("optim.__main__", "optim.rules.*"),
        catalogues_of("optim"),
        checks="results/optim/checks.json",
    output:
        "results/optim/rules.json",
    log:
        "logs/optim/rules.log",
    conda:
        "../../environment.yml"
    shell:
        "python -m optim rules --checks {input.checks} --output {output} > {log} 2>&1"
