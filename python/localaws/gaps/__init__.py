"""What moto leaves out of the services that only keep what they are told: one module for each service.

Most of it shows as an action that is not there, or as a Terraform plan that never gets empty because moto forgets
a setting or spells it otherwise. Importing a module fills its gaps.
"""

from __future__ import annotations

import importlib

from localaws.patching import Account, Closer, nothing_to_close

MODULES = [
    "autoscaling",
    "bucket_notifications",
    "function_settings",
    "model_packages",
    "policies",
    "queues",
    "sagemaker",
    "tags",
]


def install(_account: Account) -> Closer:
    for module in MODULES:
        importlib.import_module(f"{__name__}.{module}")
    return nothing_to_close
