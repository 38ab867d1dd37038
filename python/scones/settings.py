"""A target: the environment that a verb works on, with its settings and its generated files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import hcl2

from scones.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "scones"


@dataclass(frozen=True)
class Target:
    """What must be known before Terraform's outputs exist; they hold every other setting.

    Classes and threshold are those for captures that are read without an account.
    """

    name: str
    region: str
    classes: tuple[str, ...] = ()
    confidence_threshold: float | None = None

    @classmethod
    def load(cls, name: str) -> Target:
        """Read the target's settings file.

        Raises:
            UserError: there is no such file, or a required setting is missing.
        """
        path = settings_path(name)
        if not path.is_file():
            names = ", ".join(sorted(file.stem for file in path.parent.glob("*.tfvars")))
            raise UserError(
                f'There is no target "{name}". '
                f"Use one of {names}, or write terraform/targets/{name}.tfvars."
            )
        try:
            settings = hcl2.loads(path.read_text())
        except Exception as error:  # the parser raises whatever its grammar library does
            raise UserError(
                f"{path.relative_to(ROOT)} is not valid: {error} Fix the file."
            ) from error
        environment = str(settings.get("environment", "")).strip('"')
        region = str(settings.get("region", "")).strip('"')
        if environment != name or not region:
            raise UserError(
                f'{path.relative_to(ROOT)} must set environment = "{name}" and a region; it sets '
                f'environment = "{environment}" and region = "{region}". Fix the file.'
            )
        classes = sorted(str(label).strip('"') for label in settings.get("classes") or {})
        return cls(name, region, tuple(classes), settings.get("confidence_threshold"))

    @property
    def prefix(self) -> str:
        """What the names of all of the target's resources begin with."""
        return f"{PROJECT}-{self.name}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags by which the target's resources are found."""
        return {"project": PROJECT, "environment": self.name}

    @property
    def root(self) -> Path:
        return ROOT

    @property
    def settings_file(self) -> Path:
        return settings_path(self.name)

    @property
    def workflow(self) -> Path:
        """The state machine's definition, with placeholders for ARNs."""
        return ROOT / "states" / "classify.asl.json"

    @property
    def build(self) -> Path:
        """The folder of the target's generated files."""
        folder = ROOT / "build" / self.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def handover(self) -> Path:
        """The file by which training hands a model over to Terraform."""
        return self.build / "model.tfvars.json"

    @property
    def plan_file(self) -> Path:
        return self.build / "plan.tfplan"

    def command(self, verb: str) -> str:
        """Return the command for `verb` on this target."""
        return f"make {verb}" if self.name == "local" else f"make {verb} TARGET={self.name}"


def settings_path(target: str) -> Path:
    return ROOT / "terraform" / "targets" / f"{target}.tfvars"
