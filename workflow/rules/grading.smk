# Submissions, each judged in a job of its own, and the class's gradebook.
STUDENTS = students(config["grading"]["submissions"])
ASSIGNMENT = config["grading"]["assignment"]
SALT, CLASS, ADJUSTMENTS = (
    [config["grading"][key]] if config["grading"].get(key) else []
    for key in ("salt", "class", "adjustments")
)


rule grade:
    input:
        code(
            "grading.__main__",
            "grading.worker",
            "grading.proof_process",
            "grading.checks.*",
            "optim.rules.*",
        ),
        sorted(str(path) for path in Path("grading/templates").glob("*")),
        assignment=f"grading/assignments/{ASSIGNMENT}.yaml",
        salt=SALT,
    output:
        results="results/grading/{student}/results.json",
        feedback="results/grading/{student}/feedback.html",
    log:
        "logs/grading/{student}.log",
    conda:
        "../../environment.yml"
    params:
        submission=lambda wildcards: str(STUDENTS[wildcards.student]),
        state=lambda wildcards: state_of(STUDENTS[wildcards.student]),
        assignment=ASSIGNMENT,
        folder=lambda wildcards, output: str(Path(output.results).parent),
        salt=[word for path in SALT for word in ("--salt", path)],
    # Exit code 3 is a fault of the grader: written down as such, and no other student's concern.
    shell:
        "python -m grading grade --assignment {params.assignment} --output {params.folder:q}"
        " {params.salt:q} -- {params.submission:q} > {log:q} 2>&1 || [ $? -eq 3 ]"


rule gradebook:
    input:
        code("grading.__main__"),
        results=results_of_class,
        assignment=f"grading/assignments/{ASSIGNMENT}.yaml",
        roster=CLASS,
        adjustments=ADJUSTMENTS,
    output:
        "results/grading/gradebook.csv",
    log:
        "logs/gradebook.log",
    conda:
        "../../environment.yml"
    params:
        assignment=ASSIGNMENT,
        more=[word for path in CLASS for word in ("--class", path)]
        + [word for path in ADJUSTMENTS for word in ("--adjustments", path)],
    shell:
        "python -m grading gradebook --assignment {params.assignment} --output {output}"
        " {params.more:q} -- {input.results:q} 2>&1 | tee {log}"
