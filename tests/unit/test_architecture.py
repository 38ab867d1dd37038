"""The rules that keep imports going one way: packages, layers, and who may import which library."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterable, Mapping

import pytest
from paths import PYTHON, ROOT

from scones import cli

# What each of our packages may import of the others. The functions in lambdas/ import none.
PACKAGES: Mapping[str, set[str]] = {
    "container": set(),
    "monitor": {"container"},
    "installation": set(),
    "localaws": set(),
    "scones": {"container", "monitor"},
    "bench": {"container", "monitor", "scones"},
}

# A subpackage of scones imports from the layers above its own in this list, never from its own.
LAYERS = (
    {"base"},  # the files in scones/ itself
    {"diagrams", "images", "pages", "removal"},
    {"reviewing", "training", "workflow"},
    {"provisioning", "reporting", "simulation"},
    {"verification"},
    {"commands"},
)

# Libraries that only these files import.
IMPORTERS = {
    "boto3": {
        "localaws/stepfunctions/integrations.py",
        "monitor/job.py",
        "scones/aws.py",
        "scones/training/jobs.py",
    },
    "jinja2": {"scones/pages/page.py"},
    "python_terraform": {"scones/provisioning/terraform.py"},
    "rich": {"scones/live_row.py", "scones/tables.py"},
    "sagemaker": {"scones/training/jobs.py"},
}

FILES = {
    path.relative_to(PYTHON).as_posix(): ast.parse(path.read_text())
    for package in PACKAGES
    for path in (PYTHON / package).rglob("*.py")
}


def module_name(file: str) -> str:
    """Of a file such as "scones/images/split.py": "scones.images.split"."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module_name(file) for file in FILES}


def imported_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Every module that the nodes import, ours or not."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                names.add(name if name in MODULES else str(node.module))
    return names


# By file: every import wherever it stands, and those that run when the file is imported itself.
IMPORTS = {file: imported_names(ast.walk(tree)) for file, tree in FILES.items()}
IMPORTS_AT_ONCE = {file: imported_names(tree.body) for file, tree in FILES.items()}


def package_of(module: str) -> str:
    return module.partition(".")[0]


def subpackage_of(file: str) -> str:
    """Of a file of scones: its subpackage, or "base"."""
    parts = file.split("/")
    return parts[1] if len(parts) > 2 else "base"


def test_there_is_no_import_cycle_not_even_by_imports_within_functions() -> None:
    graph = {
        module_name(file): (names & MODULES) - {module_name(file)}
        for file, names in IMPORTS.items()
    }
    order = list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError
    assert set(order) == MODULES


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_the_packages_that_it_may(package: str) -> None:
    allowed = PACKAGES[package] | {package}
    offenders = {
        f"{file} imports {name}"
        for file, names in IMPORTS.items()
        for name in names
        if package_of(file.replace("/", ".")) == package
        and package_of(name) in PACKAGES.keys() - allowed
    }
    assert offenders == set()


def test_every_subpackage_of_scones_is_in_one_layer() -> None:
    subpackages = [name for layer in LAYERS for name in layer]
    assert sorted(subpackages) == sorted(
        {subpackage_of(file) for file in FILES if file.startswith("scones/")}
    )


@pytest.mark.parametrize("layer", range(len(LAYERS)))
def test_a_layer_imports_from_the_layers_above_it_in_the_list_alone(layer: int) -> None:
    lower = set().union(*LAYERS[:layer])
    offenders = set()
    for file, names in IMPORTS.items():
        subpackage = subpackage_of(file)
        if not file.startswith("scones/") or subpackage not in LAYERS[layer]:
            continue
        for name in names & MODULES:
            if package_of(name) != "scones":
                continue
            target = subpackage_of(f"{name.replace('.', '/')}.py")
            if target not in lower | {subpackage}:
                offenders.add(f"{file} imports {name}")
    assert offenders == set()


def test_there_is_a_command_for_each_verb_and_none_imports_another() -> None:
    commands = {file: names for file, names in IMPORTS.items() if subpackage_of(file) == "commands"}
    verbs = {f"scones/commands/{verb.replace('-', '_')}.py" for verb in cli.VERBS}
    assert commands.keys() == verbs | {"scones/commands/__init__.py"}
    assert cli.DETAILS.keys() == cli.VERBS.keys()
    offenders = {
        file
        for file, names in commands.items()
        if any(name.startswith("scones.commands") for name in names)
    }
    assert offenders == set()


@pytest.mark.parametrize("library", IMPORTERS)
def test_a_library_is_imported_where_it_may_be(library: str) -> None:
    importers = {
        file for file, names in IMPORTS.items() if library in {package_of(name) for name in names}
    }
    assert importers == IMPORTERS[library]


@pytest.mark.parametrize("library", ["jinja2", "matplotlib"])
def test_a_library_that_draws_pages_is_imported_only_to_draw(library: str) -> None:
    importers = {
        file
        for file, names in IMPORTS_AT_ONCE.items()
        if library in {package_of(name) for name in names}
    }
    assert importers == set()


def packages_loaded_with(modules: Iterable[str]) -> set[str]:
    """Every package that is imported when `modules` are, also by way of another module."""
    imports = {module_name(file): names for file, names in IMPORTS_AT_ONCE.items()}
    waiting = list(modules)
    reached: set[str] = set()
    while waiting:
        module = waiting.pop()
        reached.add(module)
        waiting += imports.get(module, set()) - reached
    return {package_of(module) for module in reached}


def test_no_verb_imports_torch() -> None:
    """It takes seconds."""
    ours = [module for module in MODULES if package_of(module) == "scones"]
    assert "torch" not in packages_loaded_with(ours)


@pytest.mark.parametrize("verb", ["alarms", "apply", "classify", "models", "plan", "redrive"])
def test_a_verb_that_computes_nothing_imports_no_numpy(verb: str) -> None:
    """It takes as long as everything else that the verb imports."""
    assert "numpy" not in packages_loaded_with([f"scones.commands.{verb}"])


def test_the_installation_needs_the_standard_library_alone() -> None:
    names = {
        package_of(name)
        for file, names in IMPORTS.items()
        if file.startswith("installation/")
        for name in names
    }
    assert names - {"installation"} <= sys.stdlib_module_names


def test_the_benchmarks_need_no_account() -> None:
    allowed = {"base", "images", "simulation"}
    names = {name for file, names in IMPORTS.items() if file.startswith("bench/") for name in names}
    ours = {
        subpackage_of(f"{name.replace('.', '/')}.py")
        for name in names
        if package_of(name) == "scones"
    }
    assert ours <= allowed
    assert "boto3" not in {package_of(name) for name in names}


def test_the_functions_import_nothing_of_ours() -> None:
    files = list((ROOT / "lambdas").rglob("*.py"))
    names = {
        name for file in files for name in imported_names(ast.walk(ast.parse(file.read_text())))
    }
    assert files
    assert {package_of(name) for name in names} & PACKAGES.keys() == set()


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
