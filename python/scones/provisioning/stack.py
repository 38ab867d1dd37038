"""Everything that Terraform holds for a target: planned, applied, read and destroyed as one."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scones.aws import Account
from scones.cli import confirm, say
from scones.errors import UserError
from scones.files import write_atomically
from scones.outputs import Outputs
from scones.provisioning import adoption, interruption, packaging, terraform_config
from scones.provisioning.state_bucket import StateBucket
from scones.provisioning.terraform import Terraform
from scones.settings import Target

Model = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """A saved plan: its file, and whether it changes anything."""

    file: Path
    changes: bool


@dataclass(frozen=True)
class Stack:
    """The resources of one target in one account. Every method sets up what terraform needs before it calls it."""

    target: Target
    account: Account

    def outputs(self) -> Outputs | None:
        """What stands, or None where nothing does or where an apply was broken off."""
        raw = self._raw_outputs()
        try:
            return Outputs.parse(raw) if raw else None
        except (KeyError, TypeError):
            return None

    def live_model(self) -> Model | None:
        """The hand-over of the model that was applied last."""
        model: Model | None = self._raw_outputs().get("model")
        return model

    def ensure_provisioned(self) -> Outputs:
        """What stands, after applying the settings where they have not been: the live model stays as it is.

        Raises:
            UserError: the user declines the plan.
        """
        outputs = self.outputs()
        if outputs and self._stands(outputs):
            return outputs
        say(
            f"{'The settings are not applied' if outputs else 'Nothing is provisioned'} yet; that comes first."
        )
        plan = self.plan(self.live_model(), self.target.build / "settings.tfplan")
        if plan.changes and not confirm(lambda: self.show(plan), "Apply this plan?"):
            raise UserError(
                f'Nothing was changed. Run "{self.target.command("plan")}" to look at it again.'
            )
        self.apply(plan)
        after = self.outputs()
        if after is None:
            raise UserError(
                f'Terraform\'s outputs are not complete. Run "{self.target.command("apply")}" again.'
            )
        return after

    def plan(self, model: Model | None, file: Path) -> Plan:
        """Plan the settings with `model` served, or with no endpoint; save it to `file` with what it rests on."""
        terraform = self._terraform()
        broken_off = self._broken_off()
        variables = self._variables(model)
        with self._marker.held():
            changes = terraform.plan(file, variables)
            if broken_off and changes:
                changes = self._adopt(terraform, file, variables)
        _record(file).write_text(
            json.dumps({"changes": changes, "rests_on": self._rests_on(model)})
        )
        return Plan(file, changes)

    def saved_plan(self, model: Model | None) -> Plan | None:
        """The plan of changes that `make plan` saved, if settings, code, model and state are what it was made from."""
        file = self.target.plan_file
        if self._broken_off():
            return None
        try:
            record = json.loads(_record(file).read_text())
        except (FileNotFoundError, ValueError):
            return None
        fits = file.exists() and record["changes"] and record["rests_on"] == self._rests_on(model)
        return Plan(file, changes=True) if fits else None

    def show(self, plan: Plan) -> str:
        """The plan as a reviewer reads it."""
        return self._terraform().show(plan.file)

    def apply(self, plan: Plan) -> None:
        """Apply a plan and forget it."""
        if plan.changes:
            self._unfinished.touch()
            with self._working() as terraform:
                terraform.apply(plan.file)
        self._unfinished.unlink(missing_ok=True)
        for file in (
            plan.file,
            _record(plan.file),
            self.target.plan_file,
            _record(self.target.plan_file),
        ):
            file.unlink(missing_ok=True)

    def destroy(self) -> None:
        """Destroy what the state holds; nothing where there is no state."""
        if self._state_bucket.exists():
            with self._working() as terraform:
                terraform.destroy(self.target.build / "destroy.tfplan", self._variables(None))

    @property
    def _state_bucket(self) -> StateBucket:
        return StateBucket.of(self.target, self.account)

    @property
    def _marker(self) -> interruption.Marker:
        return interruption.Marker(self.target.build / "terraform.running")

    @property
    def _folder(self) -> Path:
        return self.target.root / "terraform"

    @property
    def _unfinished(self) -> Path:
        return self.target.build / "apply.unfinished"

    def _broken_off(self) -> bool:
        """Whether the last apply failed or was killed, so that more may exist than the state knows."""
        return self._unfinished.exists() or self._marker.killed_at() is not None

    def _stands(self, outputs: Outputs) -> bool:
        """Whether the settings are applied. Outputs alone do not tell: an apply that fails leaves its planned ones.

        With a model in them, what failed is the model's endpoint: all else stood before it.
        """
        if self._broken_off() and outputs.model is None:
            return False
        return outputs.settings_sha256 == _sha256(self.target.settings_file)

    def _raw_outputs(self) -> dict[str, Any]:
        return self._terraform().output() if self._state_bucket.exists() else {}

    @contextlib.contextmanager
    def _working(self) -> Iterator[Terraform]:
        terraform = self._terraform()
        with self._marker.held():
            yield terraform

    def _terraform(self) -> Terraform:
        """Terraform, initialised; with the functions packaged, the state bucket made and no lock of a killed run."""
        packaging.package_all()
        self._state_bucket.ensure()
        lock_file = self._folder / ".terraform.lock.hcl"
        terraform = Terraform(
            self._folder, terraform_config.environment(self.target.build, lock_file, os.environ)
        )
        backend = self._state_bucket.backend()
        stamp = self.target.build / "terraform" / "initialised"
        wanted = _digest(
            [
                json.dumps(backend).encode(),
                *(path.read_bytes() for path in [lock_file, *self._declarations()]),
            ]
        )
        if not stamp.exists() or stamp.read_text() != wanted:
            terraform.init(backend)
            stamp.write_text(wanted)
        self._recover(terraform)
        return terraform

    def _declarations(self) -> list[Path]:
        """The files that say which modules and providers there are."""
        return [
            path
            for path in self._configuration()
            if "module " in path.read_text() or path.name == "versions.tf"
        ]

    def _configuration(self) -> list[Path]:
        return sorted(path for path in self._folder.rglob("*.tf") if path.name != ADOPTED)

    def _recover(self, terraform: Terraform) -> None:
        """Take back the lock of a terraform that was killed."""
        killed_at = self._marker.killed_at()
        if killed_at is None:
            return
        interruption.wait_for_survivor(self.target.build, self.target.settings_file)
        lock = self._state_bucket.lock()
        if lock and interruption.left_behind(lock, killed_at):
            say(
                f"The run before was killed during {lock['Operation']}; taking back its lock on Terraform's state."
            )
            terraform.force_unlock(lock["ID"])

    def _adopt(self, terraform: Terraform, file: Path, variables: list[Path]) -> bool:
        """Plan again with what a broken-off apply made but did not write down; True when there are changes."""
        found = adoption.orphans(terraform.show_json(file), self.account)
        if not found:
            return True
        say(f"The apply before was broken off; taking over {len(found)} resources that it made.")
        blocks = self._folder / ADOPTED
        blocks.write_text(adoption.import_blocks(found))
        try:
            return terraform.plan(file, variables)
        finally:
            blocks.unlink()

    def _variables(self, model: Model | None) -> list[Path]:
        file = self.target.build / "planned-model.tfvars.json"
        write_atomically(file, json.dumps({"model": model}, indent=2))
        return [self.target.settings_file, file]

    def _rests_on(self, model: Model | None) -> str:
        files = [
            self.target.settings_file,
            *self._configuration(),
            *sorted((self.target.root / "states").glob("*.json")),
            *packaging.package_all(),
        ]
        facts = [self.account.id, self._state_bucket.state_version(), model]
        return _digest(
            [json.dumps(facts, sort_keys=True).encode(), *(file.read_bytes() for file in files)]
        )


ADOPTED = "adopted.tf"


def _record(plan_file: Path) -> Path:
    return plan_file.with_suffix(".json")


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _digest(parts: list[bytes]) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
