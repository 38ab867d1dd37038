"""How many CPUs this process may use: its affinity, and the quota of its control group."""

from __future__ import annotations

import os
from pathlib import Path

CONTROL_GROUP = Path("/sys/fs/cgroup")  # version 2, as a container sees its own


def usable_cores(control_group: Path = CONTROL_GROUP) -> int:
    """Return the number of CPUs to use, at least 1; a quota of 1.5 CPUs is 1."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    try:
        quota, period = (control_group / "cpu.max").read_text().split()
        return max(1, min(cores, int(quota) // int(period)))
    except (OSError, ValueError):  # no control group, or no quota: "max 100000"
        return cores
