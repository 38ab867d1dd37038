"""What moto's interpreter of state machines leaves out or does otherwise than AWS; importing a module fills it in."""

from __future__ import annotations

import importlib

from localaws.patching import Account, Closer

MODULES = ["definitions", "execution_logs", "executions", "history", "intrinsics", "versions"]


def install(account: Account) -> Closer:
    for module in MODULES:
        importlib.import_module(f"{__name__}.{module}")
    importlib.import_module(f"{__name__}.integrations").install(account)
    close: Closer = importlib.import_module(f"{__name__}.status_changes").install(account)
    return close
