"""The Makefile in a folder of its own, where a recorder stands for the environment's Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from paths import ROOT

RECORDER = """#!/bin/bash
printf '%s\\0' "$@" "--end--" >> "$RECORD"
"""


@dataclass(frozen=True)
class RecordedMakefile:
    """A checkout whose packages are installed, as far as make can see."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> RecordedMakefile:
        recorder = folder / ".venv" / "bin" / "python"
        recorder.parent.mkdir(parents=True)
        recorder.write_text(RECORDER)
        recorder.chmod(0o755)
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder)
        for extra in ("local", "check", "conformance"):
            (folder / ".venv" / f"ready-{extra}").touch()
        return cls(folder)

    def calls(
        self,
        *words: str,
        variables: Mapping[str, str] | None = None,
        called_from: Path | None = None,
    ) -> list[list[str]]:
        """The arguments of every call of Python by `make WORDS`, but for starting the account."""
        record = self.folder / "record"
        record.unlink(missing_ok=True)
        start = called_from or self.folder
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name == "PATH" or name.startswith("LC_")
        }
        subprocess.run(
            ["make", "-C", str(self.folder), *words],
            cwd=start,
            env={**inherited, "PWD": str(start), "RECORD": str(record), **(variables or {})},
            capture_output=True,
            check=True,
        )
        recorded = record.read_bytes().decode().split("\0--end--\0")
        calls = [call.split("\0") for call in recorded if call]
        return [call for call in calls if call[:3] != ["-m", "localaws", "start"]]

    def options(
        self,
        *words: str,
        variables: Mapping[str, str] | None = None,
        called_from: Path | None = None,
    ) -> dict[str, str]:
        """The options that `make WORDS` calls Python with, such as {"image": "dog.jpg"}."""
        calls = self.calls(*words, variables=variables, called_from=called_from)
        matches = (
            re.fullmatch(r"--([\w-]+)=(.*)", word, re.DOTALL) for call in calls for word in call
        )
        return {match[1]: match[2] for match in matches if match}
