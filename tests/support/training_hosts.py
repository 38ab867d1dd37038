"""`python -m container.train` as SageMaker starts it: on one host, or on two."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from forked import ForkedProcess
from job_folder import lay_out, write
from paths import PYTHON

COUNTS = {"train": 36, "validation": 12, "test": 12}
HOSTS = ("127.0.0.1", "localhost")


def start(
    base: Path,
    port: int = 0,
    program: Sequence[str] = ("-m", "container.train"),
    environment: Mapping[str, str] = MappingProxyType({}),
) -> ForkedProcess:
    """One host's command; hosts of one job get one `port` to meet at."""
    own = {"SAGEMAKER_BASE_DIR": str(base), "OMP_NUM_THREADS": "1", "MASTER_PORT": str(port)}
    path = {"PYTHONPATH": f"{PYTHON}:{base}"}
    return ForkedProcess(program, {**os.environ, **own, **path, **environment})


def finished(*processes: ForkedProcess) -> list[tuple[int | None, str]]:
    """Exit status and everything printed, of each."""
    printed = [process.communicate() for process in processes]
    return [(process.returncode, text) for process, text in zip(processes, printed, strict=True)]


def train(base: Path) -> tuple[int | None, str]:
    return finished(start(base))[0]


def on_two_hosts(folder: Path, **hyperparameters: object) -> tuple[Path, Path]:
    """A base folder for each of two hosts of one job, with the same images."""
    first, second = (lay_out(folder / name, COUNTS, **hyperparameters) for name in HOSTS)
    for base in (first, second):
        resources = {
            "hosts": list(HOSTS),
            "current_host": base.name,
            "network_interface_name": "lo",
        }
        write(base / "input" / "config" / "resourceconfig.json", resources)
    return first, second


def start_all(
    bases: Sequence[Path], program: Sequence[str] = ("-m", "container.train")
) -> list[ForkedProcess]:
    port = free_port()
    return [start(base, port, program) for base in bases]


def start_workers(bases: Sequence[Path], module: str) -> list[ForkedProcess]:
    """A job's processes, one on each host, as torchrun would start them."""
    port = free_port()
    torchruns = {
        "TORCHELASTIC_RUN_ID": "none",
        "GLOO_SOCKET_IFNAME": "lo",
        "MASTER_ADDR": HOSTS[0],
        "LOCAL_RANK": "0",
        "WORLD_SIZE": str(len(bases)),
    }
    return [
        start(base, port, ("-m", module), {**torchruns, "RANK": str(rank)})
        for rank, base in enumerate(bases)
    ]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOSTS[0], 0))
        return int(listener.getsockname()[1])


def epochs(printed: str) -> list[int]:
    return [int(number) for number in re.findall(r"^epoch=(\d+)/", printed, re.MULTILINE)]


def failure(base: Path) -> str:
    return (base / "output" / "failure").read_text()
