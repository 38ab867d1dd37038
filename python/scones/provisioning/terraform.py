"""The `terraform` program, by way of python-terraform: the one module that knows how to call it."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import python_terraform

from scones.cli import say
from scones.errors import UserError

CHANGES = 2  # the exit status of `plan -detailed-exitcode` when there is something to do

# A terraform that an interrupted verb left behind gets this long to finish and to hand back the lock.
LOCK_TIMEOUT = "20s"

# python-terraform logs every failure on its own; the message here says it once.
logging.getLogger("python_terraform").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Terraform:
    """One root module with one working directory.

    Attributes:
        folder: the root module.
        variables: environment variables for every call; None unsets one.
    """

    folder: Path
    variables: Mapping[str, str | None]

    def init(self, backend: Mapping[str, str]) -> None:
        self._run(
            "init",
            backend_config=dict(backend),
            lockfile="readonly",
            reconfigure=python_terraform.IsFlagged,
            input=False,
        )

    def plan(self, plan_file: Path, var_files: list[Path]) -> bool:
        """Write a plan; True when it holds changes."""
        status, _ = self._call(
            "plan",
            out=str(plan_file),
            var_file=[str(file) for file in var_files],
            input=False,
            detailed_exitcode=python_terraform.IsFlagged,
            lock_timeout=LOCK_TIMEOUT,
        )
        if status not in (0, CHANGES):
            raise _failed("plan")
        return status == CHANGES

    def show(self, plan_file: Path) -> str:
        """The plan as a reviewer reads it, and what its checks warn of: terraform says that only while it plans."""
        checked = [
            one
            for check in self.show_json(plan_file).get("checks", [])
            for one in check.get("instances", [])
        ]
        warnings = [
            f"Warning: {problem['message']}"
            for one in checked
            for problem in one.get("problems", [])
        ]
        return "\n\n".join([self._run("show", str(plan_file)).rstrip(), *warnings])

    def show_json(self, plan_file: Path) -> dict[str, Any]:
        return dict(json.loads(self._run("show", str(plan_file), json=python_terraform.IsFlagged)))

    def apply(self, plan_file: Path) -> None:
        """Apply a saved plan; terraform's own progress goes to stderr."""
        self._stream("apply", str(plan_file), input=False, lock_timeout=LOCK_TIMEOUT)

    def destroy(self, plan_file: Path, var_files: list[Path]) -> None:
        """Destroy everything in the state, by way of a plan: otherwise terraform shows all that goes in full."""
        status, _ = self._call(
            "plan",
            destroy=python_terraform.IsFlagged,
            out=str(plan_file),
            var_file=[str(file) for file in var_files],
            input=False,
            lock_timeout=LOCK_TIMEOUT,
        )
        if status != 0:
            raise _failed("plan -destroy")
        self.apply(plan_file)
        plan_file.unlink()

    def output(self) -> dict[str, Any]:
        """Output names with their values; empty before the first apply."""
        return {
            name: output["value"]
            for name, output in json.loads(
                self._run("output", json=python_terraform.IsFlagged)
            ).items()
        }

    def force_unlock(self, lock_id: str) -> None:
        self._run("force-unlock", lock_id, force=python_terraform.IsFlagged)

    def check(self) -> None:
        """Formatting, validity and the module's own tests; their reports go to stderr."""
        self._stream(
            "fmt",
            check=python_terraform.IsFlagged,
            diff=python_terraform.IsFlagged,
            recursive=python_terraform.IsFlagged,
        )
        self._run("init", backend=False, lockfile="readonly", input=False)
        self._stream("validate")
        self._stream("test")

    def _run(self, command: str, *args: str, **options: Any) -> str:
        status, out = self._call(command, *args, **options)
        if status != 0:
            raise _failed(command)
        return out

    def _call(self, command: str, *args: str, **options: Any) -> tuple[int, str]:
        """Status and stdout of a quiet call; what went wrong is shown as terraform says it."""
        with self._environment():
            status, out, err = self._program().cmd(
                command, *args, no_color=python_terraform.IsFlagged, **options
            )
        if status not in (0, CHANGES):
            say((err or out).strip())
        return status, out

    def _stream(self, command: str, *args: str, **options: Any) -> None:
        color = {} if sys.stderr.isatty() else {"no_color": python_terraform.IsFlagged}
        with self._environment(), _without_outputs() as out, contextlib.redirect_stdout(out):
            status, _, _ = self._program().cmd(
                command, *args, capture_output=False, **color, **options
            )
        if status != 0:
            raise _failed(command)

    def _program(self) -> Any:
        if shutil.which("terraform") is None:
            raise UserError(
                "There is no terraform on the PATH. Install Terraform 1.10 or newer and run the same command again."
            )
        return python_terraform.Terraform(working_dir=str(self.folder))

    @contextlib.contextmanager
    def _environment(self) -> Iterator[None]:
        """python-terraform hands terraform this process's environment, so that is where the variables go meanwhile."""
        before = dict(os.environ)
        os.environ.update(
            {name: value for name, value in self.variables.items() if value is not None}
        )
        for name in [name for name, value in self.variables.items() if value is None]:
            os.environ.pop(name, None)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextlib.contextmanager
def _without_outputs() -> Iterator[TextIO]:
    """A file for terraform to write to: everything is shown but the list of outputs, which says nothing new."""
    reading, writing = os.pipe()

    def forward() -> None:
        with open(reading) as lines:  # noqa: PTH123 - a descriptor, not a path
            shown = itertools.takewhile(lambda line: not line.startswith("Outputs:"), lines)
            for line in shown:
                sys.stderr.write(line)
                sys.stderr.flush()
            for _ in lines:
                pass

    reader = threading.Thread(target=forward, daemon=True)
    reader.start()
    with open(writing, "w") as out:  # noqa: PTH123 - a descriptor, not a path
        yield out
    reader.join()


def _failed(command: str) -> UserError:
    return UserError(
        f"terraform {command} failed, for the reason above. Mend it and run the same command again."
    )
