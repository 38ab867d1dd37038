"""How long the verbs wait for what AWS takes its time for, and how often they look."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

GROWTH = 1.3  # of the pauses between looks


@dataclass(frozen=True)
class Wait:
    """At most so many `seconds`; pauses between looks grow from `first` to `longest` seconds."""

    seconds: float
    first: float
    longest: float

    def looks(self) -> Iterator[None]:
        """Yield for every look: at once, after each pause, and a last time when the time is up."""
        deadline = time.monotonic() + self.seconds
        pause = self.first
        yield
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(pause, left))
            pause = min(pause * GROWTH, self.longest)
            yield

    def __str__(self) -> str:
        """Such as "30 minutes" or "75 seconds"."""
        minutes, seconds = divmod(self.seconds, 60)
        if minutes > 1 and not seconds:
            return f"{minutes:.0f} minutes"
        return f"{self.seconds:g} seconds"


# An endpoint that is being created or updated: instances start, a container image is loaded, and
# the health check may take `serving.startup_seconds`.
ENDPOINT_SETTLES = Wait(1800.0, 0.2, 5.0)
# A deletion of an endpoint takes seconds to a few minutes.
ENDPOINT_IS_GONE = Wait(300.0, 0.2, 3.0)
# An endpoint in service whose first answers fail: its workers may still load the model.
ENDPOINT_ANSWERS = Wait(75.0, 1.0, 5.0)
ENDPOINT_ANSWER_SECONDS = 30.0  # of one request
# The lines of a container that ended may reach CloudWatch Logs after its endpoint's status.
ENDPOINT_LOG = Wait(10.0, 0.2, 2.0)

# Jobs that were asked to stop get two minutes to write their model, and then upload it.
JOB_STOPS = Wait(900.0, 2.0, 2.0)
# What SageMaker still lists as Deleting: endpoints, jobs, model packages and their groups.
DELETIONS_END = Wait(300.0, 0.2, 3.0)
# Some services list deleted resources for seconds.
LISTS_CATCH_UP = Wait(15.0, 3.0, 3.0)

# A role that was just created, until services can assume it; a bucket that S3 is busy with.
BECOMES_READY = Wait(120.0, 5.0, 5.0)

# A terraform of an interrupted verb that is still at work.
SURVIVOR_ENDS = Wait(120.0, 0.5, 0.5)

# An execution; its state machine ends it before that.
EXECUTION_ENDS = Wait(360.0, 0.05, 2.0)

# Until a request's capture is in S3: minutes, without a published limit.
CAPTURES_ARRIVE_SECONDS = 900.0
