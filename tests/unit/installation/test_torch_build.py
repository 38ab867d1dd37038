"""Which build of torch is installed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from installation.torch_build import CPU_INDEX, TorchBuild, choose

DEFAULT = {None: "2.13.0"}  # the default index has the build with CUDA
PYTORCH = {CPU_INDEX: "2.13.0+cpu"}
MIRROR = {"https://mirror/cpu": "2.13.0+cpu"}


def choice(
    offers: Mapping[str | None, str],
    index: str | None = None,
    platform: str = "linux",
    has_gpu: bool = False,
) -> TorchBuild | None:
    variables = {} if index is None else {"TORCH_INDEX": index}
    return choose(offers.get, variables, platform, has_gpu)


def index_of(build: TorchBuild | None) -> str | None:
    assert build
    return build.index


def test_the_cpu_build_comes_from_pytorchs_index() -> None:
    build = choice(DEFAULT | PYTORCH)
    assert build == TorchBuild(f"torch is the CPU build of {CPU_INDEX}.", CPU_INDEX)


def test_another_index_can_be_named_also_on_a_machine_with_a_gpu() -> None:
    assert index_of(choice(DEFAULT | MIRROR, "https://mirror/cpu")) == "https://mirror/cpu"
    with_gpu = choice(DEFAULT | MIRROR, "https://mirror/cpu", has_gpu=True)
    assert index_of(with_gpu) == "https://mirror/cpu"


@pytest.mark.parametrize("offers", [DEFAULT, DEFAULT | {CPU_INDEX: "2.13.0"}])
def test_an_index_that_does_not_answer_or_has_no_cpu_build_is_left_out(
    offers: Mapping[str | None, str],
) -> None:
    build = choice(offers)
    assert build
    assert build.index is None
    assert "with CUDA" in build.description
    assert f"{CPU_INDEX} offers no CPU build" in build.description


def test_an_empty_setting_means_the_default_index_without_a_try() -> None:
    build = choice(DEFAULT | PYTORCH, "")
    assert build
    assert build.index is None
    assert "TORCH_INDEX is empty" in build.description


def test_a_machine_with_a_gpu_keeps_the_build_with_cuda() -> None:
    build = choice(DEFAULT | PYTORCH, has_gpu=True)
    assert build
    assert build.index is None
    assert "for this machine's GPU" in build.description


def test_a_cpu_build_that_pips_settings_lead_to_is_taken_from_there() -> None:
    build = choice({None: "2.13.0+cpu"} | PYTORCH, has_gpu=True)
    assert build == TorchBuild("torch is the CPU build of this machine's own pip settings.")


def test_there_is_nothing_to_choose_if_torch_is_there_or_off_linux() -> None:
    assert choice({None: ""} | PYTORCH) is None
    assert choice(DEFAULT | PYTORCH, platform="darwin") is None
