"""The starter kit is told kindly what is empty, and fits what the assignment asks."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from grading.__main__ import main
from grading.assignment import load
from grading.check import Check, ReportedCheck, WrittenCheck
from grading.finding import CheckResult
from grading.judge import judge
from grading.notebook import notebook_of
from grading.similarity import compared_here
from grading.submission import freeze
from proofs.steps.checking import check_proof, first_failure
from proofs.steps.reading import parse_proof

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "examples" / "starter"
GOOD = ROOT / "examples" / "submissions" / "good"
SOURCE = (STARTER / "submission.py").read_text(encoding="utf-8")
ASSIGNMENT = load("adagrad")


@pytest.mark.slow
def test_the_starter_kit_is_told_what_is_not_started_and_no_traceback():
    done = CliRunner().invoke(main, ["check", str(STARTER)])
    assert done.exit_code == 1, done.output
    unread, *lines = [line for line in done.output.splitlines() if not line.startswith(" ")]
    assert unread == "Not read, since there is a .py file: notebook/adagrad.ipynb"
    assert {line.split("  ")[0] for line in lines[:-1]} == {"not started", "not run"}
    assert lines[-1] == "On the visible checks: 0 of 28 (10 not started, 2 not run)"
    assert "Not started yet: grad_f1 raises NotImplementedError." in done.output
    assert "Not started yet: proofs/gerschgorin.yaml has no steps." in done.output
    assert "FAILED" not in done.output
    assert "Traceback" not in done.output


def judged(source: Path, check: str) -> CheckResult:
    """Judge one check of the assignment alone."""
    (graded,) = [one for one in ASSIGNMENT.checks if one.id == check]
    alone = dataclasses.replace(ASSIGNMENT, checks=(dataclasses.replace(graded, needs=()),))
    (result,) = judge(freeze(source, source.with_name(f"{source.name} frozen")), alone)
    return result


def test_numbers_that_are_left_empty_are_not_started_and_a_part_of_them_is_missing(tmp_path):
    handed_in = tmp_path / "an"
    handed_in.mkdir()
    code = (GOOD / "submission.py").read_text(encoding="utf-8")
    (handed_in / "submission.py").write_text(code.replace("import torch", ""))
    claims = (STARTER / "claims.yaml").read_text(encoding="utf-8")
    (handed_in / "claims.yaml").write_text(claims, encoding="utf-8")
    empty = judged(handed_in, "reported_numbers")
    told = "Not started yet: claims.yaml has no value."
    assert (empty.status, empty.cause) == ("not started", told)
    filled = claims.replace("f1_after_20_steps, value: ,", "f1_after_20_steps, value: 0.285446,", 1)
    (handed_in / "claims.yaml").write_text(filled, encoding="utf-8")
    part = judged(handed_in, "reported_numbers")
    assert "claims.yaml reports no f2_after_20_steps" in part.cause
    assert part.credit == "1 of 3 numbers are right."


def test_every_function_that_is_asked_for_has_a_stub_with_a_docstring_and_these_parameters():
    stubs = {
        node.name: node for node in ast.parse(SOURCE).body if isinstance(node, ast.FunctionDef)
    }
    for graded in ASSIGNMENT.checks:
        if isinstance(graded.check, Check):
            stub = stubs[graded.check.function]
            assert ast.get_docstring(stub)
            assert isinstance(stub.body[-1], ast.Raise)
            asked = re.search(rf"{stub.name}\(([^)]*)\)", graded.text)
            if asked:  # the hidden one asks for the same function
                assert ", ".join(each.arg for each in stub.args.args) == asked[1]
    numbers = {
        check.check.function for check in ASSIGNMENT.checks if isinstance(check.check, Check)
    }
    assert set(stubs) == numbers


def test_the_templates_keep_the_statements_and_the_numbers_that_are_asked_for():
    for graded in ASSIGNMENT.checks:
        if isinstance(graded.check, WrittenCheck):
            template = yaml.safe_load((STARTER / "proofs" / graded.check.file).read_text())
            asked = yaml.safe_load(graded.check.statement)
            assert {key: template[key] for key in ("given", "prove")} == {
                key: asked[key] for key in ("given", "prove")
            }
        if isinstance(graded.check, ReportedCheck):
            template = yaml.safe_load((STARTER / "claims.yaml").read_text())
            asked = [number.name for number in graded.check.numbers]
            assert [claim["id"] for claim in template["claims"]] == asked


def test_the_notebook_is_made_from_the_same_source():
    """If not: python -m grading notebook examples/starter/submission.py <the notebook>."""
    notebook = (STARTER / "notebook" / "adagrad.ipynb").read_text(encoding="utf-8")
    assert notebook == notebook_of(SOURCE)
    cells = [cell for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]
    code = "\n".join("".join(cell["source"]) for cell in cells)
    module = ast.parse(SOURCE)
    module.body = module.body[1:]  # the docstring is the heading
    assert ast.dump(ast.parse(code)) == ast.dump(module)


def test_a_notebook_that_is_filled_in_is_graded(tmp_path):
    stub = 'raise NotImplementedError("return the two partial derivatives")'
    filled = SOURCE.replace(stub, "return np.array([0.2 * x[0], 4 * x[1]])", 1)
    (tmp_path / "an.ipynb").write_text(notebook_of(filled), encoding="utf-8")
    assert judged(tmp_path / "an.ipynb", "grad_f1").status == "passed"


@pytest.mark.parametrize(
    ("source", "told"),
    [("x = 1\n", "no cell is marked"), ("# %% [markdown]\nx = 1\n", "is no comment: 'x = 1'")],
)
def test_a_file_that_cannot_become_a_notebook_says_why(source, told):
    with pytest.raises(ValueError, match=told):
        notebook_of(source)


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_proof_in_the_instructions_holds_line_by_line(name):
    (steps,) = re.findall(r"```yaml\n(.*?)```", (STARTER / name).read_text(encoding="utf-8"), re.S)
    head = (
        "title: Twice as long\nplace: {document: none, section: none}\n"
        "given: {n: order, c: vector(n)}\nprove: norm(2 * c) = 2 * norm(c)\n"
    )
    assert first_failure(check_proof(parse_proof((head + steps).encode()), seed=0)) is None


def test_the_instructions_have_the_same_commands_in_both_languages():
    english, vietnamese = (
        re.findall(r"```bash\n(.*?)```", (STARTER / name).read_text(encoding="utf-8"), re.S)
        for name in ("README.md", "README.vi.md")
    )
    assert english == [block.replace(" FEEDBACK_LANGUAGE=vi", "") for block in vietnamese]
    assert len(english) == 2


def test_the_starter_kit_counts_for_nobody_when_submissions_are_compared(tmp_path):
    assert ASSIGNMENT.starter == "examples/starter"
    both = []
    for name, body in (("an", "half = 0.1 * x[0]\n    "), ("bo", "x1, x2 = x\n    ")):
        own = SOURCE.replace("raise NotImplementedError", body + "raise NotImplementedError", 2)
        (tmp_path / f"{name}.py").write_text(own, encoding="utf-8")
        both.append(tmp_path / f"{name}.py")
    assert compared_here(both, [STARTER]).pairs == ()
    assert len(compared_here(both, []).pairs) == 1
