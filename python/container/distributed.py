"""The processes that train one network together: one for each GPU, or one for each host that has none.

Every process learns from its share of every batch, and DistributedDataParallel averages what they learn, so that a step
is the step that one process alone would make. One thing differs: batch norm goes by a process's own share. (Torch's
SyncBatchNorm would go by the whole batch, but on GPUs only; one way on all hardware can be tested on any.) So a share
should stay at 16 images or more: raise batch_size with the number of processes.
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
    """This process among all `size`; what its methods are given, they must be given in every process."""

    rank: int = 0
    size: int = 1
    host: str = "localhost"
    device: torch.device = CPU

    @property
    def first(self) -> bool:
        """Whether this is the process that prints, evaluates, and writes checkpoints and the model."""
        return self.rank == 0

    def say(self, line: str) -> None:
        if self.first:
            print(line, flush=True)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What goes wrong in this block in one process ends all, with a TrainingError that names its host."""
        trouble: Exception | None = None
        try:
            yield
        except Exception as error:
            trouble = error
        told = (
            trouble
            if isinstance(trouble, TrainingError) or not trouble
            else f"{type(trouble).__name__}: {trouble}"
        )
        hosts = self.gather((self.host, told and str(told)))
        if trouble and (self.size == 1 or not isinstance(trouble, TrainingError)):
            raise trouble
        if wrong := {sentence: host for host, sentence in reversed(hosts) if sentence}:
            everywhere = len(wrong) == 1 and all(sentence for _, sentence in hosts)
            sentence, host = next(reversed(wrong.items()))
            raise TrainingError(sentence if everywhere else f"On {host}: {sentence}") from trouble

    def compare(self, parts: Mapping[str, Tensor | str]) -> None:
        """Make sure that all processes train on the same. Raises TrainingError that names hosts and parts."""
        hosts = self.gather((self.host, {name: digest(part) for name, part in parts.items()}))
        (reference, expected), *others = hosts
        odd = {
            host: [name for name in expected if got[name] != expected[name]] for host, got in others
        }
        if different := {host: names for host, names in odd.items() if names}:
            told = "; ".join(
                f"{host} has other {' and '.join(names)}" for host, names in different.items()
            )
            remedy = "give every host the whole of each channel (FullyReplicated), and stage nothing while a job starts"
            raise TrainingError(
                f"The hosts differ from {reference}: {told}. Train again: {remedy}."
            )

    def share(self, batch: Tensor) -> Tensor:
        """Which of a batch's images [N] this process sees: every one is some process's, and of one alone."""
        if len(batch) < self.size:
            raise TrainingError(
                f"{self.size} processes cannot share a batch of {len(batch)} images: set the hyperparameter batch_size "
                f"to {16 * self.size}, or train with fewer."
            )
        return batch[self.rank :: self.size]

    def parallel(self, network: nn.Module) -> nn.Module:
        """`network`, now the first process's, as something to call instead of it: gradients become all processes'."""
        if self.size == 1:
            return network
        gpu = [self.device] if self.device.type == "cuda" else None
        return DistributedDataParallel(network, device_ids=gpu, forward_sync_buffers=False)

    def average(self, network: nn.Module) -> None:
        """Let batch norm's running statistics be those of all shares, not of this process's alone."""
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

    def from_first(self, value: T) -> T:
        """The first process's `value`, whatever the others'."""
        values = [value]
        if self.size > 1:
            distributed.broadcast_object_list(values, src=0, device=self.device)
        return values[0]


ALONE = World()


def join(host: str) -> World:
    """Meet the processes that torchrun has started; without torchrun there is this one alone."""
    local = int(os.environ.get("LOCAL_RANK", "0"))
    device = torch.device("cuda", local) if torch.cuda.is_available() else CPU
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if not distributed.is_torchelastic_launched():
        return World(host=host, device=device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return World(distributed.get_rank(), distributed.get_world_size(), host, device)


def leave() -> None:
    """From here on there is nothing to wait for: each process ends by itself."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def lost(error: RuntimeError) -> bool:
    """Whether the error means that another process has gone: nccl's have a class for it, gloo's only a text."""
    return isinstance(error, distributed.DistError) or "/gloo/" in str(error)


def digest(part: Tensor | str) -> str:
    content = part.encode() if isinstance(part, str) else part.cpu().numpy().tobytes()
    return hashlib.sha256(content).hexdigest()
