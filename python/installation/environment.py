"""The virtual environment, and the programs that run in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from installation.errors import InstallationError
from installation.progress import PERIOD, Line

AGAIN = "run the same command again: what is downloaded is kept"
# Notices about pip itself are no business of the user's.
QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}


@dataclass(frozen=True)
class Environment:
    """A virtual environment that is being installed.

    `lock` is a file that stays locked as long as a program runs, even if this process is killed.
    """

    folder: Path
    lock: IO[str]
    line: Line

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def log(self) -> Path:
        return self.folder / "installation.log"

    @property
    def variables(self) -> dict[str, str]:
        return {**os.environ, **QUIET, **cache_folders(os.environ)}

    def create(self) -> None:
        """Create it, unless its Python works already.

        Raises:
            InstallationError: Python cannot create it.
        """
        self.log.unlink(missing_ok=True)
        if not self._works():
            broken = ["--clear"] if (self.folder / "pyvenv.cfg").exists() else []
            self.run(
                [sys.executable, "-m", "venv", *broken, str(self.folder)],
                f"Creating {self.folder}",
                f"Python cannot create {self.folder}. On Debian and Ubuntu, install python3-venv",
            )

    def run(self, command: Sequence[str], activity: str, problem: str) -> str:
        """Run a program to its end and return what it prints to stdout.

        Raises:
            InstallationError: it failed, with `problem` as its sentence.
        """
        process = subprocess.Popen(
            command,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=(self.lock.fileno(),),
        )
        try:
            output, errors = self._wait(process, activity)
        finally:
            process.terminate()
            process.wait()
            self.line.clear()
        with self.log.open("a") as log:
            log.write(output + errors)
        if process.returncode != 0:
            raise InstallationError(f"{problem}, and {AGAIN}.\n{(errors or output).strip()}")
        return output

    def _wait(self, process: subprocess.Popen[str], activity: str) -> tuple[str, str]:
        while True:
            self.line.show(activity)
            try:
                return process.communicate(timeout=PERIOD)
            except subprocess.TimeoutExpired:
                continue

    def _works(self) -> bool:
        """Whether its Python starts, is not too old, and has pip."""
        check = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
        command = [str(self.python), "-c", check]
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            return False


def cache_folders(variables: Mapping[str, str]) -> dict[str, str]:
    """Without a home folder, caches fall under build/ instead of the root folder."""
    if variables.get("HOME", "").strip("/") or variables.get("XDG_CACHE_HOME"):
        return {}
    caches = Path("build", "cache").resolve()
    folders = {"PIP_CACHE_DIR": str(caches / "pip"), "UV_CACHE_DIR": str(caches / "uv")}
    return {name: folder for name, folder in folders.items() if name not in variables}
