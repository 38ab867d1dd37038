"""Reading the monitored model from its model.tar.gz."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from captured_traffic import artifact, packed, pngs, untrained

from container.evaluation.baseline import BaselineError
from container.serving import inference
from monitor.monitored_model import read_model


def test_the_monitored_model_answers_as_the_served_one(tmp_path: Path) -> None:
    model = read_model(packed(artifact(tmp_path), tmp_path / "model.tar.gz"), "scones-model")
    assert model.name == "scones-model"
    assert len(model.baseline.features) == 60
    image = pngs([1])[0]
    expected = inference.predict_fn(image, untrained())
    assert inference.predict_fn(image, model.classifier).tolist() == pytest.approx(
        expected.tolist(), abs=1e-5
    )


def test_a_model_without_a_name_is_named_by_its_content(tmp_path: Path) -> None:
    assert read_model(packed(artifact(tmp_path), tmp_path / "model.tar.gz")).name.startswith(
        "sha256:"
    )


def test_nothing_else_in_the_tarball_is_written_anywhere(tmp_path: Path) -> None:
    files = {
        **artifact(tmp_path),
        "../../escaped": b"out",
        "code/baseline.npz": b"another",
        "/tmp/escaped": b"out",  # noqa: S108
    }
    path = packed(files, tmp_path / "model.tar.gz")
    assert len(read_model(path).baseline.features) == 60
    assert not list(tmp_path.parent.rglob("escaped"))
    assert not Path("/tmp/escaped").exists()  # noqa: S108


def test_a_link_is_not_a_baseline(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    with tarfile.open(path, "w:gz") as tarball:
        content = artifact(tmp_path)["model.pt"]
        weights = tarfile.TarInfo("model.pt")
        weights.size = len(content)
        tarball.addfile(weights, io.BytesIO(content))
        link = tarfile.TarInfo("baseline.npz")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tarball.addfile(link)
    with pytest.raises(BaselineError, match=r"has no baseline\.npz"):
        read_model(path)


def test_weights_of_another_network_are_one_sentence(tmp_path: Path) -> None:
    files = {**artifact(tmp_path), "model.pt": b"something else"}
    with pytest.raises(
        BaselineError,
        match=r"model\.pt was not written by this version of training: .* Train again",
    ):
        read_model(packed(files, tmp_path / "model.tar.gz"))


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00half"])
def test_a_file_that_is_not_a_tarball_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(content)
    with pytest.raises(BaselineError, match=r"is not a model\.tar\.gz: "):
        read_model(path)
