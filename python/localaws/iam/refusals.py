"""Answers to requests that are refused, in the error shape of their service's protocol."""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

from moto.core.request import determine_request_protocol
from moto.core.utils import get_service_model
from werkzeug.wrappers import Response

from localaws.iam.operations import RUNTIME, SERVICES
from localaws.json_object import JsonObject

UNKNOWN_KEY = "The security token included in the request is invalid."
EXPIRED = "The security token included in the request is expired"
UNKNOWN_S3_KEY = "The AWS Access Key Id you provided does not exist in our records."
# Codes that differ from those of the protocol.
ACCESS_DENIED = {"sns": "AuthorizationError", "sqs": "AccessDenied", "monitoring": "AccessDenied"}
XML = {"query", "ec2", "rest-xml"}


def access_denied(environ: JsonObject, service: str, message: str) -> Response:
    is_xml = _protocol(environ, service) in XML
    by_protocol = "AccessDenied" if is_xml else "AccessDeniedException"
    return _refuse(environ, service, ACCESS_DENIED.get(service, by_protocol), message)


def unknown_key(environ: JsonObject, service: str) -> Response:
    if service == "s3":
        return _refuse(environ, service, "InvalidAccessKeyId", UNKNOWN_S3_KEY)
    is_xml = _protocol(environ, service) in XML
    code = "InvalidClientTokenId" if is_xml else "UnrecognizedClientException"
    return _refuse(environ, service, code, UNKNOWN_KEY)


def expired(environ: JsonObject, service: str) -> Response:
    is_xml = _protocol(environ, service) in XML
    code = "ExpiredToken" if is_xml else "ExpiredTokenException"
    return _refuse(environ, service, code, EXPIRED)


def _refuse(environ: JsonObject, service: str, code: str, message: str) -> Response:
    protocol = _protocol(environ, service)
    request_id = str(uuid.uuid4())
    if protocol in XML:
        body = _xml(protocol, code, message, request_id)
        media_type = "text/xml"
    else:
        body = json.dumps({"__type": code, "message": message, "Message": message})
        media_type = "application/json"
    headers = {
        "Content-Type": media_type,
        "x-amzn-RequestId": request_id,
        "x-amzn-ErrorType": code,
    }
    if service == "sqs":  # whose SDKs still read the codes of its former protocol
        headers["x-amzn-query-error"] = f"{code};Sender"
    if environ["REQUEST_METHOD"] == "HEAD":
        body = ""
    return Response(body, 400 if protocol == "json" else 403, headers)


def _xml(protocol: str, code: str, message: str, request_id: str) -> str:
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if protocol == "rest-xml":
        return f"<Error>{error}<RequestId>{request_id}</RequestId></Error>"
    return (
        f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def _protocol(environ: JsonObject, service: str) -> str:
    """Of the request. The data plane of a service refuses as its control plane does."""
    name = SERVICES.get(service, service)
    if service in RUNTIME and "HTTP_X_AMZ_TARGET" not in environ:
        name = RUNTIME[service]
    content_type = environ.get("CONTENT_TYPE")
    return str(determine_request_protocol(get_service_model(name), content_type))
