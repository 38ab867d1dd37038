"""Starts a training story in as many processes as the job's hosts have GPUs; a single process needs no starting."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn

import torch
from torch.distributed import DistError, is_torchelastic_launched, run
from torch.distributed.elastic.multiprocessing import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from container import distributed
from container.errors import Stopped, TrainingError
from container.job import STOPPED, Hosts, Job

PORT = "29500"  # where the processes meet, on the first host; MASTER_PORT overrules it
PATIENCE = "100"  # seconds for a checkpoint after SIGTERM; SageMaker gives 120 until it kills
LOST = 75  # how a process ends when another one has
KILLED = "was killed, as happens for want of memory: choose a larger instance type or a smaller batch_size"


def everywhere(story: Callable[[Job], None], module: str) -> Callable[[Job], None]:
    """`story` for a lone process; for several, one that starts `module`, which must call this too, in each of them."""

    def start(job: Job) -> None:
        if is_torchelastic_launched():
            work(story, job)
        job.failure.unlink(missing_ok=True)
        hosts, processes = job.hosts(), max(1, torch.cuda.device_count())
        if len(hosts.names) * processes == 1:
            return story(job)
        # The meeting of the processes would otherwise take the first interface that has an address.
        for library in ("GLOO", "NCCL"):
            if hosts.interface:
                os.environ.setdefault(f"{library}_SOCKET_IFNAME", hosts.interface)
        port = os.environ.get("MASTER_PORT", PORT)
        return torchrun([*options(hosts, processes, port), "--module", module, *sys.argv[1:]])

    return start


def work(story: Callable[[Job], None], job: Job) -> NoReturn:
    """`story` in one of the processes that torchrun has started.

    Ends without an interpreter's farewells, at which torch's threads, now and then, abort the process.
    """

    def watched(job: Job) -> None:
        try:
            story(job)
        except RuntimeError as error:
            if not distributed.lost(error):
                raise
            print(f"Another process has ended, and this one with it: {error}", flush=True)
            os._exit(LOST)

    status = job.run(watched)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def options(hosts: Hosts, processes: int, port: str) -> list[str]:
    """torchrun's flags on this host, for `processes` on each."""
    flags = {
        "nnodes": len(hosts.names),
        "nproc_per_node": processes,
        "node_rank": hosts.names.index(hosts.current),
        "master_addr": hosts.names[0],
        "master_port": port,
    }
    return [f"--{name}={value}" for name, value in flags.items()]


def torchrun(arguments: list[str]) -> None:
    """Run torchrun to its end. A process that has told its failure is not talked over.

    Called as a function, since the program ends with status 1 and a traceback of its own, whatever the reason.
    """
    os.environ.setdefault("TORCH_ELASTIC_SHUTDOWN_TIMEOUT", PATIENCE)
    try:
        run.run(run.parse_args(arguments))
    except SignalException as error:  # passed on to the processes, which have ended
        raise SystemExit(128 + error.sigval) from error
    except ChildFailedError as error:
        ended = {rank: failure.exitcode for rank, failure in error.failures.items()}
        if STOPPED in ended.values():
            raise Stopped("Another host was told to stop, and all have stopped.") from error
        if not (causes := {rank: status for rank, status in ended.items() if status != LOST}):
            raise TrainingError(
                "Training has ended on another host: that host's log tells why."
            ) from error
        rank, status = min(causes.items())
        reason = KILLED if status == -9 else f"ended with status {status}: the log tells more"
        raise TrainingError(f"Training process {rank} {reason}.") from error
    except DistError as error:
        raise TrainingError(f"The hosts did not meet: {error}") from error
