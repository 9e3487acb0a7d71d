# One page and the same typeset, from one set of numbers.
RESULTS = [
    "results/data/manifest.json",
    "results/optim/rules.json",
    "results/proofs/verdicts.json",
    "results/claims/ledger.json",
    "results/provenance.json",
    "results/counterparts.json",
    *RUNS,
    *ANALYSES,
    *COMPARISON,
]
REPORT_CODE = code("reports.__main__", "reports.sections.*")
TEMPLATES = sorted(str(path) for path in Path("reports/templates").glob("*"))


rule provenance:
    input:
        RESULTS[:4],
        "workflow/provenance.py",
        "pyproject.toml",
        tables=RUNS + ANALYSES,
    output:
        "results/provenance.json",
    log:
        "logs/provenance.log",
    localrule: True
    conda:
        "../../environment.yml"
    shell:
        "python workflow/provenance.py {output} {input.tables} > {log} 2>&1"


rule numbers:
    input:
        REPORT_CODE,
        RESULTS,
    output:
        "results/report/numbers.json",
    log:
        "logs/report/numbers.log",
    conda:
        "../../environment.yml"
    shell:
        "python -m reports numbers --out {output} > {log} 2>&1"


rule figures:
    input:
        REPORT_CODE,
        RESULTS,
    output:
        directory("results/report/figures"),
    log:
        "logs/report/figures.log",
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        "python -m reports figures --out {output} --processes {threads} > {log} 2>&1"


rule html:
    input:
        REPORT_CODE,
        TEMPLATES,
        RESULTS,
        numbers="results/report/numbers.json",
        figures="results/report/figures",
    output:
        report(
            "results/report/report.html",
            caption="../report/report.rst",
            category="Report",
        ),
    log:
        "logs/report/html.log",
    conda:
        "../../environment.yml"
    shell:
        "python -m reports html --numbers {input.numbers} --figures {input.figures}"
        " --out {output} > {log} 2>&1"


rule tex:
    input:
        REPORT_CODE,
        TEMPLATES,
        RESULTS,
        numbers="results/report/numbers.json",
        figures="results/report/figures",
    output:
        paper="results/report/report.tex",
        macros="results/report/numbers.tex",
    log:
        "logs/report/tex.log",
    conda:
        "../../environment.yml"
    shell:
        "python -m reports tex --numbers {input.numbers} --figures {input.figures}"
        " --out {output.paper} > {log} 2>&1"


rule pdf:
    input:
        code("reports.typeset"),
        "results/provenance.json",
        paper="results/report/report.tex",
        macros="results/report/numbers.tex",
        figures="results/report/figures",
    output:
        report(
            "results/report/report.pdf",
            caption="../report/report.rst",
            category="Report",
        ),
    log:
        "logs/report/pdf.log",
    conda:
        "../../environment.yml"
    shell:
        "python -m reports pdf --tex {input.paper} --out {output} > {log} 2>&1"
