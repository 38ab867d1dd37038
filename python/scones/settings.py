"""A target: the environment a verb works on, and where its settings and generated files lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import hcl2

from scones.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "scones"


@dataclass(frozen=True)
class Target:
    """What must be known before Terraform's outputs exist; every other setting is read from those outputs.

    Without an account, classes and threshold name what captures show.
    """

    name: str
    region: str
    classes: tuple[str, ...] = ()
    confidence_threshold: float | None = None

    @classmethod
    def load(cls, name: str) -> Target:
        """Read the target's settings file.

        Raises:
            UserError: there is no such file, or it does not say what it must.
        """
        path = settings_path(name)
        if not path.is_file():
            known = ", ".join(sorted(file.stem for file in path.parent.glob("*.tfvars")))
            raise UserError(
                f'There is no target "{name}". Use one of {known}, or write terraform/targets/{name}.tfvars.'
            )
        try:
            settings = hcl2.loads(path.read_text())
        except Exception as error:  # the parser raises whatever its grammar library does
            raise UserError(
                f"{path.relative_to(ROOT)} is not valid: {error} Mend the file."
            ) from error
        environment, region = (
            str(settings.get(key, "")).strip('"') for key in ("environment", "region")
        )
        if environment != name or not region:
            raise UserError(
                f'{path.relative_to(ROOT)} must set environment = "{name}" and a region; '
                f'it sets environment = "{environment}" and region = "{region}". Mend the file.'
            )
        classes = tuple(sorted(str(label).strip('"') for label in settings.get("classes") or {}))
        return cls(name, region, classes, settings.get("confidence_threshold"))

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
        """The state machine's definition, with names where Terraform puts ARNs."""
        return ROOT / "states" / "classify.asl.json"

    @property
    def build(self) -> Path:
        """The folder of the target's generated files."""
        folder = ROOT / "build" / self.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def handover(self) -> Path:
        """What training hands over to Terraform."""
        return self.build / "model.tfvars.json"

    @property
    def plan_file(self) -> Path:
        return self.build / "plan.tfplan"

    def command(self, verb: str) -> str:
        """How a user types `verb` for this target."""
        return f"make {verb}" if self.name == "local" else f"make {verb} TARGET={self.name}"


def settings_path(name: str) -> Path:
    return ROOT / "terraform" / "targets" / f"{name}.tfvars"
