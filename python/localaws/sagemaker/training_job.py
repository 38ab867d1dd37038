"""One training job: its entry point runs as a process, in a folder laid out like /opt/ml."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localaws.sagemaker import opt_ml
from localaws.sagemaker.opt_ml import Checkpoints
from localaws.sagemaker.training_record import Record, compiled, metrics_in
from localaws.server import objects
from localaws.server.containers import Child, variables
from localaws.server.log_stream import LogStream
from localaws.server.patching import Account

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
OPT_ML = Path("/opt/ml")
GRACE_SECONDS = 20.0  # between SIGTERM and SIGKILL; 120 on AWS
# Threads of a job's arithmetic wait for each other all the time: on a machine that does other work too, as many threads
# as cores take many times as long as one.
THREADS = max(
    1,
    (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    // 2,
)
LOOK_SECONDS = 0.25  # how often a running job's limits are looked at
CHECKPOINT_SECONDS = 1.0  # how often checkpoints are uploaded


class JobError(Exception):
    """The job has failed; the text is its FailureReason."""


class TrainingJob(threading.Thread):
    """`request` is the CreateTrainingJob request, `job` moto's record of it."""

    def __init__(
        self, account: Account, account_id: str, region: str, request: Mapping[str, Any], job: Any
    ) -> None:
        super().__init__(name=request["TrainingJobName"], daemon=True)
        self._account = account
        self._account_id = account_id
        self._region = region
        self._request = request
        self._arn: str = job.arn
        self._output = (
            f"{request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self.name}/output"
        )
        self._patterns = compiled(request["AlgorithmSpecification"].get("MetricDefinitions") or [])
        self._created = time.monotonic()
        self._stop_asked = threading.Event()
        self._account_ends = threading.Event()
        self.record = Record(job)

    def stop(self) -> str | None:
        """Ask the entry point to end; returns the status of a job that has ended already."""
        status = self.record.stopping()
        self._stop_asked.set()
        return status

    def end(self) -> None:
        """End at once, with the account."""
        self._account_ends.set()

    def run(self) -> None:
        base = self._account.state / "training" / self.name
        try:
            self._work(base)
        except JobError as error:
            self.record.end("Failed", "Failed", str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("Training job %s", self.name)
            self.record.end("Failed", "Failed", f"InternalServerError: {error!r}")
        finally:
            shutil.rmtree(base, ignore_errors=True)

    def _work(self, base: Path) -> None:
        command = opt_ml.entry_point(self._request, base)
        if not command:
            image = self._request["AlgorithmSpecification"].get("TrainingImage", "")
            raise JobError(
                f"ClientError: this image has no local container; {image} runs on AWS only."
            )
        if (hosts := self._request["ResourceConfig"].get("InstanceCount", 1)) > 1:
            raise JobError(
                f"ClientError: the local AWS trains on one host, not on {hosts}; ask for InstanceCount 1."
            )
        self.record.enter("Downloading")
        self.record.instances_started()
        opt_ml.lay_out(base, self._request)
        checkpoints = self._checkpoints(base)
        self._download(base, checkpoints)
        ended_by = self._reason_to_end()
        if ended_by is None:
            self.record.enter("Training")
            ended_by = self._run_container([*command], base, checkpoints)
        self.record.enter("Uploading")
        self._upload(base)
        self.record.end(ended_by or "Completed", "Stopped" if ended_by else "Completed")

    def _download(self, base: Path, checkpoints: Checkpoints | None) -> None:
        try:
            for channel in self._request.get("InputDataConfig") or []:
                opt_ml.download(self._account_id, self._region, channel, base)
            if checkpoints:
                checkpoints.download()
        except (opt_ml.DownloadError, objects.MissingError) as error:
            raise JobError(f"ClientError: Data download failed: {error}") from error

    def _run_container(
        self, command: list[str], base: Path, checkpoints: Checkpoints | None
    ) -> str | None:
        """Returns the secondary status of a job that had to be ended, or None. Raises JobError."""
        stream = f"{self.name}/{opt_ml.HOST}-{int(time.time())}"
        log = LogStream(self._account_id, self._region, LOG_GROUP, stream)
        child = Child(command, base, self._variables(base))
        reader = threading.Thread(target=self._follow, args=(child, log), daemon=True)
        reader.start()
        try:
            status, ended_by = self._watch(child, checkpoints)
        finally:
            child.kill()
            reader.join()
        self._sync(checkpoints)
        if status and ended_by is None:
            raise JobError(f"AlgorithmError: {opt_ml.failure(base)}, exit code: {status}")
        return ended_by

    def _watch(self, child: Child, checkpoints: Checkpoints | None) -> tuple[int, str | None]:
        """Wait for the end, keep the limits. Returns exit status and why it had to be ended."""
        started = time.monotonic()
        ended_by: str | None = None
        kill_at = synced = started
        while (status := child.wait(LOOK_SECONDS)) is None:
            now = time.monotonic()
            if self._account_ends.is_set():
                child.kill()
            elif ended_by is None:
                ended_by = self._reason_to_end(started)
                if ended_by is not None:
                    self.record.stopping()
                    child.send(signal.SIGTERM)
                    kill_at = now + GRACE_SECONDS
            elif now > kill_at:
                child.kill()
            if now - synced > CHECKPOINT_SECONDS:
                self._sync(checkpoints)
                synced = now
        return status, ended_by

    def _reason_to_end(self, started: float | None = None) -> str | None:
        """A secondary status: on AWS waiting for a spot instance counts to MaxWait, training alone to MaxRuntime."""
        now = time.monotonic()
        limits = self._request.get("StoppingCondition") or {}
        if self._stop_asked.is_set():
            return "Stopped"
        if started is not None and now - started > limits.get("MaxRuntimeInSeconds", 24 * 3600):
            return "MaxRuntimeExceeded"
        if (
            self._request.get("EnableManagedSpotTraining")
            and now - self._created > limits["MaxWaitTimeInSeconds"]
        ):
            return "MaxWaitTimeExceeded"
        return None

    def _follow(self, child: Child, log: LogStream) -> None:
        for line in child.lines():
            log.write(line)
            if metrics := metrics_in(line, self._patterns):
                self.record.measure(metrics)

    def _upload(self, base: Path) -> None:
        try:
            opt_ml.upload_archive(self._account_id, base / "model", f"{self._output}/model.tar.gz")
            if any((base / "output" / "data").iterdir()):
                opt_ml.upload_archive(
                    self._account_id, base / "output" / "data", f"{self._output}/output.tar.gz"
                )
        except objects.MissingError as error:
            raise JobError(
                f"ClientError: Artifact upload failed: there is no bucket for {error}"
            ) from error

    def _checkpoints(self, base: Path) -> Checkpoints | None:
        config = self._request.get("CheckpointConfig")
        if not config:
            return None
        folder = Path(opt_ml.moved(config.get("LocalPath") or f"{OPT_ML}/checkpoints", base))
        if not folder.is_relative_to(base):
            raise JobError(
                f"ClientError: on the local AWS checkpoints lie below {OPT_ML}, not in {folder}."
            )
        folder.mkdir(parents=True, exist_ok=True)
        return Checkpoints(self._account_id, config["S3Uri"], folder)

    def _sync(self, checkpoints: Checkpoints | None) -> None:
        try:
            if checkpoints:
                checkpoints.upload()
        except objects.MissingError as error:
            raise JobError(
                f"ClientError: Checkpoint upload failed: there is no bucket for {error}"
            ) from error

    def _variables(self, base: Path) -> dict[str, str]:
        own = {
            name: opt_ml.moved(value, base)
            for name, value in (self._request.get("Environment") or {}).items()
        }
        job = {
            "OMP_NUM_THREADS": str(THREADS),
            "SAGEMAKER_BASE_DIR": str(base),
            "TRAINING_JOB_NAME": self.name,
            "TRAINING_JOB_ARN": self._arn,
        }
        return {**variables(self._account, self._region, own), **job}
