"""The contract of SageMaker's Ray image, which the local model server keeps without Ray."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_servers import DEPLOYMENT, OWN_HEALTH, lay_out, ray_files, serving

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


@pytest.mark.parametrize(
    ("environment", "path"), [({}, "/"), (OWN_HEALTH, "/model/")], ids=["Ray's", "own"]
)
def test_the_application_answers_below_the_path_of_the_backend(
    tmp_path: Path, environment: dict[str, str], path: str
) -> None:
    folder = lay_out(tmp_path / "model", ray_files())
    with serving(folder, environment=environment) as server:
        assert server.settled() == 200
        headers = {ATTRIBUTES: "asked", "X-Own": "not handed on"}
        answer = server.invoke(b"hello", "text/plain", **headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json")
        assert answer.headers[ATTRIBUTES] == "answered"
        assert "X-Own" not in answer.headers
        assert answer.json() == {
            "model": "first",
            "text": "hello",
            "path": path,
            "attributes": "asked",
        }


def test_an_exception_is_a_500_and_is_in_the_log(tmp_path: Path) -> None:
    with serving(lay_out(tmp_path / "model", ray_files())) as server:
        assert server.settled() == 200
        answer = server.invoke(b"", "text/break")
        assert (answer.status_code, answer.text) == (500, "Internal Server Error")
        assert "ValueError: broken inside" in server.log.read_text()
        assert server.invoke(b"on", "text/plain").status_code == 201


@pytest.mark.parametrize("environment", [{}, OWN_HEALTH], ids=["Ray's", "own"])
def test_an_import_that_fails_is_never_healthy(tmp_path: Path, environment: dict[str, str]) -> None:
    files = ray_files("raise RuntimeError('size mismatch for head.weight')")
    with serving(lay_out(tmp_path / "model", files), environment=environment) as server:
        assert server.settled() == 503
        assert server.log.read_text().endswith("RuntimeError: size mismatch for head.weight\n")
        assert server.process.poll() is None, "serve run does not end either"


def test_a_replica_that_fails_is_healthy_to_rays_proxy_but_not_to_a_check_of_its_own(
    tmp_path: Path,
) -> None:
    fails = DEPLOYMENT.replace("self.name = name", "raise RuntimeError('no such weights')")
    folder = lay_out(tmp_path / "model", ray_files(fails))
    with serving(folder) as server:
        assert server.settled() == 200
    with serving(folder, environment=OWN_HEALTH) as server:
        assert server.settled() == 503
        assert "RuntimeError: no such weights" in server.log.read_text()


def test_a_model_does_not_find_the_packages_of_this_project(tmp_path: Path) -> None:
    files = ray_files("import container.serving.inference")
    with serving(lay_out(tmp_path / "model", files)) as server:
        assert server.settled() == 503
        assert "No module named 'container'" in server.log.read_text()
