"""uv, which downloads in parallel and links what is in its cache: a second checkout pays little."""

from __future__ import annotations

import queue
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from installation.environment import AGAIN, Environment
from installation.errors import InstallationError
from installation.pip_settings import variables_for_uv
from installation.progress import PERIOD, Installation, say

SETTINGS = {"UV_SYSTEM_CERTS": "1", "UV_PYTHON_DOWNLOADS": "never"}
SHORT_TRY = {"UV_HTTP_TIMEOUT": "5", "UV_HTTP_CONNECT_TIMEOUT": "5", "UV_HTTP_RETRIES": "0"}
PACKAGE_LINE = re.compile(r" [-+~] ")


@dataclass(frozen=True)
class Uv:
    """uv in an environment; `variables` are its own settings."""

    environment: Environment
    variables: Mapping[str, str]

    def offered_version(self, package: str, index: str | None) -> str | None:
        """The version that would be installed, "" if there is one already.

        None if the index has none, or does not answer one short try. No index: the default one.
        """
        arguments = ["--dry-run", "--no-deps", *_only_from(index), package]
        done = subprocess.run(
            self._command(arguments),
            env={**self.variables, **(SHORT_TRY if index else {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            return None
        found = re.search(r"^ \+ [\w-]+==(\S+)", done.stderr, re.MULTILINE)
        return found[1] if found else ""

    def install(self, arguments: Sequence[str], index: str | None = None) -> None:
        """Install packages, and show how far it is.

        Raises:
            InstallationError: a package cannot be had or written.
        """
        process = subprocess.Popen(
            self._command([*_only_from(index), *arguments]),
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=(self.environment.lock.fileno(),),
        )
        try:
            remarks = self._follow(process)
        finally:
            process.terminate()
            process.wait()
            self.environment.line.clear()
        if process.returncode != 0:
            raise InstallationError(
                f"The packages could not be installed.\n{''.join(remarks).strip()}\n"
                f"Check the network and the space on the disk, and {AGAIN}. "
                f"The log is {self.environment.log}."
            )

    def _follow(self, process: subprocess.Popen[str]) -> list[str]:
        """Show what uv does until it ends; return its remarks: an error is among the last."""
        progress = Installation()
        line = self.environment.line
        remarks: list[str] = []
        assert process.stderr is not None  # noqa: S101  for the type checker: it is a pipe
        with self.environment.log.open("a", buffering=1) as log:
            for text in _lines(process.stderr):
                line.show(str(progress))
                if text is None:
                    continue
                log.write(text)
                sentence = progress.read(text)
                if sentence and not line.live:
                    say(sentence)
                if not sentence and not PACKAGE_LINE.match(text):
                    remarks.append(text)
        process.wait()
        return remarks

    def _command(self, arguments: Sequence[str]) -> list[str]:
        python = self.environment.python
        return [str(program(python)), "pip", "install", "--python", str(python), *arguments]


def bring_uv(environment: Environment, constraints: Path) -> Uv:
    """Install uv with pip, and give it pip's settings.

    Raises:
        InstallationError: pip cannot install it.
    """
    pip = [str(environment.python), "-m", "pip"]
    if not program(environment.python).exists():
        environment.run(
            [*pip, "install", "--quiet", "--constraint", str(constraints), "uv"],
            "Installing uv, which installs the rest",
            "pip cannot install uv. Check the network",
        )
    listing = environment.run(
        [*pip, "config", "list"],
        "Reading pip's settings",
        f"pip does not work. Remove {environment.folder}",
    )
    variables = {**SETTINGS, **variables_for_uv(listing), **environment.variables}
    return Uv(environment, variables)


def program(python: Path) -> Path:
    return python.with_name("uv")


def _only_from(index: str | None) -> list[str]:
    return ["--default-index", index] if index else []


def _lines(stream: IO[str]) -> Iterator[str | None]:
    """Yield each line, and None now and then while there is none."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for text in stream:
            lines.put(text)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            text = lines.get(timeout=PERIOD)
        except queue.Empty:
            yield None
            continue
        if text is None:
            return
        yield text
