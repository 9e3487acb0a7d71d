# Submissions, each judged in a job of its own, and the class's gradebook.
STUDENTS = students(config["grading"]["submissions"])
ASSIGNMENT = config["grading"]["assignment"]
SALT, CLASS, ADJUSTMENTS = (
    [config["grading"][key]] if config["grading"].get(key) else []
    for key in ("salt", "class", "adjustments")
)
CANVAS, MOODLE = (
    [config["grading"][key]] if config["grading"].get(key) else []
    for key in ("canvas", "moodle")
)
STARTER = starter_of(config["grading"])
LANGUAGE = config["grading"].get("language", "en")


# The code that grades, as one file: Snakemake looks at every input of every job that waits,
# whenever a job ends, and a class has hundreds of jobs.
rule grader:
    input:
        code(
            "grading.__main__",
            "grading.worker",
            "grading.proof_process",
            "grading.checks.*",
            "optim.rules.*",
        ),
        sorted(str(path) for path in Path("grading/templates").glob("feedback*")),
        sorted(str(path) for path in Path("grading/locale").glob("*.po")),
    output:
        "results/grader.sha256",
    log:
        "logs/grader.log",
    conda:
        "../../environment.yml"
    shell:
        "sha256sum {input} > {output} 2> {log}"


rule grade:
    input:
        grader="results/grader.sha256",
        assignment=f"grading/assignments/{ASSIGNMENT}.yaml",
        salt=SALT,
    output:
        results="results/grading/{student}/results.json",
        feedback="results/grading/{student}/feedback.html",
        # Not beside them: what is in a student's folder may be handed to the student.
        notes="results/instructor/{student}.json",
    log:
        "logs/grading/{student}.log",
    group:
        "submissions"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2500),
        runtime=growing(20),
    params:
        submission=lambda wildcards: str(STUDENTS[wildcards.student]),
        state=lambda wildcards: state_of(STUDENTS[wildcards.student]),
        assignment=ASSIGNMENT,
        folder=lambda wildcards, output: str(Path(output.results).parent),
        salt=[word for path in SALT for word in ("--salt", path)],
        language=LANGUAGE,
        isolation=["--not-isolated"] if NOT_ISOLATED else [],
    # Exit code 3 is a fault of the grader: written down as such, and no other student's concern.
    shell:
        "python -m grading grade --assignment {params.assignment} --output {params.folder:q}"
        " --language {params.language} {params.salt:q} --notes {output.notes:q} {params.isolation} -- {params.submission:q} > {log:q} 2>&1 || [ $? -eq 3 ]"


rule gradebook:
    input:
        code("grading.class_commands"),
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


# What else comes out for a class; `make grade` asks for all of it.
rule graded_class:
    input:
        "results/grading/gradebook.csv",
        "results/grading/canvas.csv",
        ["results/grading/moodle.csv"] if MOODLE else [],
        "results/grading/audit.txt",
        "results/grading/class.html",
        "results/grading/provenance.json",
    localrule: True


# What a student's results.json says itself: the submission, the assignment, seeds and isolation.
rule provenance_of_class:
    input:
        "workflow/provenance.py",
        "pyproject.toml",
        results=results_of_class,
    output:
        "results/grading/provenance.json",
    log:
        "logs/grading_provenance.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        told=lambda wildcards: told_of_class(),
    shell:
        "python workflow/provenance.py {output} {params.told:q} > {log} 2>&1"


rule canvas:
    input:
        code("grading.class_commands"),
        gradebook="results/grading/gradebook.csv",
        export=CANVAS,
        assignment=f"grading/assignments/{ASSIGNMENT}.yaml",
    output:
        "results/grading/canvas.csv",
    log:
        "logs/canvas.log",
    conda:
        "../../environment.yml"
    params:
        assignment=ASSIGNMENT,
        more=[word for path in CANVAS for word in ("--export", path)],
    shell:
        "python -m grading canvas --assignment {params.assignment} --output {output}"
        " --gradebook {input.gradebook} {params.more:q} 2>&1 | tee {log}"


rule moodle:
    input:
        code("grading.class_commands"),
        results=results_of_class,
        gradebook="results/grading/gradebook.csv",
        worksheet=MOODLE,
        assignment=f"grading/assignments/{ASSIGNMENT}.yaml",
    output:
        "results/grading/moodle.csv",
    log:
        "logs/moodle.log",
    conda:
        "../../environment.yml"
    params:
        assignment=ASSIGNMENT,
        language=LANGUAGE,
    shell:
        "python -m grading moodle --assignment {params.assignment} --output {output}"
        " --language {params.language}"
        " --gradebook {input.gradebook} --worksheet {input.worksheet:q}"
        " -- {input.results:q} 2>&1 | tee {log}"


# The log itself is no output, or Snakemake would begin a new one each time.
rule audit:
    input:
        code("grading.class_commands"),
        results=results_of_class,
    output:
        "results/grading/audit.txt",
    log:
        "logs/audit.log",
    conda:
        "../../environment.yml"
    params:
        log=lambda wildcards, output: str(Path(output[0]).with_name("audit.jsonl")),
    shell:
        "( python -m grading log --output {params.log} -- {input.results:q}"
        " && python -m grading audit {params.log} > {output} ) 2>&1 | tee {log}"


rule similarity:
    input:
        code("grading.class_commands"),
    output:
        "results/grading/similarity.json",
    log:
        "logs/similarity.log",
    conda:
        "../../environment.yml"
    params:
        # By functions, or braces in a student's file name would be taken for wildcards.
        submissions=lambda wildcards: [str(path) for path in STUDENTS.values()],
        state=[state_of(Path(path)) for path in [*STUDENTS.values(), *STARTER]],
        more=[word for path in STARTER for word in ("--boilerplate", path)],
    shell:
        "python -m grading similarity --output {output} {params.more:q}"
        " -- {params.submissions:q} 2>&1 | tee {log}"


rule class_page:
    input:
        code("grading.class_page", "grading.class_commands"),
        "grading/templates/class.html.j2",
        results=results_of_class,
        notes=[f"results/instructor/{student}.json" for student in STUDENTS],
        gradebook="results/grading/gradebook.csv",
        similarity="results/grading/similarity.json",
        assignment=f"grading/assignments/{ASSIGNMENT}.yaml",
    output:
        "results/grading/class.html",
    log:
        "logs/class_page.log",
    conda:
        "../../environment.yml"
    params:
        assignment=ASSIGNMENT,
        notes=lambda wildcards, input: [
            word for path in input.notes for word in ("--notes", path)
        ],
    shell:
        "python -m grading class-page --assignment {params.assignment} --output {output}"
        " --gradebook {input.gradebook} --similarity {input.similarity} {params.notes:q}"
        " -- {input.results:q} 2>&1 | tee {log}"
