"""How a verb begins and ends, and what its help explains."""

from __future__ import annotations

import argparse
import importlib
import io

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from scones import cli
from scones.__main__ import dispatch
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
    ("error", "message"),
    [
        (UserError("It is broken. Fix it."), "Error: It is broken. Fix it.\n"),
        (NoCredentialsError(), "AWS_PROFILE"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "does not answer"),
        (client_error("ExpiredToken"), "Sign in again"),
        (client_error("InvalidAccessKeyId"), "Sign in again"),
        (client_error("RequestTimeTooSkewed"), "clock"),
        (client_error("AccessDenied"), "permission"),
        (client_error("ForbiddenException"), "permission"),
        (exceptions.ProfileNotFound(profile="dev"), "AWS_PROFILE"),
        (exceptions.ConfigParseError(path="/config"), "AWS_PROFILE"),
        (exceptions.InvalidConfigError(error_msg="no role_arn"), "AWS_PROFILE"),
        (exceptions.MissingDependencyException(msg="botocore[crt]"), "AWS_PROFILE"),
        (exceptions.SSOTokenLoadError(error_msg="none"), "aws sso login"),
        (exceptions.UnauthorizedSSOTokenError(), "Sign in again"),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="expired"), "Sign in again"),
        (exceptions.CredentialRetrievalError(provider="process", error_msg="1"), "Sign in again"),
        (exceptions.LoginRefreshRequired(), "aws login"),
        (exceptions.LoginTokenLoadError(error_msg="none"), "Sign in again"),
        (exceptions.RefreshWithMFAUnsupportedError(), "Sign in again"),
        (exceptions.SSLError(endpoint_url="u", error="certificate"), "does not answer"),
        (exceptions.ProxyConnectionError(proxy_url="p"), "does not answer"),
    ],
)
def test_an_expected_error_is_a_sentence(
    error: Exception, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, err = outcome(error, capsys)
    assert status == 1
    assert message in err


def test_an_unexpected_error_keeps_its_traceback() -> None:
    def main(_argv: object) -> int:
        raise client_error("InternalError")

    with pytest.raises(ClientError):
        cli.run(main)


def test_an_interruption_explains_how_to_continue(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(KeyboardInterrupt(), capsys) == (
        130,
        "Interrupted. Run the same command again to continue.\n",
    )


@pytest.mark.parametrize(("answer", "confirmed"), [("yes\n", True), ("y\n", False), ("", False)])
def test_only_a_full_yes_confirms_what_was_shown(
    answer: str,
    confirmed: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("YES", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert cli.confirm(lambda: "3 to add", "Apply?") is confirmed
    assert "3 to add" in capsys.readouterr().err


def test_yes_in_the_environment_confirms_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YES", "1")
    assert cli.confirm(lambda: pytest.fail("nothing is shown"), "Apply?")


@pytest.mark.parametrize(
    ("irreplaceable", "terminal", "typed", "confirmed"),
    [
        (False, True, "", True),
        (True, False, "", True),
        (True, True, "no\n", False),
        (True, True, "yes\n", True),
    ],
)
def test_the_local_aws_asks_on_a_terminal_before_something_irreplaceable_is_deleted(
    irreplaceable: bool,
    terminal: bool,
    typed: str,
    confirmed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stdin = io.StringIO(typed)
    monkeypatch.setattr(stdin, "isatty", lambda: terminal)
    monkeypatch.setattr("sys.stdin", stdin)
    monkeypatch.setenv("YES", "local")
    assert cli.confirm(lambda: "", "Destroy?", irreplaceable=irreplaceable) is confirmed


def test_the_help_lists_every_verb_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        dispatch(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for verb, summary in cli.VERBS.items():
        assert f"{verb} {summary}" in text


def test_an_unknown_verb_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        dispatch(["paint"])
    assert "invalid choice: 'paint'" in capsys.readouterr().err


@pytest.mark.parametrize("verb", cli.VERBS)
def test_the_help_of_a_verb_explains_it_and_all_of_its_options(
    verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsers: list[argparse.ArgumentParser] = []

    class Parsed(Exception):
        """Raised in place of running the verb."""

    def parse_args(parser: argparse.ArgumentParser, _argv: object) -> None:
        parsers.append(parser)
        raise Parsed

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_args)
    command = importlib.import_module(f"scones.commands.{verb.replace('-', '_')}")
    with pytest.raises(Parsed):
        command.main([])
    (parser,) = parsers
    assert parser.description == f"{cli.VERBS[verb]}. {cli.DETAILS[verb]}"
    assert [action.dest for action in parser._actions if not action.help] == []


def test_a_whole_number_is_read_within_its_limits() -> None:
    assert cli.whole_number("LIMIT", "7", 1, 1000, "Choose another.") == 7
    for text in ("0", "-3", "1.5", "ten", "", " ", "²", "1001", "9" * 5000):
        with pytest.raises(UserError) as caught:
            cli.whole_number("LIMIT", text, 1, 1000, "Choose another.")
        assert str(caught.value) == (
            f'LIMIT must be a whole number from 1 to 1,000, not "{text}". Choose another.'
        )
