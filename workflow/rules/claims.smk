# The documents' claims, held against what was measured.
DOCUMENTS = sorted(
    str(path.parent.relative_to(ROOT)) for path in ROOT.glob("claims/*/claims.yaml")
)
DOCUMENTS += config["documents"]


rule ledger:
    input:
        code("claims.__main__", "claims.measures.*"),
        claims=[path for each in DOCUMENTS for path in Path(each).glob("*.yaml")],
        translations=catalogues_of("claims", *DOCUMENTS),
        runs=RUNS,
        verdicts="results/proofs/verdicts.json",
        manifest="results/data/manifest.json",
        analyses=ANALYSES,
        rules="results/optim/rules.json",
        checks="results/optim/checks.json",
        comparison=COMPARISON,
    output:
        "results/claims/ledger.json",
    log:
        "logs/claims.log",
    conda:
        "../../environment.yml"
    params:
        documents=DOCUMENTS,
    shell:
        "python -m claims ledger {params.documents:q} --results results --output {output} > {log} 2>&1"
