"""EventBridge: rules are found by their tags, and an event's detail must be a JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.events.models import EventsBackend

from localaws.json_object import JsonObject
from localaws.server.patching import change

MOST_EVENTS = 10  # in a request
MALFORMED = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


@change(EventsBackend)
def iter_tagged_resources(moto: Any, self: Any) -> Iterator[Any]:
    """For the Resource Groups Tagging API, where moto has event buses only."""
    yield from moto(self)
    for bus in self.event_buses.values():
        for rule in bus.rules.values():
            tags = self.tagger.get_tag_dict_for_resource(rule.arn)
            yield TaggedResource(arn=rule.arn, tags=tags, resource_type="events:rule")


@change(EventsBackend)
def put_events(moto: Any, self: Any, events: list[JsonObject]) -> list[JsonObject]:
    """moto accepts every JSON text as the detail."""
    if len(events) > MOST_EVENTS:
        return list(moto(self, events))  # refuses them
    results: list[JsonObject] = []
    for event in events:
        results += [MALFORMED] if _is_other_json(event.get("Detail")) else moto(self, [event])
    return results


def _is_other_json(detail: str | None) -> bool:
    """Whether this is JSON, but not an object."""
    try:
        return bool(detail) and not isinstance(json.loads(detail or ""), dict)
    except ValueError:
        return False
