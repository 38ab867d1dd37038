"""Terraform's own configuration: where the provider is installed from; kept under build/, not in the user's home."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

MIRROR_VARIABLE = "SCONES_PROVIDER_MIRROR"
PROVIDER = "registry.terraform.io/hashicorp/aws"
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def environment(
    folder: Path, lock_file: Path, variables: Mapping[str, str]
) -> dict[str, str | None]:
    """The variables of a terraform that keeps its data in `folder`; None unsets one.

    A configuration file that the user names and that exists is respected. Otherwise the first folder that holds the
    locked provider is named as a mirror in a configuration of our own; without one, terraform asks the registry.
    """
    data: dict[str, str | None] = {
        "TF_DATA_DIR": str(folder / "terraform"),
        "TF_IN_AUTOMATION": "1",
    }
    named = variables.get("TF_CLI_CONFIG_FILE")
    if named and Path(named).is_file() and MIRROR_VARIABLE not in variables:
        return data
    mirror = find_mirror(locked_version(lock_file), variables)
    if mirror is None:
        return {**data, "TF_CLI_CONFIG_FILE": None}
    folder.mkdir(parents=True, exist_ok=True)
    config_file = folder / "terraform.rc"
    config_file.write_text(
        "disable_checkpoint = true\n\n"
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path    = "{mirror.as_posix()}"\n    include = ["{PROVIDER}"]\n  }}\n'
        f'  direct {{\n    exclude = ["{PROVIDER}"]\n  }}\n'
        "}\n"
    )
    return {**data, "TF_CLI_CONFIG_FILE": str(config_file)}


def find_mirror(version: str, variables: Mapping[str, str]) -> Path | None:
    """The first folder with the provider's `version` for this machine, unpacked or as the zip."""
    system = this_platform()
    name = PROVIDER.rsplit("/", 1)[1]
    for folder in _folders(variables):
        provider = folder / PROVIDER
        if (provider / version / system).is_dir() or (
            provider / f"terraform-provider-{name}_{version}_{system}.zip"
        ).is_file():
            return folder.resolve()
    return None


def this_platform() -> str:
    """This machine as Terraform names it, such as linux_amd64."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{MACHINES.get(machine, machine)}"


def locked_version(lock_file: Path) -> str:
    """The provider version that the dependency lock file holds."""
    found = re.search(
        rf'provider "{re.escape(PROVIDER)}" {{\s+version\s+= "([^"]+)"', lock_file.read_text()
    )
    if not found:
        raise ValueError(f"{lock_file} does not lock {PROVIDER}")
    return found[1]


def _folders(variables: Mapping[str, str]) -> Iterator[Path]:
    """An explicit variable first, then terraform's usual plugin folders, then what an image may carry in /opt."""
    if explicit := variables.get(MIRROR_VARIABLE):
        yield Path(explicit).expanduser()
    home = Path(variables.get("HOME", os.path.expanduser("~")))  # noqa: PTH111 - HOME may be unset
    yield home / ".terraform.d" / "plugins"
    yield home / "Library" / "Application Support" / "io.terraform" / "plugins"
    data_home = variables.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    for data in [
        data_home,
        *(variables.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"),
    ]:
        yield Path(data) / "terraform" / "plugins"
    yield from sorted(Path("/opt").glob("*"))
