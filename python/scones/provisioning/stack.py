"""The Terraform stack of one target: plan it, apply it, destroy it, and read its outputs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scones import handover
from scones.aws import Account
from scones.cli import confirm, say
from scones.errors import UserError
from scones.handover import Model
from scones.outputs import Outputs
from scones.provisioning import adoption, interruption, packaging, settling, terraform_config
from scones.provisioning.interruption import AccountLost
from scones.provisioning.state_bucket import StateBucket
from scones.provisioning.terraform import Planned, Terraform
from scones.settings import Target

ADOPTED = "adopted.tf"
UNSAVED_STATE = "errored.tfstate"  # of a terraform that lost its account


@dataclass(frozen=True)
class Plan:
    """A saved plan: its file, whether it changes anything, and its text if it was just made."""

    file: Path
    changes: bool
    text: str = ""


@dataclass(frozen=True)
class Stack:
    """The resources of one target in one account.

    Reading outputs takes one request to S3. Every other method runs terraform, and first packages
    the functions, creates the state bucket, initialises, and releases the lock of a killed run.
    """

    target: Target
    account: Account

    def outputs(self) -> Outputs | None:
        """Return what is provisioned; None if nothing is, or if an apply was interrupted."""
        try:
            return Outputs.parse(self._state_bucket.read_outputs())
        except (KeyError, TypeError):
            return None

    def require_outputs(self) -> Outputs:
        """Return what is provisioned.

        Raises:
            UserError: nothing is.
        """
        outputs = self.outputs()
        if outputs is None:
            command = self.target.command("apply")
            raise UserError(
                f'Nothing is provisioned for {self.target.name}. Run "{command}" first.'
            )
        return outputs

    def live_model(self) -> Model | None:
        """Return the hand-over of the model that was applied last."""
        model = self._state_bucket.read_outputs().get("model")
        return Model.parse(model) if model else None

    def ensure_provisioned(self, meanwhile: Callable[[], None] | None = None) -> Outputs:
        """Apply the settings unless they are applied, and return the outputs; keep the live model.

        `meanwhile` is called when a plan is about to be applied, which takes about half a minute:
        it starts work that does not need the outputs.

        Raises:
            UserError: the user declines the plan.
        """
        outputs = self.outputs()
        if outputs and self._is_applied(outputs):
            return outputs
        state = "The settings are not applied" if outputs else "Nothing is provisioned"
        say(f"{state} yet: running plan and apply first.")
        plan = self.plan(self.live_model(), self.target.build / "settings.tfplan")
        if plan.changes and not confirm(lambda: plan.text, "Apply this plan?", verbatim=True):
            command = self.target.command("plan")
            raise UserError(f'Nothing was changed. Run "{command}" to look at the plan again.')
        if meanwhile:
            meanwhile()
        return self.apply(plan)

    def plan(self, model: Model | None, file: Path) -> Plan:
        """Plan the settings with an endpoint for `model`, or without one, and save the plan.

        Waits until the endpoint has settled; one that failed is replaced.
        """
        terraform = self._terraform()
        interrupted = self.was_interrupted()
        variables = self._variable_files(model)
        sagemaker = self.account.client("sagemaker")
        replaced = settling.addresses_to_replace(self.target, sagemaker) if model else []
        with self._running():
            planned = terraform.plan(file, variables, replaced)
            if interrupted and planned.changes:
                planned = self._adopt(terraform, file, variables, replaced) or planned
        record = {"changes": planned.changes, "rests_on": self._input_digest(model)}
        _record_file(file).write_text(json.dumps(record))
        return Plan(file, planned.changes, planned.text)

    def saved_plan(self, model: Model | None) -> Plan | None:
        """Return the plan of changes that `make plan` saved, unless any of its inputs changed."""
        file = self.target.plan_file
        if self.was_interrupted() or not file.exists():
            return None
        try:
            record = json.loads(_record_file(file).read_text())
        except (FileNotFoundError, ValueError):
            return None
        if record["changes"] and record["rests_on"] == self._input_digest(model):
            return Plan(file, changes=True)
        return None

    def apply(self, plan: Plan) -> Outputs:
        """Apply a plan, delete all saved plans, and return the outputs.

        Raises:
            UserError: terraform fails, or leaves incomplete outputs.
        """
        if plan.changes:
            self._unfinished.touch()
            terraform = self._terraform()
            settling.delete_failed(self.target, self.account.client("sagemaker"))
            with self._running():
                terraform.apply(plan.file)
        self._unfinished.unlink(missing_ok=True)
        (self._folder / UNSAVED_STATE).unlink(missing_ok=True)
        for file in (plan.file, self.target.plan_file):
            file.unlink(missing_ok=True)
            _record_file(file).unlink(missing_ok=True)
        outputs = self.outputs()
        if outputs is None:
            command = self.target.command("apply")
            raise UserError(f'Terraform\'s outputs are not complete. Run "{command}" again.')
        return outputs

    def destroy(self) -> None:
        """Destroy what the state holds; without a state there is nothing to do."""
        if not self._state_bucket.exists():
            return
        terraform = self._terraform()
        with self._running():
            plan_file = self.target.build / "destroy.tfplan"
            terraform.destroy(plan_file, self._variable_files(None))

    @property
    def _state_bucket(self) -> StateBucket:
        return StateBucket(self.target, self.account)

    @property
    def _marker(self) -> interruption.Marker:
        return interruption.Marker(self.target.build / "terraform.running")

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Hold the marker while terraform runs.

        Raises:
            AccountLost: terraform failed, and the account does not answer.
        """
        with self._marker.hold():
            try:
                yield
            except UserError as error:
                if self._state_bucket.answers():
                    raise
                raise AccountLost(f"The account does not answer any more. {error}") from error

    @property
    def _folder(self) -> Path:
        return self.target.root / "terraform"

    @property
    def _lock_file(self) -> Path:
        return self._folder / ".terraform.lock.hcl"

    @property
    def _unfinished(self) -> Path:
        return self.target.build / "apply.unfinished"

    def was_interrupted(self) -> bool:
        """Whether the last apply failed or was killed: more may exist than the state holds."""
        return self._unfinished.exists() or self._marker.killed_at() is not None

    def _is_applied(self, outputs: Outputs) -> bool:
        """Whether the settings are applied.

        The outputs alone don't show it: an apply that fails leaves the planned ones. With a model
        among them it was the model's endpoint that failed: everything else is created before it.
        """
        if self.was_interrupted() and outputs.model is None:
            return False
        settings = self.target.settings_file.read_bytes()
        return outputs.settings_sha256 == hashlib.sha256(settings).hexdigest()

    def _terraform(self) -> Terraform:
        """Return terraform, ready to run."""
        packaging.package_all()
        self._state_bucket.ensure()
        variables = terraform_config.environment(self.target.build, self._lock_file, os.environ)
        terraform = Terraform(self._folder, variables, self.target.build / "terraform.log")
        self._initialise(terraform)
        self._release_lock(terraform)
        return terraform

    def _initialise(self, terraform: Terraform) -> None:
        """Run `terraform init`, unless backend, providers and modules are those of the last run."""
        backend = self._state_bucket.backend()
        declarations = [
            path
            for path in self._configuration()
            if "module " in path.read_text() or path.name == "versions.tf"
        ]
        digest = _digest(json.dumps(backend), [self._lock_file, *declarations])
        stamp = self.target.build / "terraform" / "initialised"
        if not stamp.exists() or stamp.read_text() != digest:
            terraform.init(backend)
            stamp.write_text(digest)

    def _configuration(self) -> list[Path]:
        return sorted(path for path in self._folder.rglob("*.tf") if path.name != ADOPTED)

    def _release_lock(self, terraform: Terraform) -> None:
        """Release the lock that a killed terraform left on the state."""
        killed_at = self._marker.killed_at()
        if killed_at is None:
            return
        interruption.wait_for_survivor(self.target.build, self.target.settings_file)
        lock = self._state_bucket.lock()
        if lock and interruption.is_left_behind(lock, killed_at):
            operation = lock["Operation"]
            say(f"The last run was killed during {operation}; releasing its lock on the state.")
            terraform.force_unlock(lock["ID"])

    def _adopt(
        self, terraform: Terraform, file: Path, variables: list[Path], replaced: list[str]
    ) -> Planned | None:
        """Plan again with an import of what an interrupted apply created without recording it.

        Returns:
            The new plan; None where there is nothing to import.
        """
        orphans = adoption.find_orphans(terraform.show_json(file), self.account)
        if not orphans:
            return None
        say(f"The last apply was interrupted; taking over {len(orphans)} resources it created.")
        blocks = self._folder / ADOPTED
        blocks.write_text(adoption.import_blocks(orphans))
        try:
            return terraform.plan(file, variables, replaced)
        finally:
            blocks.unlink()

    def _variable_files(self, model: Model | None) -> list[Path]:
        """The settings, and the model to plan with, which may differ from model.tfvars.json.

        A plan that only applies changed settings keeps the live model, whatever was handed over.
        """
        model_file = self.target.build / "planned-model.tfvars.json"
        handover.write(model_file, model)
        return [self.target.settings_file, model_file]

    def _input_digest(self, model: Model | None) -> str:
        """Return a digest of everything that a plan depends on."""
        state_version = self._state_bucket.state_version()
        facts = [self.account.id, state_version, handover.as_json(model)]
        files = [
            self.target.settings_file,
            *self._configuration(),
            *sorted((self.target.root / "states").glob("*.json")),
            *packaging.package_all(),
        ]
        return _digest(json.dumps(facts), files)


def _record_file(plan_file: Path) -> Path:
    return plan_file.with_suffix(".json")


def _digest(facts: str, files: list[Path]) -> str:
    """Return one SHA-256 over `facts` and the content of each file."""
    parts = [facts.encode(), *(file.read_bytes() for file in files)]
    hashes = [hashlib.sha256(part).digest() for part in parts]
    return hashlib.sha256(b"".join(hashes)).hexdigest()
