# One page and the same typeset, from one set of numbers; tables, figures and the whole run beside.
# Made by `make bench` alone; read where they are there.
BENCHMARKS = sorted(str(path) for path in Path("results/benchmarks").glob("*.json"))
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
    *BENCHMARKS,
]
REPORT_CODE = code("reports.__main__", "reports.sections.*")
OF_PAGE = sorted(
    str(path)
    for path in Path("reports/templates").glob("*")
    if not path.name.endswith(".tex.j2")
)
LANGUAGE = config["report"]["language"]
CATALOGUES = sorted(str(path) for path in Path("reports/locale").glob(f"{LANGUAGE}.*"))
TYPESET = ("report.tex", "numbers.tex", "references.bib")


rule report:
    input:
        "results/report/report.html",
        PDF,
        "results/report/tables",
        "results/report/figures",
        "results/report/regrad.crate.zip",


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
    params:
        told=lambda wildcards: told_of_results(),  # a function: it may hold braces
    shell:
        "python workflow/provenance.py {output} {params.told:q} > {log} 2>&1"


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
        CATALOGUES,
        RESULTS,
    output:
        report(
            directory("results/report/figures"),
            patterns=["{name}.svg"],
            caption="../report/figures.rst",
            category="Figures",
            labels={"figure": "{name}"},
        ),
    log:
        "logs/report/figures.log",
    conda:
        "../../environment.yml"
    threads: 2
    params:
        language=LANGUAGE,
    shell:
        "python -m reports figures --out {output} --processes {threads}"
        " --language {params.language} > {log} 2>&1"


rule tables:
    input:
        REPORT_CODE,
        CATALOGUES,
        "reports/templates/blocks.tex.j2",
        "reports/templates/table.tex.j2",
        RESULTS,
        numbers="results/report/numbers.json",
    output:
        report(
            directory("results/report/tables"),
            patterns=["{name}.csv"],
            caption="../report/tables.rst",
            category="Tables",
            labels={"table": "{name}"},
        ),
    log:
        "logs/report/tables.log",
    conda:
        "../../environment.yml"
    params:
        language=LANGUAGE,
    shell:
        "python -m reports tables --numbers {input.numbers} --out {output}"
        " --language {params.language} > {log} 2>&1"


rule html:
    input:
        REPORT_CODE,
        CATALOGUES,
        OF_PAGE,
        RESULTS,
        numbers="results/report/numbers.json",
        figures="results/report/figures",
    output:
        report(
            "results/report/report.html",
            caption="../report/report.rst",
            category="Report",
            labels={"form": "page"},
        ),
    log:
        "logs/report/html.log",
    conda:
        "../../environment.yml"
    params:
        language=LANGUAGE,
    shell:
        "python -m reports html --numbers {input.numbers} --figures {input.figures}"
        " --out {output} --language {params.language} > {log} 2>&1"


rule tex:
    input:
        REPORT_CODE,
        CATALOGUES,
        "reports/templates/blocks.tex.j2",
        "reports/templates/report.tex.j2",
        RESULTS,
        numbers="results/report/numbers.json",
        figures="results/report/figures",
    output:
        paper="results/report/report.tex",
        macros="results/report/numbers.tex",
        references="results/report/references.bib",
    log:
        "logs/report/tex.log",
    conda:
        "../../environment.yml"
    params:
        language=LANGUAGE,
    shell:
        "python -m reports tex --numbers {input.numbers} --figures {input.figures}"
        " --out {output.paper} --language {params.language} > {log} 2>&1"


rule pdf:
    input:
        code("reports.typeset"),
        "results/provenance.json",
        paper="results/report/report.tex",
        macros="results/report/numbers.tex",
        references="results/report/references.bib",
        figures="results/report/figures",
    output:
        report(
            "results/report/report.pdf",
            caption="../report/report.rst",
            category="Report",
            labels={"form": "paper"},
        ),
    log:
        "logs/report/pdf.log",
    conda:
        "../../environment.yml"
    shell:
        "python -m reports pdf --tex {input.paper} --out {output} > {log} 2>&1"


rule crate:
    input:
        code("reports.crate"),
        RESULTS,
        PDF,
        "results/report/report.html",
        "results/report/report.tex",
        "results/report/numbers.json",
        "results/report/figures",
        "results/report/tables",
    output:
        report(
            "results/report/regrad.crate.zip",
            caption="../report/crate.rst",
            category="Report",
            labels={"form": "whole run, as RO-Crate"},
        ),
    log:
        "logs/report/crate.log",
    conda:
        "../../environment.yml"
    shell:
        "python -m reports crate --out {output} > {log} 2>&1"
