"""The `terraform` program, called by way of python-terraform; no other module calls it."""

from __future__ import annotations

import contextlib
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
from scones.json_object import JsonObject

MINIMUM_VERSION = "1.11"
FLAG = python_terraform.IsFlagged  # an option without a value
CHANGES = 2  # the exit status of `plan -detailed-exitcode` when there is something to do

# A terraform that an interrupted verb left behind gets this long to finish and release the lock.
LOCK_TIMEOUT = "20s"

# python-terraform logs every failure itself; the message here reports it once.
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
            reconfigure=FLAG,
        )

    def plan(self, plan_file: Path, var_files: list[Path]) -> bool:
        """Write a plan; return whether it holds changes."""
        return self._plan(plan_file, var_files, detailed_exitcode=FLAG) == CHANGES

    def show(self, plan_file: Path) -> str:
        """Return the plan for a reviewer, with the warnings of its checks.

        Terraform itself prints those warnings only while it plans.
        """
        text = [self._run("show", str(plan_file)).rstrip()]
        for check in self.show_json(plan_file).get("checks", []):
            for instance in check.get("instances", []):
                for problem in instance.get("problems", []):
                    text.append(f"Warning: {problem['message']}")
        return "\n\n".join(text)

    def show_json(self, plan_file: Path) -> JsonObject:
        text = self._run("show", str(plan_file), json=FLAG)
        return dict(json.loads(text))

    def apply(self, plan_file: Path) -> None:
        """Apply a saved plan; terraform's own progress goes to stderr."""
        self._stream("apply", str(plan_file), lock_timeout=LOCK_TIMEOUT)

    def destroy(self, plan_file: Path, var_files: list[Path]) -> None:
        """Destroy everything in the state, by way of a plan.

        `terraform destroy` would print every attribute of what it destroys.
        """
        self._plan(plan_file, var_files, destroy=FLAG)
        self.apply(plan_file)
        plan_file.unlink()

    def force_unlock(self, lock_id: str) -> None:
        self._run("force-unlock", lock_id, force=FLAG)

    def check(self) -> None:
        """Check formatting and validity and run the module's own tests; reports go to stderr."""
        self._stream("fmt", check=FLAG, diff=FLAG, recursive=FLAG)
        self._run("init", backend=False, lockfile="readonly")
        # Without the tests: `test` validates them, too, and each takes a start of the provider.
        self._stream("validate", no_tests=FLAG)
        self._stream("test")

    def _plan(self, plan_file: Path, var_files: list[Path], **options: Any) -> int:
        status, _ = self._call(
            "plan",
            out=str(plan_file),
            var_file=[str(file) for file in var_files],
            lock_timeout=LOCK_TIMEOUT,
            **options,
        )
        if status not in (0, CHANGES):
            raise _failure("plan")
        return status

    def _run(self, command: str, *args: str, **options: Any) -> str:
        status, out = self._call(command, *args, **options)
        if status != 0:
            raise _failure(command)
        return out

    def _call(self, command: str, *args: str, **options: Any) -> tuple[int, str]:
        """Return status and stdout of a quiet call; show terraform's own error message."""
        with self._environment():
            status, out, err = self._program().cmd(
                command,
                *args,
                no_color=FLAG,
                **options,
            )
        if status not in (0, CHANGES):
            say((err or out).strip())
        return status, out

    def _stream(self, command: str, *args: str, **options: Any) -> None:
        if not sys.stderr.isatty():
            options["no_color"] = FLAG
        with self._environment(), _forward_to_stderr() as out, contextlib.redirect_stdout(out):
            status, _, _ = self._program().cmd(
                command,
                *args,
                capture_output=False,
                **options,
            )
        if status != 0:
            raise _failure(command)

    def _program(self) -> Any:
        if shutil.which("terraform") is None:
            raise UserError(
                "There is no terraform on the PATH. "
                f"Install Terraform {MINIMUM_VERSION} or newer and run the same command again."
            )
        return python_terraform.Terraform(working_dir=str(self.folder))

    @contextlib.contextmanager
    def _environment(self) -> Iterator[None]:
        """Set the variables for a while: python-terraform passes on this process's environment."""
        before = dict(os.environ)
        for name, value in self.variables.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextlib.contextmanager
def _forward_to_stderr() -> Iterator[TextIO]:
    """Give terraform a file to write to; leave out its list of outputs, which is nothing new."""
    reading, writing = os.pipe()

    def forward() -> None:
        with open(reading) as lines:  # noqa: PTH123 - a descriptor, not a path
            shown = True
            for line in lines:
                shown = shown and not line.startswith("Outputs:")
                if shown:
                    sys.stderr.write(line)
                    sys.stderr.flush()

    reader = threading.Thread(target=forward, daemon=True)
    reader.start()
    with open(writing, "w") as out:  # noqa: PTH123 - a descriptor, not a path
        yield out
    reader.join()


def _failure(command: str) -> UserError:
    return UserError(
        f"terraform {command} failed, for the reason above. Fix it and run the same command again."
    )
