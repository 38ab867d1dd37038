"""Whether the container images can be pulled: AWS publishes them in accounts of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

from scones.aws import Account
from scones.verification.finding import Finding, ask, ok, problem, unknown

URI = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.[\w.]+/(?P<name>[^:]+):(?P<tag>.+)"
)


def check(uris: Iterable[str], account: Account, settings: str) -> list[Finding]:
    if account.is_local:
        return [unknown("container image", "the local AWS pulls none")]
    findings = []
    for uri in dict.fromkeys(uris):
        findings += ask(
            "container image", "ecr:BatchGetImage", partial(_one, uri, account, settings)
        )
    return findings


def _one(uri: str, account: Account, settings: str) -> Iterator[Finding]:
    parts = URI.fullmatch(uri)
    remedy = f"Name an image that AWS publishes in {settings}."
    if parts is None:
        yield problem("container image", f"{uri} is not an image in ECR", remedy)
        return
    answer = account.client("ecr").batch_get_image(
        registryId=parts["account"],
        repositoryName=parts["name"],
        imageIds=[{"imageTag": parts["tag"]}],
    )
    if answer["images"]:
        yield ok("container image", uri)
        return
    reasons = [failure.get("failureReason", "") for failure in answer.get("failures", ())]
    yield problem("container image", f"{uri}: {'; '.join(reasons) or 'not found'}", remedy)
