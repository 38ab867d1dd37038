"""The rules that keep data flowing one way."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest
from paths import ROOT

SCONES = ROOT / "python" / "scones"
ROOMS = {path.parent.name for path in SCONES.glob("*/__init__.py")} - {"commands"}
MODULES = list(SCONES.rglob("*.py"))
COMMANDS = {path.stem for path in (SCONES / "commands").glob("*.py")} - {"__init__"}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file; `from a import b` counts as a and a.b."""
    return imported_by(ast.walk(ast.parse(path.read_text())))


def imports_at_once(path: Path) -> set[str]:
    """Every module that a file imports when it is imported itself."""
    return imported_by(ast.parse(path.read_text()).body)


def imported_by(nodes: Iterable[ast.AST]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def importers(package: str, among: list[Path]) -> set[str]:
    return {
        path.stem
        for path in among
        if any(name == package or name.startswith(f"{package}.") for name in imports(path))
    }


def test_there_is_a_command_for_each_verb() -> None:
    assert {"stage", "train", "plan", "apply", "classify", "evaluate", "destroy"} <= COMMANDS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_commands_do_not_import_commands(command: str) -> None:
    others = {f"scones.commands.{name}" for name in COMMANDS - {command}}
    assert not imports(SCONES / "commands" / f"{command}.py") & others


def test_what_is_not_a_command_imports_none() -> None:
    offenders = {
        path.stem
        for path in MODULES
        if path.parent.name != "commands" and "scones.commands" in imports(path)
    }
    assert offenders == set()


def test_the_pages_look_alike_whatever_they_are_about() -> None:
    others = tuple(f"scones.{room}" for room in ROOMS - {"pages"})
    files = (SCONES / "pages").rglob("*.py")
    assert {
        path.stem for path in files if any(name.startswith(others) for name in imports(path))
    } == set()


def test_what_draws_pages_is_loaded_only_to_draw() -> None:
    heavy = {"jinja2", "matplotlib"}
    assert {
        path.stem
        for path in MODULES
        if {name.split(".")[0] for name in imports_at_once(path)} & heavy
    } == set()
    assert importers("jinja2", MODULES) == {"page"}


def test_what_every_room_rests_on_knows_no_room() -> None:
    rooms = {f"scones.{room}" for room in ROOMS}
    base = list(SCONES.glob("*.py"))
    assert {
        path.stem for path in base if any(name.startswith(tuple(rooms)) for name in imports(path))
    } == set()


def test_the_images_know_nothing_of_what_becomes_of_them() -> None:
    others = tuple(f"scones.{room}" for room in ROOMS - {"images"})
    files = (SCONES / "images").rglob("*.py")
    assert {
        path.stem for path in files if any(name.startswith(others) for name in imports(path))
    } == set()


def test_pure_modules_get_their_clients_as_arguments() -> None:
    assert importers("boto3", MODULES) <= {"aws", "jobs"}


def test_one_module_alone_imports_the_sagemaker_sdk() -> None:
    assert importers("sagemaker", MODULES) == {"jobs"}


def test_one_module_alone_imports_python_terraform() -> None:
    assert importers("python_terraform", MODULES) == {"terraform"}


@pytest.mark.parametrize("folder", ["python/container", "lambdas"])
def test_what_runs_on_aws_imports_nothing_of_what_make_runs(folder: str) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert files
    assert importers("scones", files) == set()


def test_nobody_imports_the_local_aws() -> None:
    files = [
        path
        for folder in ("python/scones", "python/container", "lambdas")
        for path in (ROOT / folder).rglob("*.py")
    ]
    assert importers("localaws", files) == set()


def test_nobody_imports_what_measures_the_training() -> None:
    folders = ("python/scones", "python/container", "python/localaws", "lambdas")
    assert (
        importers("bench", [path for folder in folders for path in (ROOT / folder).rglob("*.py")])
        == set()
    )


def test_what_measures_the_training_needs_no_account() -> None:
    rooms = tuple(f"scones.{room}" for room in ROOMS - {"images", "simulation"})
    files = list((ROOT / "python" / "bench").glob("*.py"))
    assert files
    assert {
        path.stem
        for path in files
        if any(name.startswith((*rooms, "boto3")) for name in imports(path))
    } == set()


def test_no_file_is_longer_than_300_lines() -> None:
    folders = ("python", "lambdas", "terraform", "tests", "states")
    files = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".tf", ".json", ".hcl"}
    ]
    long = {
        str(path.relative_to(ROOT)) for path in files if len(path.read_text().splitlines()) > 300
    }
    assert long - {"terraform/.terraform.lock.hcl"} == set()
