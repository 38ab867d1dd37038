"""Which operation of which service a request is, with its parameters."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

from localaws.json_object import JsonObject

# botocore's name of a service, where its signatures bear another one.
SERVICES = {
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
RUNTIME = {"sagemaker": "sagemaker-runtime"}  # services whose data plane signs the same name
CBOR = "/operation/"  # in the path of Smithy's RPC protocol


@dataclass(frozen=True)
class Operation:
    """`signing_name` is such as states, `name` such as StartExecution.

    `parameters` are the request's, as far as its body is JSON, a form or its path.
    """

    signing_name: str
    region: str
    name: str
    parameters: JsonObject

    @property
    def service(self) -> str:
        return SERVICES.get(self.signing_name, self.signing_name)


def read(environ: JsonObject, signing_name: str, region: str) -> Operation:
    """The operation in a WSGI environment, whose body can be read again afterwards.

    Its name is "" where no operation of the service fits.
    """
    body: bytes = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return Operation(signing_name, region, target.rpartition(".")[2], _json(body))
    path: str = environ["PATH_INFO"]
    if CBOR in path:
        return Operation(signing_name, region, path.rpartition("/")[2], {})
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        if "Action" in form:
            return Operation(signing_name, region, form["Action"], dict(form))
    return _by_path(environ, body, signing_name, region)


def _by_path(environ: JsonObject, body: bytes, signing_name: str, region: str) -> Operation:
    """Of the REST protocols, which S3 and Lambda have."""
    service = SERVICES.get(signing_name, signing_name)
    if signing_name in RUNTIME:
        service = RUNTIME[signing_name]
    request = Request({**environ, "wsgi.input": io.BytesIO(body)})
    try:
        operation, in_path = get_service_router(service).match(request)
    except (HTTPException, LookupError, NotImplementedError):
        return Operation(signing_name, region, "", {})
    parameters: JsonObject = {**_header_and_query(operation, request), **in_path}
    if service == "s3":
        parameters["Body"] = body  # of which only DeleteObjects needs a part
    elif service not in RUNTIME.values():
        parameters = {**_json(body), **parameters}
    return Operation(signing_name, region, operation.name, parameters)


def _header_and_query(operation: Any, request: Request) -> JsonObject:
    found: JsonObject = {}
    shape = operation.input_shape
    for member, description in (shape.members if shape else {}).items():
        location = description.serialization.get("location")
        name = description.serialization.get("name", member)
        value = None
        if location == "querystring":
            value = request.args.get(name)
        elif location == "header":
            value = request.headers.get(name)
        if value is not None:
            found[member] = value
    return found


def _json(body: bytes) -> JsonObject:
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
