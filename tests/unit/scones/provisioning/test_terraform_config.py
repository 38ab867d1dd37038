"""Where the provider comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from scones.provisioning import terraform_config

# No machine carries this version, so that only the folders made here can be found.
VERSION = "0.0.1"


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    path = tmp_path / ".terraform.lock.hcl"
    path.write_text(f'provider "{terraform_config.PROVIDER}" {{\n  version     = "{VERSION}"\n}}\n')
    return path


def mirror(folder: Path, *, packed: bool = False) -> Path:
    provider = folder / terraform_config.PROVIDER
    if packed:
        provider.mkdir(parents=True)
        (
            provider / f"terraform-provider-aws_{VERSION}_{terraform_config.this_platform()}.zip"
        ).touch()
    else:
        (provider / VERSION / terraform_config.this_platform()).mkdir(parents=True)
    return folder


def test_an_explicit_mirror_comes_before_the_usual_plugin_folders(tmp_path: Path) -> None:
    explicit = mirror(tmp_path / "explicit")
    mirror(tmp_path / "home" / ".terraform.d" / "plugins")
    variables = {"HOME": str(tmp_path / "home"), terraform_config.MIRROR_VARIABLE: str(explicit)}
    assert terraform_config.find_mirror(VERSION, variables) == explicit


@pytest.mark.parametrize("packed", [False, True])
def test_a_plugin_folder_with_the_locked_version_is_a_mirror(tmp_path: Path, packed: bool) -> None:
    folder = mirror(tmp_path / "data" / "terraform" / "plugins", packed=packed)
    variables = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    assert terraform_config.find_mirror(VERSION, variables) == folder
    assert terraform_config.find_mirror("0.0.2", variables) is None


def test_the_mirror_is_written_into_a_configuration_under_the_build_folder(
    tmp_path: Path, lock_file: Path
) -> None:
    folder = mirror(tmp_path / "mirror")
    variables = {
        "HOME": str(tmp_path),
        terraform_config.MIRROR_VARIABLE: str(folder),
        "TF_CLI_CONFIG_FILE": "/nowhere",
    }
    environment = terraform_config.environment(tmp_path / "build", lock_file, variables)
    assert environment["TF_CLI_CONFIG_FILE"] == str(tmp_path / "build" / "terraform.rc")
    assert f'path    = "{folder}"' in (tmp_path / "build" / "terraform.rc").read_text()
    assert environment["TF_DATA_DIR"] == str(tmp_path / "build" / "terraform")


def test_without_a_mirror_terraform_asks_the_registry(tmp_path: Path, lock_file: Path) -> None:
    variables = {
        "HOME": str(tmp_path),
        "XDG_DATA_DIRS": str(tmp_path),
        "TF_CLI_CONFIG_FILE": "/nowhere",
    }
    assert (
        terraform_config.environment(tmp_path, lock_file, variables)["TF_CLI_CONFIG_FILE"] is None
    )


def test_a_configuration_of_the_user_is_respected(tmp_path: Path, lock_file: Path) -> None:
    own = tmp_path / "own.rc"
    own.touch()
    environment = terraform_config.environment(
        tmp_path, lock_file, {"HOME": str(tmp_path), "TF_CLI_CONFIG_FILE": str(own)}
    )
    assert "TF_CLI_CONFIG_FILE" not in environment
