"""The source files that a job depends on: all that it imports, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow"))

from sources import sources, version  # noqa: E402


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path):
    write(tmp_path, "optim/__init__.py", "")
    write(tmp_path, "optim/rule.py", "import numpy")
    write(tmp_path, "optim/rules/__init__.py", "")
    write(tmp_path, "optim/rules/one.py", "from optim.rule import Rule")
    write(tmp_path, "optim/rules/two.py", "from optim.rule import Rule")
    write(tmp_path, "experiments/__init__.py", "")
    write(tmp_path, "experiments/late.py", "def f():\n    from optim import rule\n")
    return tmp_path


def test_imports_are_followed_to_the_project_s_own_files_only(project):
    assert sources(project, "optim.rules.one") == [
        "optim/__init__.py",
        "optim/rule.py",
        "optim/rules/__init__.py",
        "optim/rules/one.py",
    ]


def test_an_import_inside_a_function_counts(project):
    assert "optim/rule.py" in sources(project, "experiments.late")


def test_a_star_names_every_file_of_a_folder(project):
    found = sources(project, "optim.rules.*")
    assert {"optim/rules/one.py", "optim/rules/two.py"} <= set(found)


def test_a_module_that_does_not_exist_is_an_error(project):
    with pytest.raises(FileNotFoundError, match=r"optim\.rules\.three"):
        sources(project, "optim.rules.three")


def test_a_version_changes_with_a_source_and_with_nothing_else(project, tmp_path_factory):
    files = ["optim/rule.py", "optim/rules/one.py"]
    before = version(project, files)
    assert version(project, files[::-1]) == before
    assert version(project, [*files, "optim/rules/two.py"]) != before
    edited = tmp_path_factory.mktemp("edited")
    for file in files:
        write(edited, file, (project / file).read_text(encoding="utf-8"))
    assert version(edited, files) == before  # wherever the project lies
    moved = tmp_path_factory.mktemp("moved")
    write(moved, files[0], (project / files[1]).read_text(encoding="utf-8"))
    write(moved, files[1], (project / files[0]).read_text(encoding="utf-8"))
    assert version(moved, files) != before


@pytest.mark.parametrize("module", ["experiments.runs.rcv1", "proofs.__main__", "claims.__main__"])
@pytest.mark.slow
def test_what_python_really_imports_is_among_the_sources(module):
    """Against the interpreter: the project's files in sys.modules after the import."""
    code = (
        f"import sys, importlib; importlib.import_module({module!r});"
        "print('\\n'.join(m.__file__ for m in sys.modules.values()"
        f" if (getattr(m, '__file__', '') or '').startswith({str(ROOT)!r} + '/')"
        " and '.venv' not in m.__file__))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    imported = {str(Path(line).relative_to(ROOT)) for line in printed.split()}
    extra = ["claims.measures.*"] if module.startswith("claims") else []
    assert imported
    assert imported <= set(sources(ROOT, module, *extra))
