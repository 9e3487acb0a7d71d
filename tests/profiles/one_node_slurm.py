"""A SLURM cluster of one node on loopback, from Debian's slurm-wlm: started, broken and stopped."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "squeue", "scancel")
WITHOUT = "no SLURM to start a cluster with: apt-get install munge slurm-wlm (.ci/run does)"
# Debian keeps the daemons where only root's PATH leads.
SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
CORES = 8  # as many as groups of jobs and others beside them ask for, however few there are

CONFIGURATION = """\
ClusterName=regrad
SlurmctldHost={node}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
# No cgroups: these run where they cannot be had, as in a container.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
# Memory is looked at every second, and a job over its own is killed.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
SwitchType=switch/none
MpiDefault=none
MinJobAge=3600
KillWait=1
ReturnToService=2
GresTypes=gpu
NodeName={node} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} Gres=gpu:1 State=UNKNOWN
PartitionName=all Nodes={node} Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> bool:
    """Whether a program that the cluster is made of is not installed."""
    return not all(shutil.which(program, path=SEARCH) for program in PROGRAMS)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(happened: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something has happened, and fail with what was waited for."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.1)


@dataclass
class Cluster:
    """The running cluster: its folder, its node's name, and its daemons."""

    folder: Path
    node: str = field(default_factory=lambda: socket.gethostname().split(".")[0])
    daemons: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to talk to this cluster."""
        path = os.pathsep.join([str(self.folder / "bin"), SEARCH])
        return {**os.environ, "PATH": path, "SLURM_CONF": str(self.folder / "slurm.conf")}

    def said_by(self, *command: str) -> str:
        """What one of SLURM's commands prints; CalledProcessError where it fails."""
        done = subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True, timeout=30
        )
        return done.stdout.strip()

    def start(self, name: str, *arguments: str) -> None:
        """Start one daemon in the foreground, as a child of this process."""
        path = shutil.which(name, path=SEARCH)
        with (self.folder / f"{name}.out").open("a") as log:
            self.daemons[name] = subprocess.Popen(
                [path, *arguments], env=self.environment, stdout=log, stderr=log
            )

    def stop(self, name: str) -> None:
        """End one daemon and wait for its end."""
        daemon = self.daemons.pop(name)
        daemon.terminate()
        try:
            daemon.wait(10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def start_controller(self) -> None:
        self.start("slurmctld", "-D", "-f", str(self.folder / "slurm.conf"))

    def resume(self) -> bool:
        """Whether the node is back at work, which it is told first.

        A controller that has just started may call this invalid, and do it.
        """
        command = ["scontrol", "update", f"nodename={self.node}", "state=resume"]
        subprocess.run(command, env=self.environment, capture_output=True, check=False)
        return self.state_of_node().rstrip("*") in ("idle", "mixed", "allocated")

    def state_of_node(self) -> str:
        """The node's state, such as "idle"; "" while the controller does not answer."""
        try:
            return self.said_by("sinfo", "--noheader", "--format=%T")
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return ""

    def jobs(self, *states: str) -> list[tuple[str, str, str]]:
        """Id, state and comment (the rule and its wildcards) of every job in these states."""
        chosen = f"--states={','.join(states) or 'all'}"
        lines = self.said_by("squeue", "--noheader", chosen, "--format=%i|%T|%k").splitlines()
        return [tuple(line.split("|", 2)) for line in lines]  # type: ignore[misc]

    def limit(self, job: str) -> str:
        """The time that a job has or had, such as "2:00" for two minutes."""
        return self.said_by("squeue", "--noheader", "--states=all", f"--jobs={job}", "--format=%l")

    def let_time_run_out(self, job: str) -> None:
        """Have a running job's end come now, as if its time had passed; within half a minute.

        What it had by then stands as its limit.
        """
        self.said_by("scontrol", "update", f"jobid={job}", "endtime=now+1")

    def words(self) -> str:
        """The last words of every daemon, for a failure's message."""
        logs = sorted(self.folder.glob("*.log")) + sorted(self.folder.glob("*.out"))
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-1500:]}" for log in logs)


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster whose node is idle; its daemons and jobs are gone at the end."""
    cluster = Cluster(folder)
    _configure(cluster)
    try:
        cluster.start(
            "munged", "--foreground", "--force",
            f"--key-file={folder}/munge.key", f"--socket={folder}/munge.socket",
            f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log",
            f"--seed-file={folder}/munge.seed",
        )  # fmt: skip
        until((folder / "munge.socket").exists, 10, "munged listens")
        cluster.start_controller()
        cluster.start("slurmd", "-D", "-N", cluster.node, "-f", str(folder / "slurm.conf"))
        try:
            until(lambda: cluster.state_of_node() == "idle", 30, "the node is idle")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{cluster.words()}") from None
        yield cluster
        subprocess.run(
            ["scancel", f"--user={getpass.getuser()}"], env=cluster.environment, check=False
        )
    finally:
        for name in reversed(list(cluster.daemons)):
            cluster.stop(name)


def _configure(cluster: Cluster) -> None:
    """Write the configuration and munge's key into the cluster's folder."""
    folder = cluster.folder
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    (folder / "slurm.conf").write_text(
        CONFIGURATION.format(
            folder=folder, node=cluster.node, user=getpass.getuser(), memory=memory * 9 // 10,
            cores=CORES, controller_port=free_port(), node_port=free_port(),
        )
    )  # fmt: skip
    # Snakemake's plugin takes every variable of SLURM's from the srun within a job, SLURM_CONF too.
    srun = folder / "bin" / "srun"
    srun.parent.mkdir()
    srun.write_text(
        f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun", path=SEARCH)} "$@"\n'
    )
    srun.chmod(0o755)
    (folder / "gres.conf").write_text(f"NodeName={cluster.node} Name=gpu File=/dev/null\n")
    (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")
