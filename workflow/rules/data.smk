# Where bytes come from: each dataset prepared once, and the manifest of what was used.
rule prepare_dataset:
    input:
        code("data.__main__", "data.*"),
    output:
        directory("results/data/{dataset}"),
    log:
        "logs/data/{dataset}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2500),
        runtime=growing(60),
    params:
        config=as_yaml({"data": config["data"]}),
        state=source_files.state_of_data(config["data"]),
    shell:
        "python -m data prepare {wildcards.dataset} --config <(printf %s {params.config:q})"
        " --output {output} 2>&1 | tee {log}"


rule manifest:
    input:
        code("data.manifest"),
        datasets=expand("results/data/{dataset}", dataset=DATASETS),
    output:
        "results/data/manifest.json",
    log:
        "logs/data/manifest.log",
    localrule: True
    conda:
        "../../environment.yml"
    script:
        "../scripts/write_manifest.py"
