"""`make train`: one SageMaker training job on the staged images, followed to its end, and its model handed over."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from scones import cli, handover
from scones.aws import Account
from scones.errors import UserError
from scones.handover import Inputs
from scones.outputs import Outputs
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.training import (
    jobs,
    live_model,
    quality_gate,
    registry,
    report_files,
    sagemaker_jobs,
    trained_models,
    verdict,
)
from scones.training.failures import failure, refusal
from scones.training.follow import follow
from scones.training.inputs import read_inputs, read_staged, record_inputs, update_reviewed
from scones.training.job_spec import JobSpec
from scones.training.report import Report
from scones.training.request import (
    ALGORITHMS,
    SCRIPT,
    job_name,
    job_name_prefix,
    training_job_request,
)
from scones.training.screen import Screen
from scones.training.summary import duration, figures, remark
from scones.training.trained_models import Candidate
from scones.version import code_version


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("train")
    arguments.add_argument(
        "--job", default="", help="follow this job and hand its model over, instead of starting one"
    )
    arguments.add_argument(
        "--retrain", action="store_true", help="start a job even when nothing has changed"
    )
    arguments.add_argument(
        "--force",
        action="store_true",
        help="hand the model over even if it misses its quality gate",
    )
    arguments.add_argument("--algorithm", choices=ALGORITHMS, default=SCRIPT)
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    account = Account.of(target)
    outputs = Stack(target, account).ensure_provisioned()
    trainer = Trainer(target, account, outputs, target.root / "python" / "container", options.force)
    return (
        trainer.take_up(options.job)
        if options.job
        else trainer.train(options.algorithm, options.retrain)
    )


@dataclass(frozen=True)
class Trainer:
    """Trains in one account as Terraform's outputs say.

    Attributes:
        package: the folder of the training script's package.
        force: hand a model over that misses its quality gate.
    """

    target: Target
    account: Account
    outputs: Outputs
    package: Path
    force: bool = False

    def train(self, algorithm: str, retrain: bool) -> int:
        """Hand over a model of what is staged: one that there is already, unless `retrain`, or that of a new job.

        Raises:
            UserError: nothing fit is staged, the quality gate makes no sense, AWS refuses the job, or it fails.
        """
        quality_gate.expect_known(self.outputs.quality_gate, self._settings)
        staged = read_staged(self._s3, self.outputs, self.target.command("stage"))
        manifest, sentence = update_reviewed(self._s3, self.outputs, staged)
        if sentence:
            cli.say(sentence)
        spec = JobSpec.of(
            algorithm, manifest, self.outputs, self.package, code_version(self.target.root)
        )
        if not retrain:
            name_start = job_name_prefix(self.target.prefix, spec.inputs.fingerprint)
            if running := jobs.named(self._sagemaker, name_start, "InProgress"):
                return self.take_up(running[0])
            file = self.target.handover
            if there := trained_models.known(
                spec.inputs, file, name_start, self.outputs, self._s3, self._sagemaker
            ):
                return self._unchanged(there)
        return self._follow(self._start(spec), spec.inputs)

    def take_up(self, job: str) -> int:
        """Follow a job that there is already, and hand its model over.

        Raises:
            UserError: there is no such job, it is none of ours, it fails, or the quality gate makes no sense.
        """
        quality_gate.expect_known(self.outputs.quality_gate, self._settings)
        description = jobs.describe(self._sagemaker, job)
        if description is None:
            raise UserError(
                f"There is no training job {job} in account {self.account.id}, {self.account.region}. "
                f'Run "{self._command}" to start one.'
            )
        inputs = read_inputs(self._s3, self.outputs.data_bucket, job)
        if description["TrainingJobStatus"] in jobs.ENDED:
            return self._ended(description, inputs)
        return self._follow(job, inputs)

    def _start(self, spec: JobSpec) -> str:
        """Start a job; returns its name."""
        bucket = self.outputs.data_bucket
        name = job_name(self.target.prefix, spec.inputs.fingerprint, datetime.now(UTC))
        spec.source.upload(self._s3, bucket)
        record_inputs(self._s3, bucket, name, spec.inputs)
        request = training_job_request(name, spec.recipe, self.outputs)
        try:
            sagemaker_jobs.start(request, self.account.session, self.target.build)
        except ClientError as error:
            if sentence := refusal(error.response["Error"], self.outputs.training, self._settings):
                raise UserError(sentence) from None
            raise
        return name

    def _follow(self, job: str, inputs: Inputs) -> int:
        cli.say(f"Following training job {job}. Ctrl-C stops following, not the job.")
        try:
            description = follow(
                job, self._sagemaker, self.account.client("logs"), Screen(sys.stderr)
            )
        except KeyboardInterrupt:
            cli.say(
                f'Stopped following; the job goes on. "{self._command} JOB={job}" takes it up again.'
            )
            return cli.INTERRUPTED
        return self._ended(description, inputs)

    def _ended(self, description: Mapping[str, Any], inputs: Inputs) -> int:
        if sentence := failure(description, self._command, self._settings):
            raise UserError(sentence)
        candidate = trained_models.of_job(description, inputs, self.outputs, self._s3)
        job = candidate.model.training_job
        return self._finish(
            candidate, f"Trained {job}: {figures(candidate.model)}; {duration(description)}."
        )

    def _unchanged(self, candidate: Candidate) -> int:
        return self._finish(
            candidate,
            f"Nothing changed since job {candidate.model.training_job}: {figures(candidate.model)}. "
            f'"{self._command} RETRAIN=1" trains again.',
        )

    def _finish(self, candidate: Candidate, sentence: str) -> int:
        """Judge the candidate, and hand it over if it passes its gate or is forced through; `sentence` tells of it."""
        live = live_model.find(self.outputs, self._sagemaker, self._s3)
        reached = verdict.reach(candidate, live, self.outputs.quality_gate, self.force)
        model = reached.model
        cli.say(reached.standing)
        cli.result(sentence + remark(model))
        cli.say(f"Report: {self._reported(reached, candidate)}")
        registry.register(model, self.outputs.model_package_group, self._sagemaker, self._s3)
        if not reached.hands_over:
            forced = f"{self._command} JOB={model.training_job} FORCE=1"
            return cli.fail(verdict.refusal(reached.gate, forced, self._settings))
        if model != handover.read(self.target.handover):
            handover.write(self.target.handover, model)
        cli.say(f"Next: {self.target.command('apply')}")
        return 0

    def _reported(self, reached: verdict.Verdict, candidate: Candidate) -> Path:
        """Publish the training report; returns where to look at it."""
        job = jobs.describe(self._sagemaker, reached.model.training_job) or {}
        report = Report(
            model=reached.model,
            files=candidate.artifact.files,
            standing=reached.standing,
            limits=self.outputs.quality_gate,
            hyperparameters=job.get("HyperParameters", {}),
        )
        return report_files.publish(report, self.target.build, self._s3).relative_to(
            self.target.root
        )

    @property
    def _command(self) -> str:
        return self.target.command("train")

    @property
    def _settings(self) -> str:
        return str(self.target.settings_file.relative_to(self.target.root))

    @property
    def _s3(self) -> Any:
        return self.account.client("s3")

    @property
    def _sagemaker(self) -> Any:
        return self.account.client("sagemaker")
