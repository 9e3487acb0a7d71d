"""What profiles/kubernetes would submit: the jobs' specification, given to an API that runs none.

Nothing here shows that a pod does its work: there is no cluster to run one.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from kubernetes_and_bucket import Servers, running_servers

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "build" / "kubernetes"
WITHOUT = (
    "no plugins for Kubernetes: pip install --no-deps --target build/kubernetes (docs/cluster.md)"
)
RUN = "results/runs/quadratics/sgd.parquet"
GPU = "results/runs/cnn/sgd.parquet"


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    if not PLUGINS.exists():
        pytest.skip(WITHOUT)
    with running_servers() as state:
        yield state


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project under git's care, as pods are given what git tracks."""
    folder = tmp_path_factory.mktemp("project") / "regrad"
    kept_out = ("results", "logs", "build", "tests", ".*", "__pycache__")
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*kept_out))
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def submitted(
    servers: Servers, sources: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Servers, str]:
    """What Snakemake submits of two trainings, and what it says; both end at once, as failed."""
    servers.objects["class/regrad/results/data/fashion-mnist"] = b""
    context = {"cluster": "here", "user": "me"}
    kubeconfig = {
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": servers.address}}],
        "contexts": [{"name": "here", "context": context}],
        "users": [{"name": "me", "user": {}}],
    }  # fmt: skip
    access = tmp_path_factory.mktemp("access") / "kubeconfig"
    access.write_text(yaml.safe_dump(kubeconfig), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--profile", "profiles/kubernetes",
         "--container-image", "registry.example/regrad:1",
         "--default-storage-prefix", "s3://class/regrad",
         "--storage-s3-endpoint-url", servers.address,
         "--seconds-between-status-checks", "1", "--retries", "0",
         "--", RUN, GPU],
        cwd=sources, capture_output=True, text=True, timeout=500, check=False,
        env={
            **os.environ, "PYTHONPATH": str(PLUGINS), "KUBECONFIG": str(access),
            "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": "key", "SNAKEMAKE_STORAGE_S3_SECRET_KEY": "secret",
        },
    )  # fmt: skip
    return servers, done.stdout + done.stderr


@pytest.mark.slow
def test_the_jobs_are_built_with_image_command_memory_and_gpu(submitted):
    servers, said = submitted
    assert len(servers.jobs) == 2, said[-3000:]
    by_run = {_experiment(job): job for job in servers.jobs}
    assert set(by_run) == {"quadratics", "cnn"}
    for experiment, job in by_run.items():
        pod = job["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        asked = container["resources"]["requests"]
        assert container["image"] == "registry.example/regrad:1"
        assert container["workingDir"] == "/workdir"
        assert asked["memory"] == "4000M"
        assert asked["cpu"] == "950m"  # of the core, so that a node's own programs fit beside
        assert asked["nvidia.com/gpu"] == {"quadratics": "0", "cnn": "1"}[experiment]
        assert pod["restartPolicy"] == "Never"  # it is Snakemake that tries again


def _experiment(job: dict) -> str:
    (container,) = job["spec"]["template"]["spec"]["containers"]
    command = container["args"][1]
    assert "--deploy-sources s3://class/regrad/snakemake-workflow-sources" in command
    found = re.search(r"run:experiment=(\w+),optimizer=sgd|optimizer=sgd,experiment=(\w+)", command)
    assert found, command
    return found[1] or found[2]


@pytest.mark.slow
def test_pods_are_given_the_project_s_files(submitted):
    servers, _ = submitted
    with tarfile.open(fileobj=io.BytesIO(servers.archive)) as archive:
        names = {Path(name).as_posix() for name in archive.getnames()}
    assert {"Snakefile", "optim/rules/sgd.py", "config/experiments/cnn.yaml"} <= names


def test_the_image_s_definition_copies_only_what_is_there():
    text = (ROOT / "containers" / "Dockerfile").read_text(encoding="utf-8")
    copied = [words.split()[1:-1] for words in text.splitlines() if words.startswith("COPY")]
    assert copied
    for name in (name for names in copied for name in names):
        assert (ROOT / name).is_file(), name
