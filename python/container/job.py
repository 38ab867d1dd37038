"""A training job as SageMaker lays it out under /opt/ml: where things lie, how it is stopped, and how it fails."""

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


@dataclass(frozen=True)
class Hosts:
    """The job's hosts in one order for all, this one's name, and the network interface that leads to the others."""

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
        """What becomes model.tar.gz."""
        return made(self.base / "model")

    @property
    def checkpoints(self) -> Path:
        """What outlives a spot interruption."""
        return made(self.base / "checkpoints")

    @property
    def failure(self) -> Path:
        """Why the job has failed, where it has."""
        return made(self.base / "output") / "failure"

    def channel(self, name: str) -> Path:
        return self.base / "input" / "data" / name

    def hyperparameters(self) -> dict[str, str]:
        return {name: str(value) for name, value in self._config("hyperparameters").items()}

    def hosts(self) -> Hosts:
        """As resourceconfig.json has them; without it, this host alone."""
        config = self._config("resourceconfig") or {
            "hosts": ["localhost"],
            "current_host": "localhost",
        }
        try:
            hosts = Hosts(
                sorted(config["hosts"]),
                config["current_host"],
                config.get("network_interface_name", ""),
            )
            hosts.names.index(hosts.current)
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError(
                f"resourceconfig.json must name all hosts, this one too: {error}."
            ) from error
        return hosts

    def _config(self, name: str) -> dict[str, Any]:
        """A configuration file's JSON object; empty where there is no such file."""
        file = self.base / "input" / "config" / f"{name}.json"
        try:
            return dict(json.loads(file.read_bytes()).items())
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError) as error:
            raise TrainingError(f"{file.name} is no JSON object: {error}.") from error

    def run(self, story: Callable[[Job], None]) -> int:
        """Run `story` and return the exit status; what goes wrong is told in output/failure."""
        try:
            story(self)
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
        """Tell why, unless another process of this host has told already: the first failure brings about the others."""
        try:
            with self.failure.open("x") as file:
                file.write(sentence[:FAILURE_LENGTH])
        except FileExistsError:
            return 1
        print(f"Error: {sentence}", flush=True)
        return 1


def stop_signal() -> Callable[[], bool]:
    """Listen to SIGTERM from now on: what is returned tells whether it has come."""
    came = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: came.set())
    return came.is_set


def made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
