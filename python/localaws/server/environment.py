"""The environment variables that lead boto3, Terraform and the aws CLI to the local AWS, and away from any other."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

# They would lead elsewhere, or sign with somebody's real credentials.
LEFT_OUT = [
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
]


def variables(url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Every variable to set for the account at `url`, given the environment that is there already."""
    others = (environ.get("no_proxy") or environ.get("NO_PROXY") or "").split(",")
    direct = ",".join(
        dict.fromkeys(["127.0.0.1", "localhost", *filter(None, others)])
    )  # a proxy cannot reach us
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",  # with the usual number an action that is not there looks like a hang
        "NO_PROXY": direct,
        "no_proxy": direct,
    }


def shell_lines(url: str, environ: Mapping[str, str]) -> list[str]:
    """Lines for a POSIX shell to evaluate, or for a person to paste."""
    wanted = variables(url, environ)
    strangers = {name for name in environ if name.startswith("AWS_")} - wanted.keys()
    return [
        f"unset {' '.join(sorted(strangers.union(LEFT_OUT)))}",
        *(f"export {name}={shlex.quote(value)}" for name, value in wanted.items()),
    ]


def of_the_server(environ: Mapping[str, str]) -> dict[str, str]:
    """The server's own environment: the caller's AWS settings and moto's switches stay outside."""
    kept = {
        name: value for name, value in environ.items() if not name.startswith(("AWS_", "MOTO_"))
    }
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
