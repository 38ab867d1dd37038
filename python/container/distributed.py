"""The processes that train one network together: one for each GPU, or for each host without any.

Every process learns from its share of every batch, and DistributedDataParallel averages the
gradients, so that a step is the step that one process alone would make. One thing differs: batch
norm uses the statistics of a process's own share. (Torch's SyncBatchNorm would use the whole batch,
but on GPUs only; one path on all hardware can be tested on any.) So a share should stay at 16
images or more: raise batch_size with the number of processes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from container.errors import TrainingError

T = TypeVar("T")
CPU = torch.device("cpu")


@dataclass(frozen=True)
class World:
    """This process among all `size`. Its methods must be called in every process."""

    rank: int = 0
    size: int = 1
    host: str = "localhost"
    device: torch.device = CPU

    @property
    def first(self) -> bool:
        """Whether this process prints, evaluates, and writes checkpoints and the model."""
        return self.rank == 0

    def log(self, line: str) -> None:
        if self.first:
            print(line, flush=True)

    @contextmanager
    def share_errors(self) -> Iterator[None]:
        """If this block fails in one process, end all with a TrainingError that names its host."""
        failure: Exception | None = None
        sentence = ""
        try:
            yield
        except TrainingError as error:
            failure, sentence = error, str(error)
        except Exception as error:
            failure, sentence = error, f"{type(error).__name__}: {error}"
        hosts = self.gather((self.host, sentence))
        if failure and (self.size == 1 or not isinstance(failure, TrainingError)):
            raise failure
        failed = [(host, reason) for host, reason in hosts if reason]
        if not failed:
            return
        host, reason = failed[0]
        everywhere = len(failed) == len(hosts) and len({reason for _, reason in failed}) == 1
        raise TrainingError(reason if everywhere else f"On {host}: {reason}") from failure

    def compare(self, parts: Mapping[str, Tensor | str]) -> None:
        """Check that all processes train on the same parts.

        Raises:
            TrainingError: it names the hosts and the parts that differ.
        """
        digests = {name: digest(part) for name, part in parts.items()}
        (reference, expected), *others = self.gather((self.host, digests))
        differences = {}
        for host, actual in others:
            names = [name for name in expected if actual[name] != expected[name]]
            if names:
                differences[host] = f"{host} has other {' and '.join(names)}"
        if differences:
            raise TrainingError(
                f"The hosts differ from {reference}: {'; '.join(differences.values())}. "
                "Train again: give every host the whole of each channel (FullyReplicated), "
                "and stage nothing while a job starts."
            )

    def share(self, batch: Tensor) -> Tensor:
        """This process's share of a batch's images [N]: every image is in one share."""
        if len(batch) < self.size:
            raise TrainingError(
                f"{self.size} processes cannot share a batch of {len(batch)} images: set the "
                f"hyperparameter batch_size to {16 * self.size}, or train with fewer processes."
            )
        return batch[self.rank :: self.size]

    def parallel(self, network: nn.Module) -> nn.Module:
        """Return a module to call instead of `network`, whose gradients are those of all processes.

        The network's weights become the first process's.
        """
        if self.size == 1:
            return network
        gpu = [self.device] if self.device.type == "cuda" else None
        return DistributedDataParallel(network, device_ids=gpu, forward_sync_buffers=False)

    def average_buffers(self, network: nn.Module) -> None:
        """Set batch norm's running statistics to those of all shares."""
        for buffer in network.buffers():
            if buffer.is_floating_point():
                self.mean(buffer)

    def mean(self, value: Tensor) -> Tensor:
        """The mean over all processes, in place."""
        if self.size > 1:
            distributed.all_reduce(value)
            value /= self.size
        return value

    def any(self, flag: bool) -> bool:
        return bool(self.mean(torch.tensor(float(flag), device=self.device)) > 0)

    def gather(self, value: T) -> list[T]:
        """Every process's `value`, by rank."""
        values: list[Any] = [value] * self.size
        if self.size > 1:
            distributed.all_gather_object(values, value)
        return values

    def broadcast(self, value: T) -> T:
        """The first process's `value`."""
        values = [value]
        if self.size > 1:
            distributed.broadcast_object_list(values, src=0, device=self.device)
        return values[0]


ALONE = World()


def join(host: str) -> World:
    """Meet the processes that torchrun has started; without torchrun, this one is alone."""
    local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    device, backend = CPU, "gloo"
    if torch.cuda.is_available():
        device, backend = torch.device("cuda", local_rank), "nccl"
        torch.cuda.set_device(device)
    if not distributed.is_torchelastic_launched():
        return World(host=host, device=device)
    distributed.init_process_group(backend)
    return World(distributed.get_rank(), distributed.get_world_size(), host, device)


def leave() -> None:
    """Stop waiting for the others: from here on, each process ends by itself."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def is_connection_loss(error: RuntimeError) -> bool:
    """Whether another process has ended: nccl has a class for this error, gloo only a text."""
    return isinstance(error, distributed.DistError) or "/gloo/" in str(error)


def digest(part: Tensor | str) -> str:
    content = part.encode() if isinstance(part, str) else part.cpu().numpy().tobytes()
    return hashlib.sha256(content).hexdigest()
