"""`make train`: run one SageMaker training job on the staged images and hand its model over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import ClientError

from scones import cli, handover
from scones.aws import Account
from scones.clients import S3Client, SageMakerClient
from scones.errors import UserError
from scones.handover import Inputs
from scones.json_object import JsonObject
from scones.outputs import Outputs
from scones.progress import Step
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.training import (
    jobs,
    live_model,
    quality_gate,
    registry,
    trained_models,
    verdict,
)
from scones.training.failures import failure, refusal
from scones.training.follow import follow
from scones.training.inputs import read_inputs, record_inputs, update_reviewed
from scones.training.job_spec import JobSpec
from scones.training.report import Report, publish
from scones.training.request import (
    ALGORITHMS,
    SCRIPT,
    job_name,
    job_name_prefix,
    training_job_request,
)
from scones.training.screen import Screen
from scones.training.trained_models import Candidate
from scones.training.verdict import Verdict
from scones.version import code_version
from scones.workflow.preconditions import require_staged_images


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("train")
    arguments.add_argument(
        "--job",
        default="",
        help="follow this job and hand its model over, instead of starting one",
    )
    arguments.add_argument(
        "--retrain",
        action="store_true",
        help="start a job even when nothing has changed",
    )
    arguments.add_argument(
        "--force",
        action="store_true",
        help="hand the model over even if it misses the quality gate",
    )
    arguments.add_argument(
        "--algorithm",
        choices=ALGORITHMS,
        default=SCRIPT,
        help=f"our training script or SageMaker's built-in algorithm (default: {SCRIPT})",
    )
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    account = Account.of(target)
    outputs = Stack(target, account).ensure_provisioned()
    package = target.root / "python" / "container"
    trainer = Trainer(target, account, outputs, package, options.force)
    if options.job:
        return trainer.resume(options.job)
    return trainer.train(options.algorithm, options.retrain)


@dataclass(frozen=True)
class Trainer:
    """Trains in one account with the settings of Terraform's outputs.

    Attributes:
        package: the folder of the training script's package.
        force: hand over a model that misses its quality gate.
    """

    target: Target
    account: Account
    outputs: Outputs
    package: Path
    force: bool = False

    def train(self, algorithm: str, retrain: bool) -> int:
        """Hand over a model of the staged images.

        Unless `retrain`, a running job or an earlier model of the same inputs is used.

        Raises:
            UserError: nothing suitable is staged, the quality gate has an unknown limit, AWS
                refuses the job, or the job fails.
        """
        quality_gate.validate(self.outputs.quality_gate, self._settings)
        staged = require_staged_images(self._s3, self.outputs, self.target, "stage")
        manifest, sentence = update_reviewed(self._s3, self.outputs, staged)
        if sentence:
            cli.say(sentence)
        version = code_version(self.target.root)
        spec = JobSpec.of(algorithm, manifest, self.outputs, self.package, version)
        if not retrain:
            prefix = job_name_prefix(self.target.prefix, spec.inputs.fingerprint)
            running = jobs.find_names(self._sagemaker, prefix, "InProgress")
            if running:
                return self.resume(running[0])
            candidate = trained_models.find_model(
                spec.inputs,
                self.target.handover,
                prefix,
                self.outputs,
                self._s3,
                self._sagemaker,
            )
            if candidate:
                return self._finish_unchanged(candidate)
        return self._follow(self._start(spec), spec.inputs)

    def resume(self, job: str) -> int:
        """Follow an existing job, and hand its model over.

        Raises:
            UserError: the job is missing, was not started by `make train`, or fails; or the
                quality gate has an unknown limit.
        """
        quality_gate.validate(self.outputs.quality_gate, self._settings)
        description = jobs.describe(self._sagemaker, job)
        if description is None:
            raise UserError(
                f"There is no training job {job} in account {self.account.id}, "
                f'{self.account.region}. Run "{self._command}" to start one.'
            )
        inputs = read_inputs(self._s3, self.outputs.data_bucket, job)
        if description["TrainingJobStatus"] in jobs.ENDED:
            return self._finish_job(description, inputs)
        return self._follow(job, inputs)

    def _start(self, spec: JobSpec) -> str:
        """Start a job; returns its name."""
        bucket = self.outputs.data_bucket
        name = job_name(self.target.prefix, spec.inputs.fingerprint, datetime.now(UTC))
        spec.source.upload(self._s3, bucket)
        record_inputs(self._s3, bucket, name, spec.inputs)
        request = training_job_request(name, spec.recipe, self.outputs)
        try:
            jobs.start(request, self.account.session, self.target.build)
        except ClientError as error:
            sentence = refusal(error.response["Error"], self.outputs.training, self._settings)
            if sentence:
                raise UserError(sentence) from None
            raise
        return name

    def _follow(self, job: str, inputs: Inputs) -> int:
        cli.say(f"Following training job {job}. Ctrl-C stops following, not the job.")
        screen = Screen()
        try:
            description = follow(job, self._sagemaker, self.account.client("logs"), screen)
        except KeyboardInterrupt:
            resume = f"{self._command} JOB={job}"
            cli.say(f'Stopped following; the job continues. "{resume}" follows it again.')
            return cli.INTERRUPTED
        return self._finish_job(description, inputs)

    def _finish_job(self, description: JsonObject, inputs: Inputs) -> int:
        sentence = failure(description, self._command, self._settings)
        if sentence:
            raise UserError(sentence)
        candidate = trained_models.model_of_job(description, inputs, self.outputs, self._s3)
        figures = trained_models.summary(candidate.model)
        duration = jobs.duration(description)
        return self._finish(
            candidate,
            f"Trained {candidate.model.training_job}: {figures}; {duration}.",
        )

    def _finish_unchanged(self, candidate: Candidate) -> int:
        figures = trained_models.summary(candidate.model)
        return self._finish(
            candidate,
            f"Nothing changed since job {candidate.model.training_job}: {figures}. "
            f'"{self._command} RETRAIN=1" trains again.',
        )

    def _finish(self, candidate: Candidate, result: str) -> int:
        """Judge, report and register the candidate; hand it over if it passes or is forced.

        `result` is the result line, to which the model's caveats are added.
        """
        live = live_model.find_with_predictions(self.outputs, self._sagemaker, self._s3)
        judged = verdict.reach(candidate, live, self.outputs.quality_gate, self.force)
        model = judged.model
        cli.say(judged.standing)
        cli.result(result + trained_models.caveats(model))
        # Before report and registry: whatever fails there, the model is not lost.
        if judged.hands_over and model != handover.read(self.target.handover):
            handover.write(self.target.handover, model)
        with Step("Writing the report"):
            report = self._publish_report(judged, candidate)
        cli.say(f"Report: {report}")
        again = f"{self._command} JOB={model.training_job}"
        registry.try_to_register(
            model, self.outputs.model_package_group, again, self._sagemaker, self._s3
        )
        if not judged.hands_over:
            return cli.fail(verdict.refusal(judged.gate, f"{again} FORCE=1", self._settings))
        cli.say(f"Next: {self.target.command('apply')}")
        return 0

    def _publish_report(self, judged: Verdict, candidate: Candidate) -> Path:
        """Publish the training report; returns its path below the project's root."""
        job = jobs.describe(self._sagemaker, judged.model.training_job) or {}
        report = Report(
            model=judged.model,
            files=candidate.artifact.files,
            standing=judged.standing,
            checks=judged.checks,
            hyperparameters=job.get("HyperParameters", {}),
        )
        path = publish(report, self.target.build, self._s3)
        return path.relative_to(self.target.root)

    @property
    def _command(self) -> str:
        return self.target.command("train")

    @property
    def _settings(self) -> str:
        return str(self.target.settings_file.relative_to(self.target.root))

    @property
    def _s3(self) -> S3Client:
        client: S3Client = self.account.client("s3")
        return client

    @property
    def _sagemaker(self) -> SageMakerClient:
        client: SageMakerClient = self.account.client("sagemaker")
        return client
