"""EventBridge: rules are found by their tags (Resource Groups Tagging API), as event buses are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.events.models import EventsBackend

from localaws.server.patching import change


@change(EventsBackend)
def iter_tagged_resources(moto: Any, self: Any) -> Iterator[Any]:
    yield from moto(self)
    for bus in self.event_buses.values():
        for rule in bus.rules.values():
            tags = self.tagger.get_tag_dict_for_resource(rule.arn)
            yield TaggedResource(arn=rule.arn, tags=tags, resource_type="events:rule")
