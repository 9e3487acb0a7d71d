# Small jobs that get into trouble on a cluster, run with the project's own profile.
import sys

sys.path.insert(0, config["workflow"])
from resources import growing


rule hungry:
    output:
        "hungry.txt",
    resources:
        mem_mb=growing(450),
        runtime=5,
    params:
        program="taken = b'x' * (450 * 2**20); import time; time.sleep(4)",
    shell:
        'python -c "{params.program}" && echo {resources.mem_mb} > {output}'


rule greedy:
    output:
        "greedy.txt",
    log:
        "greedy.log",
    retries: 1
    resources:
        mem_mb=450,
        runtime=5,
    params:
        program=rules.hungry.params.program,
    shell:
        'python -c "{params.program}" > {log} 2>&1 && touch {output}'


rule endless:
    output:
        "endless.txt",
    log:
        "endless.log",
    retries: 1
    resources:
        mem_mb=600,
        runtime=growing(1),
    shell:
        "echo began | tee -a {rule}.attempts > {log} && sleep 600 && touch {output}"


rule slow:
    output:
        "slow.txt",
    retries: 1
    resources:
        mem_mb=600,
        runtime=growing(1),
    shell:
        "echo began >> {rule}.attempts && sleep 65 && echo {resources.runtime} > {output}"


rule patient:
    output:
        "patient-{number}.txt",
    resources:
        mem_mb=600,
        runtime=5,
        gpu=lambda wildcards: int(wildcards.number == "0"),
    shell:
        "sleep 5 && echo {wildcards.number} ${{CUDA_VISIBLE_DEVICES:-none}} > {output}"


rule waited_for:
    output:
        "waited-for.txt",
    retries: 0
    resources:
        mem_mb=600,
        runtime=5,
    params:
        seconds=config.get("seconds", 0),
    shell:
        "sleep {params.seconds} && echo done > {output}"
