"""A copy of the project as a user clones it, with its own local AWS, for the end-to-end tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from eventually import eventually
from model_servers import ray_files
from paths import ROOT
from serving_endpoints import packed
from terminals import Terminal, run_in_terminal

SOURCES = (
    "Makefile",
    "pyproject.toml",
    "constraints.txt",
    "terraform",
    "python",
    "lambdas",
    "states",
)
ACCOUNT = "123456789012"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.egg-info", ".terraform")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
TIMEOUT = 900  # seconds; only a verb that hangs takes so long
ENDPOINT = "scones-local-classifier"


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
        assert CONTROL.findall(done.stdout + done.stderr) == [], "no terminal, no control character"
        return done

    def make_on_terminal(self, *words: str, columns: int = 80) -> Terminal:
        """Run `make WORDS` on a terminal to its end; return what it shows."""
        status, terminal = run_in_terminal(
            ["make", *words], columns, self.folder, self.environment()
        )
        assert status == 0, terminal.text
        return terminal

    def logged(self, pattern: str) -> Callable[[], bool]:
        """Whether terraform's log has got a line that matches `pattern` from now on."""
        log = self.folder / "build" / "local" / "terraform.log"
        start = log.stat().st_size if log.exists() else 0

        def look() -> bool:
            return log.exists() and re.search(pattern, log.read_text()[start:]) is not None

        return look

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

    def interrupt(self, *words: str, at: str | Callable[[], bool]) -> str:
        """Start `make WORDS` and kill it when its output matches `at`, or when `at` returns true.

        Returns what it has printed. A verb may end before that.
        """
        process = self.start(*words)
        output = ""
        if isinstance(at, str):
            output = read_until(process, at)
        else:
            eventually(lambda: at() or process.poll() is not None)
        return output + kill(process)

    def has_images(self) -> bool:
        """Whether the data bucket has a training image."""
        s3, bucket = self.client("s3"), f"scones-local-data-{ACCOUNT}"
        try:
            listing = s3.list_objects_v2(Bucket=bucket, Prefix="train/", MaxKeys=1)
        except s3.exceptions.NoSuchBucket:
            return False
        return bool(listing["KeyCount"])

    def kill_account(self) -> None:
        """Kill the local AWS; the next verb starts it again."""
        os.kill(int((self.folder / "build/local/aws/server.lock").read_text()), signal.SIGKILL)

    def environment(self) -> dict[str, str]:
        """This machine's, without what a developer's shell may carry."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not re.match(r"AWS_|TF_|PYTHONPATH|MAKE|MFLAGS", name)
        }
        # Relative to the checkout: a line that names the whole path would be wider than a terminal.
        return {**inherited, "SCONES_CACHE": "cache"}

    @cached_property
    def exports(self) -> dict[str, str]:
        """The lines that `make local-status` prints for a shell."""
        status = self.make("local-status").stdout
        return dict(re.findall(r"^export (\w+)=(\S+)$", status, re.MULTILINE))

    def client(self, service: str) -> Any:
        """A boto3 client of the checkout's local AWS."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.exports["AWS_ENDPOINT_URL"],
            region_name=self.exports["AWS_REGION"],
            aws_access_key_id=self.exports["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.exports["AWS_SECRET_ACCESS_KEY"],
        )

    def execute(self, machine: str, bucket: str, key: str) -> dict[str, Any]:
        """One execution of a state machine for s3://bucket/key, after its end."""
        states = self.client("stepfunctions")
        event = json.dumps({"s3_bucket": bucket, "s3_key": key})
        started = states.start_execution(stateMachineArn=machine, input=event)

        def end() -> dict[str, Any] | None:
            execution = states.describe_execution(executionArn=started["executionArn"])
            return dict(execution) if execution["status"] != "RUNNING" else None

        return dict(eventually(end))

    def outputs(self) -> dict[str, Any]:
        """Terraform's outputs, read from its state."""
        account = self.client("sts").get_caller_identity()["Account"]
        state = self.client("s3").get_object(
            Bucket=f"scones-local-state-{account}", Key="terraform.tfstate"
        )
        outputs = json.loads(state["Body"].read())["outputs"]
        return {name: output["value"] for name, output in outputs.items()}

    def built(self, name: str) -> dict[str, Any]:
        """A JSON file that a verb wrote into build/local."""
        return dict(json.loads((self.folder / "build" / "local" / name).read_text()))

    def handover(self) -> dict[str, Any]:
        """The model that the next apply serves."""
        return dict(self.built("model.tfvars.json")["model"])

    def is_handed_over(self) -> bool:
        return (self.folder / "build" / "local" / "model.tfvars.json").exists()

    def hand_over(self, model: dict[str, Any]) -> None:
        """Write the hand-over by hand."""
        file = self.folder / "build" / "local" / "model.tfvars.json"
        file.write_text(json.dumps({"model": model}))

    def hand_over_broken_model(self) -> None:
        """Hand over a model of other classes, which no container can load, in place of the last."""
        bucket, key = self.outputs()["data_bucket"], "models/broken/output/model.tar.gz"
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=broken_model())
        broken = {
            "name": "scones-local-broken",
            "data_url": f"s3://{bucket}/{key}",
            "classes": ["bus", "motorcycle"],
        }
        self.hand_over({**self.handover(), **broken})

    def endpoint(self) -> dict[str, Any]:
        """SageMaker's description of the endpoint."""
        description = self.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)
        del description["ResponseMetadata"]
        return dict(description)

    def training_jobs(self) -> list[str]:
        """Names of the account's training jobs, the newest first."""
        jobs = self.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
        return [job["TrainingJobName"] for job in jobs]

    @property
    def settings(self) -> Path:
        return self.folder / "terraform" / "targets" / "local.tfvars"

    def train_briefly(self, epochs: int) -> None:
        """Set few epochs, and no quality gate, since few epochs do not reach it."""
        hyperparameters = f"hyperparameters = {{ epochs = {epochs} }}"
        self.change_settings(r"training = \{", f"training = {{\n  {hyperparameters}")
        self.change_settings(r"quality_gate = \{.*?\}", "quality_gate = {}")

    def change_settings(self, pattern: str, replacement: str) -> None:
        """Replace the one part of the target's settings that matches `pattern`."""
        before = self.settings.read_text()
        after, count = re.subn(pattern, replacement, before, count=1, flags=re.DOTALL)
        assert count == 1, f"{pattern} is not in {self.settings}"
        self.settings.write_text(after)


def check_out(folder: Path) -> Checkout:
    """Copy the project into `folder`."""
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=LEFT_OUT)
        else:
            shutil.copy2(source, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return Checkout(folder)


def broken_model() -> bytes:
    """A model.tar.gz whose code raises an exception when it is loaded."""
    return packed(ray_files("raise RuntimeError('these weights fit no network')"))


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """The output of a started verb, up to the first line that matches `pattern`."""
    assert process.stdout is not None
    output = ""
    for line in process.stdout:
        output += line
        if re.search(pattern, line):
            break
    return output


def kill(process: subprocess.Popen[str]) -> str:
    """End a verb as a power cut does: make, Python and terraform at once; return its output."""
    with suppress(ProcessLookupError):  # it has ended by itself
        os.killpg(process.pid, signal.SIGKILL)
    output, _ = process.communicate()
    return output
