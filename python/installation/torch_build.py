"""Which build of torch to install: the CPU build is a tenth of the one with CUDA."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

# Where PyTorch offers the CPU builds for Linux. The variable TORCH_INDEX names another place, or
# none if it is empty.
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
VARIABLE = "TORCH_INDEX"
CPU = "+cpu"
CUDA_SIZE = "about 2.5 GB more to download, 4 GB more on disk"

# The version of torch that an index would install; "" if there is one already, None if the index
# has none or does not answer. Without an index, what pip's own settings lead to.
Offer = Callable[[str | None], str | None]


@dataclass(frozen=True)
class TorchBuild:
    """A build: what it is and why, and the index that it alone comes from, if any."""

    description: str
    index: str | None = None


def choose(
    offer: Offer, variables: Mapping[str, str], platform: str, has_gpu: bool
) -> TorchBuild | None:
    """The build to install; None where there is one already, or no choice.

    The CPU build is preferred, except on a machine with a GPU whose user names no index.
    """
    if platform != "linux":
        return None
    default = offer(None)
    if default == "":
        return None
    if CPU in (default or ""):
        return TorchBuild("torch is the CPU build of this machine's own pip settings.")
    index = variables.get(VARIABLE)
    if has_gpu and not index:
        return TorchBuild(f"torch is the build with CUDA, for this machine's GPU: {CUDA_SIZE}.")
    index = CPU_INDEX if index is None else index
    if not index:
        return TorchBuild(f"torch is the default build, since {VARIABLE} is empty: {CUDA_SIZE}.")
    if CPU in (offer(index) or ""):
        return TorchBuild(f"torch is the CPU build of {index}.", index)
    return TorchBuild(
        f"torch is the default build, with CUDA: {CUDA_SIZE}, since {index} offers no CPU build "
        f"or does not answer. {VARIABLE}=url names another place."
    )


def has_nvidia_gpu() -> bool:
    devices = Path("/dev").glob("nvidia*")
    return any(devices) or shutil.which("nvidia-smi") is not None
