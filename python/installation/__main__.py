"""`python -m installation --extra local`: install the Python packages into the virtual environment.

pip brings uv, and uv brings the rest; the versions are those of constraints.txt. A file
`ready-<extra>` in the environment records that it is done. Interrupted, it can be run again; a
second one waits for the first.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from installation import torch_build, uv
from installation.environment import AGAIN, Environment
from installation.errors import InstallationError
from installation.progress import Line, say

CONSTRAINTS = Path("constraints.txt")
SOURCES = (Path("pyproject.toml"), CONSTRAINTS)

# What each extra is, and what it costs; without torch's build with CUDA.
EXTRAS = {
    "local": (
        "the Python packages",
        "About 350 MB to download, 1.3 GB on disk, 1 to 3 minutes.",
    ),
    "check": (
        "the packages for lint and tests",
        "About 50 MB to download, 0.1 GB on disk, less than a minute.",
    ),
    "conformance": (
        "AWS's own toolkits and Ray",
        "About 100 MB to download, 0.3 GB on disk, a minute or two.",
    ),
}


def main(argv: Sequence[str]) -> int:
    options = _arguments().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stamp = options.venv / f"ready-{options.extra}"
    try:
        with turn(options.venv) as lock:
            if not is_newer(stamp, SOURCES):
                say(announcement(options.venv, options.extra, repeated=stamp.exists()))
                install(Environment(options.venv, lock, Line()), options.extra)
                stamp.touch()
    except InstallationError as error:
        say(f"Error: {error}")
        return 1
    except OSError as error:
        say(f"Error: Cannot write {options.venv}: {error}. Correct that, and {AGAIN}.")
        return 1
    except KeyboardInterrupt:
        say(f"Interrupted. To continue, {AGAIN}.")
        return 130
    return 0


def announcement(venv: Path, extra: str, repeated: bool) -> str:
    if repeated:
        return f"The project's requirements have changed: updating the packages in {venv}."
    packages, costs = EXTRAS[extra]
    return f"Installing {packages} into {venv}. {costs}"


def install(environment: Environment, extra: str) -> None:
    """Install the project with one of its extras.

    Raises:
        InstallationError: the environment cannot be created, or a package cannot be had.
    """
    environment.create()
    installer = uv.bring_uv(environment, CONSTRAINTS)
    wanted = f"torch=={pinned_version('torch', CONSTRAINTS.read_text())}"
    build = torch_build.choose(
        lambda index: installer.offered_version(wanted, index),
        os.environ,
        sys.platform,
        torch_build.has_nvidia_gpu(),
    )
    if build:
        say(build.description)
        if build.index:
            installer.install(["--no-deps", wanted], build.index)
    installer.install(["--constraint", str(CONSTRAINTS), "--editable", f".[{extra}]"])
    say(f"Installed in {environment.line.seconds} s.")


def pinned_version(package: str, constraints: str) -> str:
    found = re.search(rf"^{package}==(\S+)", constraints, re.MULTILINE)
    if found is None:
        raise InstallationError(f"constraints.txt does not pin {package}. Add its version there.")
    return found[1]


def is_newer(stamp: Path, sources: Sequence[Path]) -> bool:
    """Whether `stamp` is there and at least as new as the sources, as make sees it."""
    if not stamp.exists():
        return False
    return all(stamp.stat().st_mtime >= source.stat().st_mtime for source in sources)


@contextmanager
def turn(venv: Path) -> Iterator[IO[str]]:
    """Wait until no other installation into the same environment runs, nor what it started."""
    venv.mkdir(parents=True, exist_ok=True)
    with (venv / "installation.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another command is installing into {venv}; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def _arguments() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(
        prog="python -m installation", description="Install the Python packages."
    )
    arguments.add_argument("--venv", type=Path, default=Path(".venv"))
    arguments.add_argument("--extra", choices=EXTRAS, default="local")
    return arguments


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
