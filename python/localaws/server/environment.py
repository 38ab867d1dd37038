"""Environment variables that lead boto3, Terraform and the aws CLI to the local AWS only."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

# They would lead elsewhere, or sign with real credentials.
UNSET = {
    "AWS_CA_BUNDLE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
}
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def variables(url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Every variable to set for the account at `url`, in addition to `environ`."""
    exceptions = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    hosts = ["127.0.0.1", "localhost", *exceptions.split(",")]  # a proxy cannot reach the account
    no_proxy = ",".join(filter(None, dict.fromkeys(hosts)))
    return {
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # there is no host sync-127.0.0.1
        "AWS_MAX_ATTEMPTS": "2",  # with the default number, an unsupported action seems to hang
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }


def shell_lines(url: str, environ: Mapping[str, str]) -> list[str]:
    """Lines for a POSIX shell to evaluate, or for a user to paste."""
    exports = variables(url, environ)
    foreign = {name for name in environ if name.startswith("AWS_")} - exports.keys()
    return [
        f"unset {' '.join(sorted(foreign | UNSET))}",
        *(f"export {name}={shlex.quote(value)}" for name, value in exports.items()),
    ]


def of_the_server(environ: Mapping[str, str]) -> dict[str, str]:
    """The server's own environment, without the caller's AWS settings and moto's switches."""
    inherited = {
        name: value for name, value in environ.items() if not name.startswith(("AWS_", "MOTO_"))
    }
    return inherited | CREDENTIALS
