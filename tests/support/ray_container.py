"""SageMaker's Ray image without Docker: AWS's own start script and adapter, and Ray from pip.

Both scripts stay as they are but for the addresses in them: the container's fixed folders and ports
become a temporary folder and free ports.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests
from artifacts import environment
from paths import ROOT

ENTRY_POINT, ADAPTER = "sagemaker_entrypoint.sh", "sagemaker_serve.py"
SECONDS = 240  # until a container is healthy, or has failed for good; the script alone sleeps 15

VARIABLE = "CONTAINERS"
# The Python of another virtual environment, such as one with the image's versions.
CONTAINER_PYTHON = Path(os.environ.get("CONTAINER_PYTHON", sys.executable))
UNSET = (
    f"{VARIABLE} names no folder. Give AWS's scripts, which are not part of this project: "
    f"make conformance {VARIABLE}=<checkout of github.com/aws/deep-learning-containers>"
)


def find_scripts(name: str) -> Path:
    """The folder of both scripts: the given one, or their place in a checkout."""
    given = Path(os.environ.get("CALLED_FROM", ROOT)) / name
    for folder in (given, given / "scripts" / "ray"):
        if all((folder / script).is_file() for script in (ENTRY_POINT, ADAPTER)):
            return folder
    pytest.fail(f"{given} holds neither {ENTRY_POINT} and {ADAPTER} nor scripts/ray with both.")


@dataclass(frozen=True)
class RayContainer:
    """`url` is the adapter's address, `ray_url` that of Ray's proxy."""

    folder: Path
    url: str
    ray_url: str

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def ping(self) -> int:
        """Status of the health check; 0 where nothing answers yet."""
        return get(f"{self.url}/ping")

    def invoke(self, body: bytes, content_type: str) -> requests.Response:
        return requests.post(
            f"{self.url}/invocations",
            data=body,
            headers={"Content-Type": content_type, "Accept": "*/*"},
            timeout=SECONDS,
        )


def get(url: str) -> int:
    try:
        return requests.get(url, timeout=30).status_code
    except requests.ConnectionError:
        return 0


@contextmanager
def ray_container(
    scripts: Path,
    model: Path,
    variables: Mapping[str, str],
) -> Iterator[RayContainer]:
    """Start the image's entry point for an unpacked model archive, with a model's variables."""
    # Ray's sockets lie in this folder, and their names must stay short.
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))
    cluster, ray, adapter = map(str, free_ports(3))
    addresses = {
        "/opt/ml/model": str(model),
        "/app/": f"{folder}/",
        "6379": cluster,
        "8000": ray,
        "8080": adapter,
    }
    for script in (ENTRY_POINT, ADAPTER):
        text = (scripts / script).read_text()
        (folder / script).write_text(replace_all(text, addresses))
    own = {name: replace_all(value, addresses) for name, value in variables.items()}
    started = environment(
        RAY_TMPDIR=str(folder),
        RAY_USAGE_STATS_ENABLED="0",
        PATH=f"{CONTAINER_PYTHON.absolute().parent}:/usr/bin:/bin",
        **own,
    )
    with (folder / "log").open("w") as log:
        subprocess.Popen(
            ["bash", str(folder / ENTRY_POINT), "serve"],
            env=started,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield RayContainer(folder, f"http://127.0.0.1:{adapter}", f"http://127.0.0.1:{ray}")
    finally:
        end(folder)
        shutil.rmtree(folder, ignore_errors=True)


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def replace_all(text: str, replacements: Mapping[str, str]) -> str:
    for old, new in replacements.items():
        text = text.replace(old, new)
    return text


def end(folder: Path) -> None:
    """Kill what the entry point started: Ray's daemons, too, have the folder in their variables."""
    deadline = time.monotonic() + 30
    while (processes := list(processes_of(folder))) and time.monotonic() < deadline:
        for process in processes:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(processes, timeout=5)


def processes_of(folder: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            is_ours = process.environ().get("RAY_TMPDIR") == str(folder)
            if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                yield process
