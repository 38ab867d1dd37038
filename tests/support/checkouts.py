"""A checkout of its own for the end-to-end tests: what a user has after cloning, with its own local AWS."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

SOURCES = (
    "Makefile",
    "pyproject.toml",
    "constraints.txt",
    "terraform",
    "python",
    "lambdas",
    "states",
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.egg-info", ".terraform")
TIMEOUT = 400


@dataclass(frozen=True)
class Checkout:
    """A copy of the project; its verbs are run as a user runs them."""

    folder: Path

    def make(self, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run `make WORDS` to its end; its exit status must be `expect`."""
        done = subprocess.run(
            ["make", *words],
            cwd=self.folder,
            env=self.environment(),
            text=True,
            capture_output=True,
            timeout=TIMEOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert (done.returncode != 0) == (expect != 0), (
            f"make {' '.join(words)}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `make WORDS` in a process group of its own, to be killed."""
        return subprocess.Popen(
            ["make", *words],
            cwd=self.folder,
            env=self.environment(),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def environment(self) -> dict[str, str]:
        """This machine's, without what a developer's shell may carry."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not re.match(r"AWS_|TF_|PYTHONPATH|MAKE|MFLAGS", name)
        }
        return {**kept, "SCONES_CACHE": str(self.folder / "cache")}

    def client(self, service: str) -> Any:
        """A boto3 client of the checkout's local AWS."""
        status = self.make("local-status").stdout
        exports = dict(re.findall(r"^export (\w+)=(\S+)$", status, re.MULTILINE))
        return boto3.client(
            service,
            endpoint_url=exports["AWS_ENDPOINT_URL"],
            region_name=exports["AWS_REGION"],
            aws_access_key_id=exports["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=exports["AWS_SECRET_ACCESS_KEY"],
        )

    def outputs(self) -> dict[str, Any]:
        """Terraform's outputs, read from its state."""
        account = self.client("sts").get_caller_identity()["Account"]
        state = self.client("s3").get_object(
            Bucket=f"scones-local-state-{account}", Key="terraform.tfstate"
        )
        return {
            name: output["value"]
            for name, output in json.loads(state["Body"].read())["outputs"].items()
        }

    def train_briefly(self, epochs: int) -> None:
        """Have the target's settings ask for few epochs, and for nothing that those do not reach."""
        file = self.folder / "terraform" / "targets" / "local.tfvars"
        settings = file.read_text()
        changed = settings.replace(
            "training = {", f"training = {{\n  hyperparameters = {{ epochs = {epochs} }}", 1
        )
        ungated = re.sub(
            r"quality_gate = \{.*?\}", "quality_gate = {}", changed, count=1, flags=re.DOTALL
        )
        assert settings != changed != ungated
        file.write_text(ungated)


def kill(process: subprocess.Popen[str]) -> None:
    """End a verb as a power cut does: make, Python and terraform at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
