"""How long the local AWS takes for what takes AWS a while: every such duration, at two paces.

`LOCALAWS_PACE` names the pace when the local AWS starts: `fast`, the default, keeps each status for
some tenths of a second, `aws` for the seconds to minutes of the real service. Single durations can
follow: `LOCALAWS_PACE=fast,endpoint_deletion=10`, in seconds.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from enum import Enum, unique

from localaws.errors import LocalAwsError

VARIABLE = "LOCALAWS_PACE"
FAST, AWS = "fast", "aws"
DEFAULT = FAST

# AWS publishes no durations for most of this: these are the orders of magnitude that users see.
ESTIMATE = "estimate"
ASYNC_INVOCATION = (
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"
)


@unique
class Duration(Enum):
    """What takes a while: what it is, its seconds at `fast` and at `aws`, where they are from.

    Where work of this machine is a part of it, such as the start of a model server, the duration
    is the least that the whole takes.
    """

    ENDPOINT_FLEET = "An endpoint's new fleet: Creating, Updating", 0.3, 120.0, ESTIMATE
    ENDPOINT_ROLLBACK = "The end of an update that failed: RollingBack", 0.3, 45.0, ESTIMATE
    ENDPOINT_DELETION = "The deletion of an endpoint: Deleting", 0.3, 30.0, ESTIMATE
    FAILED_HEALTH_CHECKS = (
        "A container that cannot become healthy: until given up, at the latest by its timeout",
        0.5,
        3600.0,
        "the longest ContainerStartupHealthCheckTimeoutInSeconds",
    )
    JOB_START = "A training job's instances: Starting", 0.1, 60.0, ESTIMATE
    JOB_DOWNLOAD = "A training job's image and data: Downloading", 0.1, 20.0, ESTIMATE
    JOB_UPLOAD = "A training job's artifacts: Uploading", 0.1, 10.0, ESTIMATE
    JOB_STOP = "A training job that was stopped: Stopping", 0.1, 10.0, ESTIMATE
    RECORD_DELETION = "A training job, model package or group: Deleting", 0.1, 15.0, ESTIMATE
    PACKAGE_CREATION = "A model package: Pending, then InProgress", 0.1, 5.0, ESTIMATE
    CAPTURE = "Captured data: until it is in S3", 0.2, 120.0, ESTIMATE
    LOGS = "A log event: until it can be read", 0.1, 5.0, ESTIMATE
    FUNCTION_CREATION = "A new function: Pending", 0.1, 5.0, ESTIMATE
    FUNCTION_UPDATE = "The update of a function: InProgress", 0.1, 5.0, ESTIMATE
    ASYNC_RETRY = (
        "An asynchronous invocation that failed: its first retry; the second after twice as long",
        0.3,
        60.0,
        ASYNC_INVOCATION,
    )
    BUCKET_NAME = "The name of a deleted bucket: until it is free", 0.1, 30.0, ESTIMATE
    ROLE = "A new role: until services can assume it", 0.0, 10.0, ESTIMATE
    POLICY = "A changed policy: until it takes effect", 0.0, 10.0, ESTIMATE

    def __init__(
        self,
        meaning: str,
        fast: float,
        aws: float,
        source: str,
    ) -> None:
        self.meaning = meaning
        self.fast = fast
        self.aws = aws
        self.source = source

    @property
    def seconds(self) -> float:
        """At the pace of this process. Raises LocalAwsError where that is not valid."""
        return durations(chosen(os.environ))[self]


def chosen(environ: Mapping[str, str]) -> str:
    """The setting, such as `fast` or `aws,endpoint_deletion=10`."""
    return environ.get(VARIABLE, "").replace(" ", "") or DEFAULT


@functools.cache
def durations(setting: str) -> Mapping[Duration, float]:
    """Seconds of each duration. Raises LocalAwsError for a setting that is not valid."""
    pace, *changes = setting.split(",")
    if pace not in {FAST, AWS}:
        raise LocalAwsError(f"{VARIABLE}={setting}: the pace is {FAST} or {AWS}.")
    seconds = {duration: duration.aws if pace == AWS else duration.fast for duration in Duration}
    for change in changes:
        name, _, value = change.partition("=")
        duration = Duration.__members__.get(name.upper())
        if duration is None:
            names = ", ".join(member.name.lower() for member in Duration)
            raise LocalAwsError(f'{VARIABLE}={setting}: there is no "{name}". There are: {names}.')
        if not value.replace(".", "", 1).isdecimal():
            raise LocalAwsError(f"{VARIABLE}={setting}: {name} takes seconds, such as {name}=10.")
        seconds[duration] = float(value)
    return seconds
