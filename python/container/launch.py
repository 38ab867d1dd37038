"""Starts a training in as many processes as the job's hosts have GPUs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import torch
from torch.distributed import DistError, is_torchelastic_launched, run
from torch.distributed.elastic.multiprocessing import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from container import distributed
from container.errors import Stopped, TrainingError
from container.job import GPU_FAMILIES, STOPPED, Hosts, Job

PORT = "29500"  # where the processes meet, on the first host; MASTER_PORT overrules it
SHUTDOWN_SECONDS = "100"  # for a checkpoint after SIGTERM; SageMaker kills after 120
PEER_LOST = 75  # exit status of a process that ends because another one has


def everywhere(work: Callable[[Job], None], module: str) -> Callable[[Job], None]:
    """Return a function that runs `work` in every process of the job.

    A lone process calls it. For several, torchrun starts `module`, which must call this too, in
    each.
    """

    def start(job: Job) -> None:
        if is_torchelastic_launched():
            run_process(work, job)
        job.failure.unlink(missing_ok=True)
        require_gpu(job.instance_type())
        hosts = job.hosts()
        processes = max(1, torch.cuda.device_count())
        if len(hosts.names) * processes == 1:
            work(job)
            return
        if hosts.interface:
            # By default, the processes would meet on the first interface that has an address.
            os.environ.setdefault("GLOO_SOCKET_IFNAME", hosts.interface)
            os.environ.setdefault("NCCL_SOCKET_IFNAME", hosts.interface)
        port = os.environ.get("MASTER_PORT", PORT)
        torchrun([*torchrun_flags(hosts, processes, port), "--module", module, *sys.argv[1:]])

    return start


def require_gpu(instance_type: str) -> None:
    """Check that torch can use the GPU that the instance type has.

    Raises:
        TrainingError: it cannot, as when the driver is older than the container image's CUDA. On
            the few cores of such an instance, the job would run into its time limit.
    """
    if not instance_type.startswith(GPU_FAMILIES) or torch.cuda.is_available():
        return
    reason = "no GPU is visible"
    try:
        torch.cuda.init()
    except (AssertionError, RuntimeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
    raise TrainingError(
        f"Torch cannot use the GPU of this {instance_type}: {reason}. Set another "
        "training.instance_type, or a training image for the CUDA version of its driver."
    )


def run_process(work: Callable[[Job], None], job: Job) -> NoReturn:
    """Run `work` in one of the processes that torchrun has started.

    Skips the interpreter's shutdown, in which torch's threads sometimes abort the process.
    """

    def guard(job: Job) -> None:
        try:
            work(job)
        except RuntimeError as error:
            if not distributed.is_connection_loss(error):
                raise
            print(f"Ends because another process has ended: {error}", flush=True)
            os._exit(PEER_LOST)

    status = job.run(guard)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def torchrun_flags(hosts: Hosts, processes: int, port: str) -> list[str]:
    """torchrun's flags on this host, for `processes` on each."""
    return [
        f"--nnodes={len(hosts.names)}",
        f"--nproc_per_node={processes}",
        f"--node_rank={hosts.names.index(hosts.current)}",
        f"--master_addr={hosts.names[0]}",
        f"--master_port={port}",
    ]


def torchrun(arguments: list[str]) -> None:
    """Run torchrun to its end. A process that has reported its failure keeps its report.

    Called as a function, since the program ends with status 1 and a traceback, whatever the reason.
    """
    os.environ.setdefault("TORCH_ELASTIC_SHUTDOWN_TIMEOUT", SHUTDOWN_SECONDS)
    try:
        run.run(run.parse_args(arguments))
    except SignalException as error:  # passed on to the processes, which have ended
        raise SystemExit(128 + error.sigval) from error
    except DistError as error:
        raise TrainingError(f"The hosts did not meet: {error}") from error
    except ChildFailedError as error:
        statuses = {rank: failure.exitcode for rank, failure in error.failures.items()}
        if STOPPED in statuses.values():
            raise Stopped("Another host was stopped, and all have stopped.") from error
        causes = [(rank, status) for rank, status in statuses.items() if status != PEER_LOST]
        if not causes:
            raise TrainingError(
                "Training has ended on another host: see that host's log for the reason."
            ) from error
        rank, status = min(causes)
        reason = f"ended with status {status}: see the log for the reason"
        if status == -signal.SIGKILL:
            reason = (
                "was killed, as happens when it is out of memory: "
                "choose a larger instance type or a smaller batch_size"
            )
        raise TrainingError(f"Training process {rank} {reason}.") from error
