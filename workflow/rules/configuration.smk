# The whole validated configuration, as the jobs read it. Jobs take it as an ancient() input:
# what reruns them is a change of the part that they name in their own params.
CONFIGURATION = "results/config.yaml"


rule configuration:
    output:
        CONFIGURATION,
    params:
        config=config,
    log:
        "logs/configuration.log",
    conda:
        "../../environment.yml"
    localrule: True
    script:
        "../scripts/write_configuration.py"
