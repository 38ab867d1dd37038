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

from container.errors import Stopped, TrainingError

FAILURE_LENGTH = 1024  # characters that SageMaker shows as FailureReason
STOPPED = 128 + signal.SIGTERM


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

    def channel(self, name: str) -> Path:
        return self.base / "input" / "data" / name

    def hyperparameters(self) -> dict[str, str]:
        file = self.base / "input" / "config" / "hyperparameters.json"
        try:
            return {name: str(value) for name, value in json.loads(file.read_bytes()).items()}
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
        print(f"Error: {sentence}", flush=True)
        (made(self.base / "output") / "failure").write_text(sentence[:FAILURE_LENGTH])
        return 1


def stop_signal() -> Callable[[], bool]:
    """Listen to SIGTERM from now on: what is returned tells whether it has come."""
    came = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: came.set())
    return came.is_set


def made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
