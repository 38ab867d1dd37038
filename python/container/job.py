"""A training job as SageMaker lays it out under /opt/ml: folders, stop signal, failures."""

from __future__ import annotations

import json
import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from container.errors import Stopped, TrainingError

FAILURE_LENGTH = 1024  # characters that SageMaker shows as FailureReason
STOPPED = 128 + signal.SIGTERM
GPU_FAMILIES = ("ml.g", "ml.p")  # beginnings of the instance types that have GPUs


@dataclass(frozen=True)
class Hosts:
    """The job's hosts in one order for all, this one's name, and its network interface."""

    names: list[str]
    current: str
    interface: str = ""


@dataclass(frozen=True)
class Job:
    base: Path

    @classmethod
    def here(cls) -> Job:
        return cls(Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")))

    @property
    def model(self) -> Path:
        """The folder that becomes model.tar.gz."""
        return ensure_folder(self.base / "model")

    @property
    def checkpoints(self) -> Path:
        """The folder that outlives a spot interruption."""
        return ensure_folder(self.base / "checkpoints")

    @property
    def failure(self) -> Path:
        """The file with the reason why the job failed."""
        return ensure_folder(self.base / "output") / "failure"

    def channel(self, name: str) -> Path:
        return self.base / "input" / "data" / name

    def hyperparameters(self) -> dict[str, str]:
        return {name: str(value) for name, value in self._config("hyperparameters").items()}

    def instance_type(self) -> str:
        """The instance type in resourceconfig.json, such as ml.g4dn.xlarge; empty without one."""
        return str(self._config("resourceconfig").get("current_instance_type") or "")

    def hosts(self) -> Hosts:
        """The hosts in resourceconfig.json; without it, this host alone."""
        config = self._config("resourceconfig")
        if not config:
            return Hosts(["localhost"], "localhost")
        try:
            interface = config.get("network_interface_name", "")
            hosts = Hosts(sorted(config["hosts"]), config["current_host"], interface)
            hosts.names.index(hosts.current)
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError(
                f"resourceconfig.json must name all hosts, including this one: {error}."
            ) from error
        return hosts

    def _config(self, name: str) -> dict[str, Any]:
        """Return a configuration file's JSON object; empty if there is no such file."""
        file = self.base / "input" / "config" / f"{name}.json"
        try:
            return dict(json.loads(file.read_bytes()).items())
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError) as error:
            raise TrainingError(f"{file.name} is not a JSON object: {error}.") from error

    def run(self, work: Callable[[Job], None]) -> int:
        """Run `work` and return the exit status. The reason of a failure goes to output/failure."""
        try:
            work(self)
        except Stopped as stopped:
            print(stopped, flush=True)
            return STOPPED
        except TrainingError as error:
            return self.fail(str(error))
        except Exception as error:
            traceback.print_exc()
            return self.fail(f"{type(error).__name__}: {error}")
        return 0

    def fail(self, sentence: str) -> int:
        """Report a failure, unless a process of this host has: the first one causes the others."""
        try:
            with self.failure.open("x") as file:
                file.write(sentence[:FAILURE_LENGTH])
        except FileExistsError:
            return 1
        print(f"Error: {sentence}", flush=True)
        return 1


def stop_signal() -> Callable[[], bool]:
    """Listen for SIGTERM from now on. The returned function says whether it has come."""
    received = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: received.set())
    return received.is_set


def ensure_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
