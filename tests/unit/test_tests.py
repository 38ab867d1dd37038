"""Habits of the tests themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from paths import ROOT

TESTS = ROOT / "tests"
MODULES = sorted(TESTS.rglob("test_*.py"))


def imports(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Each imported module, and the names that are imported from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", [alias.name for alias in node.names]


def imports_of_modules() -> Iterator[tuple[str, str, list[str]]]:
    for module in MODULES:
        for name, names in imports(ast.parse(module.read_text())):
            yield str(module.relative_to(TESTS)), name, names


def test_no_test_module_imports_another() -> None:
    test_modules = {module.stem for module in MODULES}
    offenders = [
        f"{module} imports {name}"
        for module, name, _ in imports_of_modules()
        if name.rpartition(".")[2] in test_modules
    ]
    assert offenders == []


def test_accounts_in_the_process_come_from_the_fixture() -> None:
    offenders = [
        f"{module} imports mock_aws instead of asking for the fixture aws"
        for module, name, names in imports_of_modules()
        if name == "moto" and "mock_aws" in names
    ]
    assert offenders == []
