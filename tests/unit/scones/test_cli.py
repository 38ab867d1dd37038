"""How a verb begins and ends."""

from __future__ import annotations

import io

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from scones import cli
from scones.errors import UserError


def outcome(error: BaseException, capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    """Exit status and stderr of a verb that raises `error`."""

    def main(_argv: object) -> int:
        raise error

    with pytest.raises(SystemExit) as ended:
        cli.run(main)
    return ended.value.code, capsys.readouterr().err


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "PutObject")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("It is broken. Mend it."), "Error: It is broken. Mend it.\n"),
        (NoCredentialsError(), "AWS_PROFILE"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "does not answer"),
        (client_error("ExpiredToken"), "Sign in again"),
        (client_error("AccessDenied"), "permission"),
    ],
)
def test_an_expected_error_is_a_sentence(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, err = outcome(error, capsys)
    assert status == 1
    assert said in err


def test_an_unexpected_error_keeps_its_traceback() -> None:
    def main(_argv: object) -> int:
        raise client_error("InternalError")

    with pytest.raises(ClientError):
        cli.run(main)


def test_an_interruption_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(KeyboardInterrupt(), capsys) == (
        130,
        "Interrupted. Run the same command again to go on.\n",
    )


@pytest.mark.parametrize(("answer", "agreed"), [("yes\n", True), ("y\n", False), ("", False)])
def test_only_a_yes_in_full_agrees_to_what_was_shown(
    answer: str, agreed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("YES", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert cli.confirm(lambda: "3 to add", "Apply?") is agreed
    assert "3 to add" in capsys.readouterr().err


def test_yes_in_the_environment_agrees_to_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YES", "1")
    assert cli.confirm(lambda: pytest.fail("nothing is shown"), "Apply?")
