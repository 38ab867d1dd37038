"""CloudWatch: metric filters that filter, metrics of the services, and alarms that go off. moto only keeps them."""

from __future__ import annotations

import importlib

from localaws.patching import Account, Closer

MODULES = ["alarms", "filters", "metrics"]


def install(_account: Account) -> Closer:
    for module in MODULES:
        importlib.import_module(f"{__name__}.{module}")
    close: Closer = importlib.import_module(f"{__name__}.watch").Watch().close
    return close
