"""pyproject.toml, requirements.lock and environment.yml name the same packages and versions."""

import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow"))

import lock  # noqa: E402


@pytest.fixture(scope="module")
def locked() -> dict[str, str]:
    return {lock.package_name(name): version for name, version in lock.read_lock().items()}


def test_every_direct_dependency_is_locked(locked):
    assert {lock.package_name(r) for r in lock.direct_dependencies()} <= set(locked)


def test_a_version_that_the_project_file_pins_is_the_locked_one(locked):
    for requirement in lock.direct_dependencies():
        if "==" in requirement:
            assert locked[lock.package_name(requirement)] == requirement.split("==")[1]


def test_torch_is_pinned_everywhere():
    """A looser pin would take the newest build, with gigabytes of CUDA packages."""
    assert "torch==2.13.0" in lock.direct_dependencies()
    assert "torch==2.13.0\n" in (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "pytorch=2.13.0\n" in (ROOT / "environment.yml").read_text(encoding="utf-8")


def test_the_conda_environment_is_what_the_lock_and_the_project_file_give():
    written = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert written == lock.conda_text(lock.read_lock())
    assert yaml.safe_load(written)["channels"] == ["conda-forge", "bioconda"]


def test_the_lock_holds_releases_not_one_machine_s_builds():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "+" not in text
    assert "://" not in text
    assert " @ " not in text


def test_no_python_older_than_the_project_needs_is_promised(locked):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert locked["pandas"].startswith("2.")


def test_what_builds_the_documentation_is_pinned_apart(locked):
    pinned = lock.read_lock("docs/requirements.lock")
    direct = {lock.package_name(r) for r in lock.documentation_dependencies()}
    assert direct <= {lock.package_name(name) for name in pinned}
    # ruff sets signatures there, too; as `make lint` does.
    assert direct & set(locked) == {"ruff"}
    assert pinned["ruff"] == locked["ruff"]
