"""One training job: its entry point runs as a process, in a folder laid out like /opt/ml."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localaws.iam.decisions import AccessDeniedError
from localaws.iam.sessions import Session
from localaws.json_object import JsonObject
from localaws.pace import Duration
from localaws.sagemaker import execution_role, opt_ml
from localaws.sagemaker.opt_ml import Checkpoints
from localaws.sagemaker.training_record import JobRecord, compile_patterns, parse_metrics
from localaws.server import containers, objects
from localaws.server.containers import Container
from localaws.server.cores import usable_cores
from localaws.server.log_stream import LogStream
from localaws.server.patching import Account

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
OPT_ML = "/opt/ml"
MAX_RUNTIME_SECONDS = 24 * 3600  # unless the request sets another limit
GRACE_SECONDS = 20.0  # between SIGTERM and SIGKILL; 120 on AWS
POLL_SECONDS = 0.25  # between two checks of a running job's limits
CHECKPOINT_SECONDS = 1.0  # between two uploads of checkpoints


INTERRUPTED = "InternalServerError: the local AWS ended while the job ran. Start a new job."


class JobError(Exception):
    """The job has failed; the text is its FailureReason."""


class TrainingJob(threading.Thread):
    """`request` is the CreateTrainingJob request, `job` moto's record of it.

    `session` is the role's, under which the job and SageMaker act.
    """

    def __init__(
        self,
        account: Account,
        session: Session,
        region: str,
        request: JsonObject,
        job: Any,
    ) -> None:
        super().__init__(name=request["TrainingJobName"], daemon=True)
        self._account = account
        self._session = session
        self._region = region
        self._request = request
        self._arn: str = job.arn
        self._base = account.state / "training" / self.name
        output = request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        self._output = f"{output}/{self.name}/output"
        definitions = request["AlgorithmSpecification"].get("MetricDefinitions") or []
        self._patterns = compile_patterns(definitions)
        self._image: str = request["AlgorithmSpecification"].get("TrainingImage", "")
        self._checkpoints: Checkpoints | None = None
        self._created = time.monotonic()
        self._stop_requested = threading.Event()
        self._account_ends = threading.Event()
        self._end_requested = threading.Event()  # by either of them
        self.record = JobRecord(job)

    def stop(self) -> str | None:
        """Ask the entry point to end; returns the status of a job that has ended already."""
        status = self.record.stopping()
        self._stop_requested.set()
        self._end_requested.set()
        return status

    def end(self) -> None:
        """End at once, with the account."""
        self._account_ends.set()
        self._end_requested.set()

    def run(self) -> None:
        try:
            self._work()
        except JobError as error:
            self.record.end("Failed", "Failed", str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("Training job %s", self.name)
            self.record.end("Failed", "Failed", f"InternalServerError: {error!r}")
        finally:
            shutil.rmtree(self._base, ignore_errors=True)

    def _work(self) -> None:
        command = opt_ml.entry_point(self._request, self._base)
        if not command:
            raise JobError(
                f"ClientError: {self._image} has no local container; it runs on AWS only."
            )
        hosts = self._request["ResourceConfig"].get("InstanceCount", 1)
        if hosts > 1:
            raise JobError(
                f"ClientError: the local AWS trains on one host, not on {hosts}; "
                "set InstanceCount to 1."
            )
        self._stay(Duration.JOB_START, self._end_requested)
        end_status = self._end_status()
        if end_status is None:
            end_status = self._train(command)
        else:
            self._stay(Duration.JOB_STOP, self._account_ends)
        if end_status is None:
            self.record.end("Completed", "Completed")
        else:
            self.record.end(end_status, "Stopped")

    def _train(self, command: Sequence[str]) -> str | None:
        """From the first instance on. Returns what `_run_container` returns."""
        self.record.enter("Downloading")
        self.record.instances_started()
        with _failing("Image download"):
            execution_role.pull(self._session, self._image)
        opt_ml.create_folders(self._base, self._request)
        self._download()
        self._stay(Duration.JOB_DOWNLOAD, self._end_requested)
        end_status = self._end_status()
        if end_status is None:
            self.record.enter("Training")
            end_status = self._run_container(command)
        if end_status is not None:
            self._stay(Duration.JOB_STOP, self._account_ends)
        self.record.enter("Uploading")
        self._upload()
        self._stay(Duration.JOB_UPLOAD, self._account_ends)
        return end_status

    def _stay(self, duration: Duration, end: threading.Event) -> None:
        """Stay in the current status for the rest of its duration, or until `end` is set."""
        end.wait(max(0.0, self.record.entered + duration.seconds - time.monotonic()))
        if self._account_ends.is_set():
            raise JobError(INTERRUPTED)

    def _download(self) -> None:
        self._checkpoints = self._find_checkpoints()
        try:
            for channel in self._request.get("InputDataConfig") or []:
                opt_ml.download(self._session, self._region, channel, self._base)
            if self._checkpoints:
                self._checkpoints.download()
        except (opt_ml.DownloadError, objects.MissingError, AccessDeniedError) as error:
            raise JobError(f"ClientError: Data download failed: {error}") from error

    def _find_checkpoints(self) -> Checkpoints | None:
        config = self._request.get("CheckpointConfig")
        if not config:
            return None
        local_path = config.get("LocalPath") or f"{OPT_ML}/checkpoints"
        folder = Path(opt_ml.relocate(local_path, self._base))
        if not folder.is_relative_to(self._base):
            raise JobError(
                f"ClientError: on the local AWS checkpoints lie below {OPT_ML}, not in {folder}."
            )
        folder.mkdir(parents=True, exist_ok=True)
        return Checkpoints(self._session, config["S3Uri"], folder)

    def _run_container(self, command: Sequence[str]) -> str | None:
        """Returns the secondary status of a job that had to be ended, or None. Raises JobError."""
        stream = f"{self.name}/{opt_ml.HOST}-{int(time.time())}"
        log = execution_role.open_log(self._session, self._region, LOG_GROUP, stream)
        container = Container(command, self._base, self._variables())
        reader = threading.Thread(target=self._follow, args=(container, log), daemon=True)
        reader.start()
        try:
            exit_status, end_status = self._watch(container)
        finally:
            container.kill()
            reader.join()
        self._upload_checkpoints()
        if self._account_ends.is_set():
            raise JobError(INTERRUPTED)
        if exit_status and end_status is None:
            failure = opt_ml.read_failure(self._base)
            raise JobError(f"AlgorithmError: {failure}, exit code: {exit_status}")
        return end_status

    def _watch(self, container: Container) -> tuple[int, str | None]:
        """Wait for the end and enforce the limits.

        Returns the exit status, and the secondary status of a job that had to be ended.
        """
        started = time.monotonic()
        end_status: str | None = None
        kill_at = uploaded = started
        while (exit_status := container.wait(POLL_SECONDS)) is None:
            now = time.monotonic()
            if self._account_ends.is_set():
                container.kill()
            elif end_status is None:
                end_status = self._end_status(started)
                if end_status is not None:
                    self.record.stopping()
                    container.send(signal.SIGTERM)
                    kill_at = now + GRACE_SECONDS
            elif now > kill_at:
                container.kill()
            if now - uploaded > CHECKPOINT_SECONDS:
                self._upload_checkpoints()
                uploaded = now
        return exit_status, end_status

    def _end_status(self, training_started: float | None = None) -> str | None:
        """The secondary status of a job that was stopped or has exceeded a limit, or None.

        On AWS, only training counts towards MaxRuntime; MaxWait includes waiting for an instance.
        """
        now = time.monotonic()
        limits = self._request.get("StoppingCondition") or {}
        if self._stop_requested.is_set():
            return "Stopped"
        max_runtime = limits.get("MaxRuntimeInSeconds", MAX_RUNTIME_SECONDS)
        if training_started is not None and now - training_started > max_runtime:
            return "MaxRuntimeExceeded"
        max_wait = limits.get("MaxWaitTimeInSeconds")  # only of a spot job
        if max_wait is not None and now - self._created > max_wait:
            return "MaxWaitTimeExceeded"
        return None

    def _follow(self, container: Container, log: LogStream) -> None:
        for line in container.lines():
            log.write(line)
            metrics = parse_metrics(line, self._patterns)
            if metrics and execution_role.publishes_metrics(self._session, LOG_GROUP):
                self.record.measure(metrics)

    def _upload(self) -> None:
        data = self._base / "output" / "data"
        with _failing("Artifact upload"):
            opt_ml.upload_archive(
                self._session, self._base / "model", f"{self._output}/model.tar.gz"
            )
            if any(data.iterdir()):
                opt_ml.upload_archive(self._session, data, f"{self._output}/output.tar.gz")

    def _upload_checkpoints(self) -> None:
        if self._checkpoints:
            with _failing("Checkpoint upload"):
                self._checkpoints.upload()

    def _variables(self) -> dict[str, str]:
        # A job takes every core, unless whoever started the account or the job says otherwise.
        environment = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(usable_cores()))}
        for name, value in (self._request.get("Environment") or {}).items():
            environment[name] = opt_ml.relocate(value, self._base)
        return {
            **containers.variables(self._account, self._region, environment),
            **self._session.variables(),
            "SAGEMAKER_BASE_DIR": str(self._base),
            "TRAINING_JOB_NAME": self.name,
            "TRAINING_JOB_ARN": self._arn,
        }


@contextmanager
def _failing(step: str) -> Iterator[None]:
    """Turn a missing bucket, or one that the role may not write, into a JobError."""
    try:
        yield
    except AccessDeniedError as error:
        raise JobError(f"ClientError: {step} failed: {error}") from error
    except objects.MissingError as error:
        raise JobError(f"ClientError: {step} failed: there is no bucket for {error}") from error
