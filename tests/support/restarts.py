"""A local AWS that is killed and started again on the same account."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from accounts import Account, localaws, news

from localaws.server import processes


@dataclass
class Restarted:
    """The account in a folder, with the process that holds it now."""

    state: Path
    pid: int
    account: Account
    said: list[str]

    @classmethod
    def start(cls, state: Path, **environment: str) -> Restarted:
        started = localaws("start", "--state", str(state), check=True, **environment)
        facts = json.loads(started.stdout)
        return cls(state, facts["pid"], Account(facts["url"]), news(started))

    def kill(self) -> None:
        """As a power cut does, children included."""
        os.kill(self.pid, signal.SIGKILL)
        processes.wait_for_end([self.pid], seconds=60)
