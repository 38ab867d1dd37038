from __future__ import annotations

from localaws.server import environment

URL = "http://127.0.0.1:4000"


def test_variables_that_lead_elsewhere_are_unset() -> None:
    lines = environment.shell_lines(
        URL, {"AWS_ENDPOINT_URL_S3": "https://elsewhere", "HOME": "/home"}
    )
    unset = lines[0].split()
    assert unset[0] == "unset"
    assert {"AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_SESSION_TOKEN"} <= set(unset)
    assert "HOME" not in unset


def test_exported_variables_are_not_unset() -> None:
    exports = environment.variables(URL, {})
    unset = environment.shell_lines(URL, exports)[0].split()
    assert not exports.keys() & set(unset)
    assert f"export AWS_ENDPOINT_URL={URL}" in environment.shell_lines(URL, {})


def test_no_proxy_is_used_and_the_lines_can_be_evaluated_again() -> None:
    once = environment.variables(URL, {"no_proxy": "intern.example"})
    assert once["NO_PROXY"] == once["no_proxy"] == "127.0.0.1,localhost,intern.example"
    assert environment.variables(URL, once) == once


def test_the_server_does_not_see_the_callers_account() -> None:
    environ = {"AWS_PROFILE": "work", "MOTO_PORT": "1", "PATH": "/bin"}
    inherited = environment.of_the_server(environ)
    assert inherited["PATH"] == "/bin"
    assert not {"AWS_PROFILE", "MOTO_PORT"} & inherited.keys()
