"""A quota that stops Terraform, and what to do about it."""

from __future__ import annotations

import re

# Such as: The account-level service limit 'ml.m5.large for endpoint usage' is 0 Instances, …
EXCEEDED = re.compile(r"service limit '(?P<quota>[^']+)'", re.IGNORECASE)
# What a quota is for, by a part of its name: what else is needed of it, and the setting to change.
USES = {
    "endpoint usage": (
        ": twice serving.instance_count, as an update starts the new instances before it ends the "
        "old ones",
        "serving.instance_type",
    ),
    "processing job usage": ("", "monitoring.drift_instance_type"),
    "training job usage": ("", "training.instance_type"),
}


def remedy(report: str) -> str | None:
    """Return the remedy where terraform's `report` names an exceeded quota."""
    found = EXCEEDED.search(report)
    if "ResourceLimitExceeded" not in report or found is None:
        return None
    quota = found["quota"]
    sentence = f'Request a higher quota for "{quota}" in Service Quotas'
    for use, (amount, setting) in USES.items():
        if use in quota:
            return f"{sentence}{amount}; or set another {setting}."
    return f"{sentence}."
