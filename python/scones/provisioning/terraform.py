"""The `terraform` program, called by way of python-terraform; no other module calls it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import python_terraform

from scones.cli import say
from scones.errors import UserError
from scones.json_object import JsonObject
from scones.progress import Progress, Step
from scones.provisioning import quotas
from scones.provisioning.terraform_messages import Messages

MINIMUM_VERSION = "1.11"
FLAG = python_terraform.IsFlagged  # an option without a value
CHANGES = 2  # the exit status of `plan -detailed-exitcode` when there is something to do

# A terraform that an interrupted verb left behind gets this long to finish and release the lock.
LOCK_TIMEOUT = "20s"

# What a quiet call is called while it takes long.
TITLES = {
    "force-unlock": "Releasing the lock",
    "init": "Initialising Terraform",
    "plan": "Planning",
    "show": "Reading the plan",
    "version": "Reading the versions",
}

# What `plan` prints besides the plan: how far it is, and how to apply the plan without us.
PLAN_NOISE = re.compile(
    r"^\S.*: (Refreshing state|Reading|Still reading|Read complete|Preparing import)\b.*\n"
    r"|^(Acquiring|Releasing) state lock\..*\n"
    r"|^─+\n\nSaved the plan to:[\s\S]*\Z",
    re.MULTILINE,
)

# python-terraform logs every failure itself; the message here reports it once.
logging.getLogger("python_terraform").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Planned:
    """Whether a plan holds changes, and the plan with its warnings for a reviewer."""

    changes: bool
    text: str


@dataclass(frozen=True)
class Terraform:
    """One root module with one working directory.

    Attributes:
        folder: the root module.
        variables: environment variables for every call; None unsets one.
        log: the file that gets all that terraform reports, appended.
    """

    folder: Path
    variables: Mapping[str, str | None]
    log: Path = Path(os.devnull)

    def init(self, backend: Mapping[str, str]) -> None:
        self._run(
            "init",
            backend_config=dict(backend),
            lockfile="readonly",
            reconfigure=FLAG,
        )

    def versions(self) -> dict[str, str]:
        """The version of terraform, and of each provider that `init` has chosen, by name."""
        found = json.loads(self._run("version", json=FLAG))
        return {"terraform": found["terraform_version"], **found["provider_selections"]}

    def plan(self, plan_file: Path, var_files: list[Path], replaced: Sequence[str] = ()) -> Planned:
        """Write a plan, and return what it holds; the addresses `replaced` are created again."""
        return self._plan(plan_file, var_files, **({"replace": list(replaced)} if replaced else {}))

    def show_json(self, plan_file: Path) -> JsonObject:
        text = self._run("show", str(plan_file), json=FLAG)
        return dict(json.loads(text))

    def apply(self, plan_file: Path, title: str = "Provisioning") -> None:
        """Apply a saved plan; show how many of its operations have ended."""
        with Progress(title) as bar:
            messages = Messages(bar, self._write_log)
            self._log_call("apply")
            status = self._stream(
                "apply",
                str(plan_file),
                read=messages.read,
                json=FLAG,
                lock_timeout=LOCK_TIMEOUT,
            )
            bar.figures = ()
            if status != 0:
                raise self._failure("apply", quotas.remedy("\n".join(messages.diagnostics)))

    def destroy(self, plan_file: Path, var_files: list[Path]) -> None:
        """Destroy everything in the state, by way of a plan.

        `terraform destroy` would print every attribute of what it destroys.
        """
        self._plan(plan_file, var_files, destroy=FLAG)
        self.apply(plan_file, "Destroying")
        plan_file.unlink()

    def force_unlock(self, lock_id: str) -> None:
        self._run("force-unlock", lock_id, force=FLAG)

    def check(self) -> None:
        """Check formatting and validity and run the module's own tests; reports go to stderr."""
        self._show("fmt", check=FLAG, diff=FLAG, recursive=FLAG)
        self._run("init", backend=False, lockfile="readonly")
        # Without the tests: `test` validates them, too, and each takes a start of the provider.
        self._show("validate", no_tests=FLAG)
        self._show("test")

    def _plan(self, plan_file: Path, var_files: list[Path], **options: Any) -> Planned:
        # The text comes from the same call: to show a saved plan starts the provider again.
        status, text = self._call(
            "plan",
            detailed_exitcode=FLAG,
            out=str(plan_file),
            var_file=[str(file) for file in var_files],
            lock_timeout=LOCK_TIMEOUT,
            **options,
        )
        return Planned(status == CHANGES, for_a_reviewer(text))

    def _run(self, command: str, *args: str, **options: Any) -> str:
        _, out = self._call(command, *args, **options)
        return out

    def _call(self, command: str, *args: str, **options: Any) -> tuple[int, str]:
        """Return status and stdout of a quiet call; show terraform's own error message."""
        self._log_call(command)
        with Step(TITLES[command]), self._environment():
            status, out, err = self._program().cmd(
                command,
                *args,
                no_color=FLAG,
                **options,
            )
        if command not in ("show", "version"):  # what is shown was logged when it was planned
            self._write_log((out + err).strip())
        if status not in (0, CHANGES):
            say((err or out).strip())
            raise self._failure(command)
        return int(status), str(out)

    def _show(self, command: str, **options: Any) -> None:
        """Call terraform and show all that it prints."""
        if not sys.stderr.isatty():
            options["no_color"] = FLAG
        status = self._stream(command, read=lambda line: say(line.rstrip("\n"), True), **options)
        if status != 0:
            raise self._failure(command)

    def _stream(self, command: str, *args: str, read: Callable[[str], None], **options: Any) -> int:
        """Return the status of a call whose lines are read as they come."""
        with self._environment(), _read_lines(read) as out, contextlib.redirect_stdout(out):
            status, _, _ = self._program().cmd(
                command,
                *args,
                capture_output=False,
                **options,
            )
        return int(status)

    def _log_call(self, command: str) -> None:
        self._write_log(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} terraform {command}")

    def _write_log(self, text: str) -> None:
        with self.log.open("a") as file:
            file.write(f"{text}\n")

    def _failure(self, command: str, remedy: str | None = None) -> UserError:
        sentences = [
            f"terraform {command} failed, for the reason above.",
            f"{remedy} Then run the same command again."
            if remedy
            else "Fix it and run the same command again.",
        ]
        if self.log.is_file():
            sentences.append(f"All that terraform reported is in {os.path.relpath(self.log)}.")
        return UserError(" ".join(sentences))

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
        before = {name: os.environ.get(name) for name in self.variables}
        _set_variables(self.variables)
        try:
            yield
        finally:
            _set_variables(before)


def _set_variables(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def for_a_reviewer(text: str) -> str:
    """Return what `plan` prints without what is not about the plan."""
    return PLAN_NOISE.sub("", text).strip()


@contextlib.contextmanager
def _read_lines(read: Callable[[str], None]) -> Iterator[TextIO]:
    """Give terraform a file to write to, and call `read` with each line of it.

    An interrupted terraform gets the time to finish what it has begun, and to save its state.
    """
    reading, writing = os.pipe()

    def read_all() -> None:
        with open(reading) as lines:  # noqa: PTH123 - a descriptor, not a path
            for line in lines:
                read(line)

    reader = threading.Thread(target=read_all, daemon=True)
    reader.start()
    out = open(writing, "w")  # noqa: PTH123, SIM115 - a descriptor, closed below
    try:
        yield out
    except KeyboardInterrupt:
        say("Waiting for terraform to finish what it has begun. Ctrl-C again leaves it.")
        raise
    finally:
        out.close()
        reader.join()
