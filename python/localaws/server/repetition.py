"""What moto works out in every request and execution although it never changes: worked out once."""

from __future__ import annotations

from typing import Any

from moto.core import responses
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.utils import json_path

from localaws.server.patching import change, remember

# The service of a host name: moto matches it with the patterns of all services, after a listing of
# the folder that holds them.
remember(DomainDispatcherApplication, "get_backend_for_host")
# The actions of a service: moto inspects its class.
remember(responses, "method_names_from_class")
# A JSONPath: moto builds a parser for each.
remember(json_path, "parse")
remember(result_path, "parse")


@change(responses.BaseResponse)
def _get_action_from_method_and_request_uri(moto: Any, self: Any, request: Any) -> Any:
    """The operation of a request by its address, for which moto matches all of a service's.

    moto asks several times for each request, and a match sets `uri_match`.
    """
    former, action, uri_match = vars(self).get("_matched_operation", (None, None, None))
    if former is request:
        self.uri_match = uri_match
        return action
    action = moto(self, request)
    self._matched_operation = (request, action, self.uri_match)
    return action
