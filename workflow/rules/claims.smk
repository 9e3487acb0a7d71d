# The documents' claims, held against what was measured.
CLAIMS = sorted(
    str(path.relative_to(ROOT)) for path in (ROOT / "claims").glob("*.yaml")
)


rule ledger:
    input:
        code("claims.__main__", "claims.measures.*"),
        claims=CLAIMS,
        runs=RUNS,
        verdicts="results/proofs/verdicts.json",
        manifest="results/data/manifest.json",
    output:
        "results/claims/ledger.json",
    log:
        "logs/claims.log",
    conda:
        "../../environment.yml"
    shell:
        "python -m claims ledger {input.claims} --results results --output {output} > {log} 2>&1"
