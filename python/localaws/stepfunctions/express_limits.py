"""What the definition of an EXPRESS state machine must not contain.

Source: docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from localaws.json_object import JsonObject
from localaws.stepfunctions.diagnostics import SCHEMA, Diagnostic, machines

ACTIVITY = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity:")
PATTERN = re.compile(r"(\.(?:sync|waitForTaskToken))(?::2)?$")


def diagnose(definition: JsonObject) -> Iterator[Diagnostic]:
    for machine in machines(definition):
        processor = machine.content.get("ProcessorConfig")
        if isinstance(processor, dict) and processor.get("Mode") == "DISTRIBUTED":
            message = (
                "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' "
                "state machines"
            )
            yield Diagnostic(SCHEMA, message, f"{machine.location}/ProcessorConfig/Mode")
        for _, state, location in machine.states:
            resource = state.get("Resource")
            if isinstance(resource, str):
                yield from _resource(resource, f"{location}/Resource")


def _resource(resource: str, location: str) -> Iterator[Diagnostic]:
    if ACTIVITY.match(resource):
        message = "Express state machine does not support Activity ARN"
        yield Diagnostic(SCHEMA, message, location)
    elif pattern := PATTERN.search(resource):
        message = f"Express state machine does not support '{pattern[1]}' service integration"
        yield Diagnostic(SCHEMA, message, location)
