"""The functions of lambdas/ as modules."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from paths import ROOT


def load_function(name: str) -> ModuleType:
    """Load lambdas/<name>.py afresh: it reads its environment and creates its clients on import."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "lambdas" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
