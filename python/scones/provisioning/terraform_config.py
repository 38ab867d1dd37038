"""Terraform's own configuration: where the provider is installed from, kept under build/."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

MIRROR_VARIABLE = "SCONES_PROVIDER_MIRROR"
PROVIDER = "registry.terraform.io/hashicorp/aws"
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
CONFIGURATION = """\
disable_checkpoint = true

provider_installation {{
  filesystem_mirror {{
    path    = "{mirror}"
    include = ["{provider}"]
  }}
  direct {{
    exclude = ["{provider}"]
  }}
}}
"""


def environment(
    folder: Path, lock_file: Path, variables: Mapping[str, str]
) -> dict[str, str | None]:
    """Return the variables of a terraform that keeps its data in `folder`; None unsets one.

    A configuration file that the user names and that exists is respected. Otherwise the first
    folder that holds the locked provider becomes a mirror in a configuration of our own; without
    one, terraform downloads from the registry.
    """
    data: dict[str, str | None] = {
        "TF_DATA_DIR": str(folder / "terraform"),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }
    user_file = variables.get("TF_CLI_CONFIG_FILE")
    if user_file and Path(user_file).is_file() and MIRROR_VARIABLE not in variables:
        return data
    mirror = find_mirror(locked_version(lock_file), variables)
    if mirror is None:
        return {**data, "TF_CLI_CONFIG_FILE": None}
    folder.mkdir(parents=True, exist_ok=True)
    config_file = folder / "terraform.rc"
    config_file.write_text(CONFIGURATION.format(mirror=mirror.as_posix(), provider=PROVIDER))
    return {**data, "TF_CLI_CONFIG_FILE": str(config_file)}


def find_mirror(version: str, variables: Mapping[str, str]) -> Path | None:
    """Return the first folder with the provider's `version` for this machine, packed or not."""
    system = this_platform()
    archive = f"terraform-provider-aws_{version}_{system}.zip"
    for folder in _plugin_folders(variables):
        provider = folder / PROVIDER
        if (provider / version / system).is_dir() or (provider / archive).is_file():
            return folder.resolve()
    return None


def this_platform() -> str:
    """Return this machine as Terraform names it, such as linux_amd64."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{MACHINES.get(machine, machine)}"


def locked_version(lock_file: Path) -> str:
    """Return the provider version that the dependency lock file holds."""
    pattern = rf'provider "{re.escape(PROVIDER)}" {{\s+version\s+= "([^"]+)"'
    locked = re.search(pattern, lock_file.read_text())
    if not locked:
        raise ValueError(f"{lock_file} does not lock {PROVIDER}")
    return locked[1]


def _plugin_folders(variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield the user's mirror, terraform's usual plugin folders, and what /opt may hold."""
    mirror = variables.get(MIRROR_VARIABLE)
    if mirror:
        yield Path(mirror).expanduser()
    home = Path(variables.get("HOME", os.path.expanduser("~")))  # noqa: PTH111 - HOME may be unset
    yield home / ".terraform.d" / "plugins"
    yield home / "Library" / "Application Support" / "io.terraform" / "plugins"
    yield Path(variables.get("XDG_DATA_HOME") or home / ".local" / "share") / "terraform/plugins"
    system_folders = variables.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for folder in system_folders.split(":"):
        yield Path(folder) / "terraform" / "plugins"
    yield from sorted(Path("/opt").glob("*"))
